use std::fmt;

use hardtack_core::crypto::Rejection;
use hardtack_core::protocol::ReplayError;
use hardtack_core::store::{Forwarded, StoreError};

/// What happened to a session. See [`SessionEvent`](crate::SessionEvent).
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum EventKind<'a> {
    /// A session was found.
    #[non_exhaustive]
    Loaded {
        /// Whether the cookie named an older id, which was forwarded after a renewal.
        forwarded: Forwarded,
    },
    /// The session that a cookie names is unknown, or has been ended.
    #[non_exhaustive]
    Missed {
        /// Whether a login or logout has just ended it.
        is_ended: bool,
    },
    /// A record in the store could not be read, because it is damaged or was written by another program. Its session
    /// counts as unknown, and the record is kept.
    #[non_exhaustive]
    Unreadable {
        /// What the store was asked to do.
        operation: StoreOperation,
        /// Why the record could not be read.
        error: &'a StoreError,
    },
    /// A cookie was rejected, because it is forged or damaged, or was signed with a key that is no longer known. A
    /// cookie that is not in the format of a session id is [`Malformed`](Rejection::Malformed).
    #[non_exhaustive]
    Rejected {
        /// Why.
        reason: Rejection,
    },
    /// A session had expired.
    #[non_exhaustive]
    Expired,
    /// A session began.
    #[non_exhaustive]
    Created,
    /// A session was written, whether merged or not.
    #[non_exhaustive]
    Written,
    /// The session that was just written was merged with what other requests had written.
    #[non_exhaustive]
    Merged {
        /// The number of keys that were overwritten although another request had changed them: the last writer wins.
        overwritten: usize,
    },
    /// A commit found a newer version by another request.
    #[non_exhaustive]
    Conflict {
        /// The number of times that the commit had to be retried.
        retries: u32,
    },
    /// Changes were dropped, because the session had been ended in the meantime.
    #[non_exhaustive]
    Dropped,
    /// A session was used after the response head had been sent. A write then has no effect.
    #[non_exhaustive]
    Late {
        /// What was to be read or written: a key of the session, or a description such as `a login`.
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
    /// Changes were not saved, because their request was canceled or its handler panicked. A login among them did not
    /// take effect.
    #[non_exhaustive]
    Abandoned {
        /// What was not saved, as a sentence.
        what: &'static str,
    },
    /// A logout could not be carried out after its request was canceled or its handler panicked.
    #[non_exhaustive]
    LogoutLost {
        /// Why, as a sentence.
        why: &'static str,
    },
    /// The time of a session's last use was recorded.
    #[non_exhaustive]
    Touched,
    /// A session continues under a new id.
    #[non_exhaustive]
    Renewed,
    /// A user logged in. A stored session has a new id.
    #[non_exhaustive]
    LoggedIn {
        /// Who.
        user: EventUser<'a>,
    },
    /// A user logged out.
    #[non_exhaustive]
    LoggedOut {
        /// Who.
        user: EventUser<'a>,
    },
    /// A session was ended: by a logout, or because its last key was removed from a cookie.
    #[non_exhaustive]
    Ended,
    /// The sessions of a user were listed, as devices.
    #[non_exhaustive]
    Listed {
        /// Whose.
        user: EventUser<'a>,
        /// The number of sessions on this page of the list.
        number: usize,
    },
    /// Sessions were ended from another device.
    #[non_exhaustive]
    Revoked {
        /// Whose.
        user: EventUser<'a>,
        /// The number of sessions; 0 if there was nothing to end.
        number: u64,
    },
    /// A store operation failed.
    #[non_exhaustive]
    StoreFailed {
        /// What the store was asked to do.
        operation: StoreOperation,
        /// Why it failed.
        error: &'a StoreError,
    },
    /// The function of an [`update`](crate::Session::update) could not run again on what another request wrote, so
    /// nothing of its request is saved. This is a mistake in the application.
    #[non_exhaustive]
    UpdateFailed {
        /// Why, with the key.
        error: &'a ReplayError,
    },
}

/// What a store was asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreOperation {
    /// To load a session.
    Load,
    /// To save, touch, or end a session at the end of its request, or early.
    Save,
    /// To list the sessions of a user.
    List,
    /// To end sessions of a user from another device.
    Revoke,
}

impl StoreOperation {
    /// Returns the operation in one word, for a metric's label.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Save => "save",
            Self::List => "list",
            Self::Revoke => "revoke",
        }
    }
}

/// The user in an event. `Debug` redacts the name, so that logging an event does not log who it is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EventUser<'a>(pub(crate) &'a str);

impl<'a> EventUser<'a> {
    /// Returns the user as passed to [`log_in`](crate::Session::log_in).
    pub const fn as_str(self) -> &'a str {
        self.0
    }
}

impl fmt::Debug for EventUser<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventUser([redacted])")
    }
}
