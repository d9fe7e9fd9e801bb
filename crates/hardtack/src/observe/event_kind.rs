use std::fmt;

use hardtack_core::crypto::Rejection;
use hardtack_core::protocol::ReplayError;
use hardtack_core::store::{Forwarded, StoreError};

/// The kind of a [`SessionEvent`](crate::SessionEvent), with its details.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum EventKind<'a> {
    /// A session was found.
    #[non_exhaustive]
    Loaded {
        /// Whether the cookie contained an old id, which led to the session because of a renewal.
        forwarded: Forwarded,
    },
    /// The session of a cookie is unknown, or has been ended.
    #[non_exhaustive]
    Missed {
        /// Whether a login or logout has ended the session recently.
        is_ended: bool,
    },
    /// A record in the store could not be read, because it is damaged or was written by another program. Its session is
    /// treated as unknown, and the record is kept.
    #[non_exhaustive]
    Unreadable {
        /// The operation that read the record.
        operation: StoreOperation,
        /// The reason why the record could not be read.
        error: &'a StoreError,
    },
    /// A cookie was rejected, because it is forged or damaged, or was signed or encrypted with a key that is no longer
    /// in the key ring. If a stored session's cookie is not in the format of a session id, the reason
    /// is [`Malformed`](Rejection::Malformed).
    #[non_exhaustive]
    Rejected {
        /// The reason for the rejection.
        reason: Rejection,
    },
    /// A session had expired.
    #[non_exhaustive]
    Expired,
    /// A session was created.
    #[non_exhaustive]
    Created,
    /// An existing session was written, with or without a merge.
    #[non_exhaustive]
    Written,
    /// The changes of the preceding [`Written`](EventKind::Written) event were merged with changes by other requests.
    #[non_exhaustive]
    Merged {
        /// The number of keys that were overwritten although another request had changed them: the last writer wins.
        overwritten: usize,
    },
    /// A commit found a newer version, which another request had written.
    #[non_exhaustive]
    Conflict {
        /// The number of times that the commit had to be retried.
        retries: u32,
    },
    /// Changes were dropped, because the session had been ended in the meantime.
    #[non_exhaustive]
    Dropped,
    /// A session was used after the response head had been sent. If the use was a write, it had no effect.
    #[non_exhaustive]
    Late {
        /// The key to be read or written, or a description such as `a login`.
        what: &'a str,
    },
    /// Flash messages were dropped, because too many were waiting.
    #[non_exhaustive]
    FlashesDropped {
        /// The number of messages.
        number: usize,
    },
    /// A response set the session's cookie in a browser whose cookies for this site exceed 8,192 bytes in total.
    #[non_exhaustive]
    Crowded {
        /// The total size of the cookies that the browser sent, in bytes.
        bytes: usize,
    },
    /// Changes were not saved, or possibly not saved, because the request was canceled or its handler panicked. If the
    /// request logged a user in, the login had no effect.
    #[non_exhaustive]
    Abandoned {
        /// What happened to the changes, as a sentence.
        what: &'static str,
    },
    /// A logout could not be carried out after the request was canceled or its handler panicked.
    #[non_exhaustive]
    LogoutLost {
        /// The reason, as a sentence.
        why: &'static str,
    },
    /// The time of a session's last use was recorded.
    #[non_exhaustive]
    Touched,
    /// A session continues under a new id, after a renewal or the logout of a guest.
    #[non_exhaustive]
    Renewed,
    /// A user logged in. A stored session has a new id.
    #[non_exhaustive]
    LoggedIn {
        /// The user who logged in.
        user: EventUser<'a>,
    },
    /// A user logged out.
    #[non_exhaustive]
    LoggedOut {
        /// The user who logged out.
        user: EventUser<'a>,
    },
    /// A session ended: by a logout, because the last key of a session kept in its cookie was removed, or because the
    /// request of a stored session was canceled.
    #[non_exhaustive]
    Ended,
    /// A page of a user's sessions was listed, as devices.
    #[non_exhaustive]
    Listed {
        /// The user whose sessions were listed.
        user: EventUser<'a>,
        /// The number of sessions on this page of the list.
        number: usize,
    },
    /// Sessions were ended from another device.
    #[non_exhaustive]
    Revoked {
        /// The user whose sessions were ended.
        user: EventUser<'a>,
        /// The number of sessions that were ended, which may be 0.
        number: u64,
    },
    /// A store operation failed.
    #[non_exhaustive]
    StoreFailed {
        /// The operation that failed.
        operation: StoreOperation,
        /// The store's error.
        error: &'a StoreError,
    },
    /// The function of an [`update`](crate::Session::update) could not run again on a value that another request had
    /// written, so none of its request's changes are saved. This is a mistake in the application.
    #[non_exhaustive]
    UpdateFailed {
        /// The error, which names the key.
        error: &'a ReplayError,
    },
}

/// An operation that a layer performs on its store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreOperation {
    /// Loading a session.
    Load,
    /// Saving, touching, or ending a session, in an early save or at the end of a request.
    Save,
    /// Listing the sessions of a user.
    List,
    /// Ending sessions of a user from another device.
    Revoke,
}

impl StoreOperation {
    /// Returns the operation as one word, for the label of a metric.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Save => "save",
            Self::List => "list",
            Self::Revoke => "revoke",
        }
    }
}

/// The user in an event. `Debug` redacts the name, so that an event can be logged without revealing the user.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EventUser<'a>(pub(crate) &'a str);

impl<'a> EventUser<'a> {
    /// Returns the user that was passed to [`log_in`](crate::Session::log_in), as a string.
    pub const fn as_str(self) -> &'a str {
        self.0
    }
}

impl fmt::Debug for EventUser<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventUser([redacted])")
    }
}
