use std::fmt;
use std::time::Duration;

use hardtack_core::protocol::{LogId, StoreKey};

use crate::observe::EventKind;

/// Something that happened to a session, for [`SessionLayer::on_event`](crate::SessionLayer::on_event).
///
/// An event never contains a session id, a key of the store, a cookie, or a value of the session. Two kinds,
/// [`Late`](EventKind::Late) and [`UpdateFailed`](EventKind::UpdateFailed), report a mistake in the application and name
/// the key of the session that it concerns.
#[derive(Clone, Copy)]
pub struct SessionEvent<'a> {
    pub(super) marker: &'static str,
    pub(super) kind: EventKind<'a>,
    pub(super) subject: Subject<'a>,
    pub(super) salt: &'a [u8; 32],
}

/// The session that an event is about.
#[derive(Clone, Copy, Default)]
pub(crate) struct Subject<'a> {
    key: Option<&'a StoreKey>,
    before: Option<&'a StoreKey>,
    took: Option<Duration>,
}

impl<'a> SessionEvent<'a> {
    /// Returns what happened.
    pub const fn kind(&self) -> &EventKind<'a> {
        &self.kind
    }

    /// Returns the name of the layer's marker type, which distinguishes the sessions of one application: that of
    /// [`Main`](crate::Main), unless the layer is [named](crate::SessionLayer::named).
    pub const fn marker(&self) -> &'static str {
        self.marker
    }

    /// Returns the identifier of a stored session in logs: a salted hash of its key. In
    /// [`Revoked`](EventKind::Revoked), it is the session that was ended or, if all others were, the one that remains. The same session has the same
    /// identifier until it is renewed or the layer is created again. A session kept in its cookie does not have one.
    pub fn session(&self) -> Option<LogId> {
        self.subject.key.map(|key| key.log_id(self.salt))
    }

    /// Returns the identifier that the session had before a renewal, login, or logout gave it a new id.
    pub fn session_before(&self) -> Option<LogId> {
        self.subject.before.map(|key| key.log_id(self.salt))
    }

    /// Returns how long the store took to answer, including retries. Of the events of one operation, only the first one
    /// that reports its result has this duration.
    pub const fn took(&self) -> Option<Duration> {
        self.subject.took
    }
}

impl<'a> Subject<'a> {
    pub(crate) fn of(key: Option<&'a StoreKey>) -> Self {
        Self { key, before: None, took: None }
    }

    pub(crate) fn before(self, before: Option<&'a StoreKey>) -> Self {
        Self { before, ..self }
    }

    pub(crate) fn took(self, took: Option<Duration>) -> Self {
        Self { took, ..self }
    }

    pub(super) fn key(self) -> Option<&'a StoreKey> {
        self.key
    }

    pub(super) fn key_before(self) -> Option<&'a StoreKey> {
        self.before
    }

    #[cfg(feature = "metrics")]
    pub(super) fn duration(self) -> Option<Duration> {
        self.took
    }
}

/// Redacted: shows the session's identifier in logs instead of its key, and omits the user.
impl fmt::Debug for SessionEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionEvent")
            .field("marker", &self.marker)
            .field("kind", &self.kind)
            .field("session", &self.session())
            .field("session_before", &self.session_before())
            .field("took", &self.took())
            .finish()
    }
}
