use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

/// What a store keeps of one session.
///
/// Times may be stored to whole milliseconds; everything else comes back as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The session's data, opaque to a store. Shared, so that loading from memory copies nothing.
    pub data: Arc<[u8]>,
    /// Whose session it is, once someone has logged in.
    pub owner: Option<Owner>,
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

/// The user whom a session belongs to, as the application names users.
///
/// ```
/// use hardtack_core::session::Owner;
///
/// let jane = Owner::new("jane");
/// assert_eq!(jane.as_str(), "jane");
/// assert_eq!(format!("{jane:?}"), "Owner([redacted])");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Owner(Arc<str>);

impl Owner {
    /// The user's name or number, as text.
    pub fn new(user: impl Into<Arc<str>>) -> Self {
        Self(user.into())
    }

    /// The text it was made from.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Redacted: a user's name has no place in a log.
impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Owner([redacted])")
    }
}
