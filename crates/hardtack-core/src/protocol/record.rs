use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use crate::protocol::{Lineage, Login, Owner, Purpose};

/// A session as a store keeps it.
///
/// A store may round times to whole milliseconds, and returns every other field as it was written.
///
/// ```
/// use hardtack_core::protocol::{Purpose, Record};
/// use std::time::{Duration, SystemTime};
///
/// let now = SystemTime::now();
/// let record = Record::new(Purpose::default(), *b"{}", now)
///     .expires_at(now + Duration::from_secs(60))
///     .deadline(now + Duration::from_secs(3600));
/// assert_eq!(record.last_seen, now);
/// assert_eq!(record.login, None);
/// assert!(!record.is_expired(now));
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// The kind of the session. The purpose is also part of the record's key, so it never changes.
    pub purpose: Purpose,
    /// The session's data, which is opaque to a store. The data is shared, so that loading from memory copies nothing.
    pub data: Arc<[u8]>,
    /// The user and the identity of their login, or `None` if no user has logged in.
    pub login: Option<Login>,
    /// The name of the device, as the application set it for this session.
    pub label: Option<Arc<str>>,
    /// When the session began. This time never changes.
    pub created_at: SystemTime,
    /// When the session was last used, to the precision of the touch interval.
    pub last_seen: SystemTime,
    /// When the session expires if it is not used again. Never after `deadline`.
    pub expires_at: SystemTime,
    /// When the session expires even if it is used continuously.
    pub deadline: SystemTime,
}

impl Record {
    /// For store authors: creates a record without a user and without a label, whose other times are also `created_at`.
    ///
    /// Such a record has expired: set [`expires_at`](Record::expires_at) and [`deadline`](Record::deadline). Each of
    /// the methods below sets exactly one field, to the value that the store has read.
    #[inline]
    #[must_use]
    pub fn new(purpose: Purpose, data: impl Into<Arc<[u8]>>, created_at: SystemTime) -> Self {
        Self {
            purpose,
            data: data.into(),
            login: None,
            label: None,
            created_at,
            last_seen: created_at,
            expires_at: created_at,
            deadline: created_at,
        }
    }

    /// Sets the user and the identity of their login. The default is `None`.
    #[inline]
    #[must_use]
    pub fn login(mut self, login: Option<Login>) -> Self {
        self.login = login;
        self
    }

    /// Sets the name of the device. The default is `None`.
    #[inline]
    #[must_use]
    pub fn label(mut self, label: Option<Arc<str>>) -> Self {
        self.label = label;
        self
    }

    /// Sets when the session was last used. The default is `created_at`.
    #[inline]
    #[must_use]
    pub fn last_seen(mut self, last_seen: SystemTime) -> Self {
        self.last_seen = last_seen;
        self
    }

    /// Sets when the session expires if it is not used again. The default is `created_at`.
    #[inline]
    #[must_use]
    pub fn expires_at(mut self, expires_at: SystemTime) -> Self {
        self.expires_at = expires_at;
        self
    }

    /// Sets when the session expires even if it is used continuously. The default is `created_at`.
    #[inline]
    #[must_use]
    pub fn deadline(mut self, deadline: SystemTime) -> Self {
        self.deadline = deadline;
        self
    }

    /// Returns the user who owns the session, or `None` if no user has logged in.
    #[must_use]
    pub fn owner(&self) -> Option<&Owner> {
        self.login.as_ref().map(|login| &login.owner)
    }

    /// Returns the identity of the login that started the session, or `None` if no user has logged in.
    #[must_use]
    pub fn lineage(&self) -> Option<&Lineage> {
        self.login.as_ref().map(|login| &login.lineage)
    }
}

/// Shows lengths instead of values: the contents of a session must not appear in a log.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("purpose", &self.purpose)
            .field("data", &Redacted(self.data.len()))
            .field("login", &self.login)
            .field("label", &self.label.as_ref().map(|label| Redacted(label.len())))
            .field("created_at", &self.created_at)
            .field("last_seen", &self.last_seen)
            .field("expires_at", &self.expires_at)
            .field("deadline", &self.deadline)
            .finish()
    }
}

/// A value of which only the length, in bytes, is shown.
pub(crate) struct Redacted(pub(crate) usize);

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes]", self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn debug_shows_lengths_and_no_values() {
        let record = Record {
            purpose: Purpose::default(),
            data: br#"{"card":"4111"}"#[..].into(),
            login: Some(Login { owner: Owner::new("jane"), lineage: Lineage::from_random([52; 16]) }),
            label: Some("kitchen".into()),
            created_at: UNIX_EPOCH,
            last_seen: UNIX_EPOCH,
            expires_at: UNIX_EPOCH,
            deadline: UNIX_EPOCH,
        };
        let shown = format!("{record:?}");
        for secret in ["card", "4111", "jane", "kitchen", "52"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(shown.contains("[15 bytes]") && shown.contains("[7 bytes]"), "{shown}");
    }
}
