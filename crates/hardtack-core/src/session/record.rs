use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use crate::session::{Lineage, Login, Owner, Purpose};

/// What a store keeps of one session.
///
/// Times may be stored to whole milliseconds; everything else comes back as it was written.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// What the session is for. It is also in the record's key, so it never changes.
    pub purpose: Purpose,
    /// The session's data, opaque to a store. Shared, so that loading from memory copies nothing.
    pub data: Arc<[u8]>,
    /// Whose session it is, once someone has logged in.
    pub login: Option<Login>,
    /// What the device calls itself.
    pub label: Option<Arc<str>>,
    /// When the session began; moved by nothing.
    pub created_at: SystemTime,
    /// When it was last used, to the precision of touching.
    pub last_seen: SystemTime,
    /// When it ends unless it is used; never after `deadline`.
    pub expires_at: SystemTime,
    /// When it ends in any case.
    pub deadline: SystemTime,
}

impl Record {
    /// The user whose session it is, once someone has logged in.
    #[must_use]
    pub fn owner(&self) -> Option<&Owner> {
        self.login.as_ref().map(|login| &login.owner)
    }

    /// Which login it comes from, once someone has logged in.
    #[must_use]
    pub fn lineage(&self) -> Option<&Lineage> {
        self.login.as_ref().map(|login| &login.lineage)
    }
}

/// Shows lengths instead of values: what a session holds has no place in a log.
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

/// A value that is not shown, with its length in bytes.
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
