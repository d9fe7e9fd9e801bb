use std::fmt;
use std::time::Duration;

use hardtack_core::protocol::{LogId, StoreKey};

use crate::observe::EventKind;

/// An event in the life of a session, as passed to the functions
/// that [`SessionLayer::on_event`](crate::SessionLayer::on_event) adds.
///
/// An event never contains a session id, a store key, a cookie, or a value. The two kinds [`Late`](EventKind::Late)
/// and [`UpdateFailed`](EventKind::UpdateFailed) report a mistake in the application. They contain the name of the key
/// that the application was reading or writing.
#[derive(Clone, Copy)]
pub struct SessionEvent<'a> {
    pub(super) marker: &'static str,
    pub(super) kind: EventKind<'a>,
    pub(super) subject: Subject<'a>,
    pub(super) salt: &'a [u8; 32],
}

/// The session that an event is about, and the duration of the store operation.
#[derive(Clone, Copy, Default)]
pub(crate) struct Subject<'a> {
    key: Option<&'a StoreKey>,
    before: Option<&'a StoreKey>,
    took: Option<Duration>,
}

impl<'a> SessionEvent<'a> {
    /// Returns what happened, with its details.
    pub const fn kind(&self) -> &EventKind<'a> {
        &self.kind
    }

    /// Returns the type name of the layer's marker, which distinguishes the sessions of one application. Unless the
    /// layer is [named](crate::SessionLayer::named), the marker is [`Main`](crate::Main).
    pub const fn marker(&self) -> &'static str {
        self.marker
    }

    /// Returns the identifier of a stored session in logs, which is a salted hash of its store key. Returns `None` for
    /// a session kept in its cookie, and for events without a session or its key,
    /// such as [`Rejected`](EventKind::Rejected).
    ///
    /// A session has the same identifier until its id changes or the layer is created again. The identifier in
    /// a [`Revoked`](EventKind::Revoked) event is that of the session that was ended or, if all other sessions of the
    /// user were ended, that of the remaining session.
    pub fn session(&self) -> Option<LogId> {
        self.subject.key.map(|key| key.log_id(self.salt))
    }

    /// Returns the identifier that a stored session had before the renewal, login, or logout that this event reports.
    /// Returns `None` for other events, and if the session was not stored before.
    pub fn session_before(&self) -> Option<LogId> {
        self.subject.before.map(|key| key.log_id(self.salt))
    }

    /// Returns how long the store took to answer, including retries. If one operation causes several events, only the
    /// first event that reports the result has a duration. Events that report no store operation have none.
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
