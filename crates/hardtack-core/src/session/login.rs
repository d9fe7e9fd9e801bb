use std::fmt;
use std::sync::Arc;

/// The user who has logged in to a session, and which login it was.
///
/// A record has both or neither: a session without a user has no lineage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The user.
    pub owner: Owner,
    /// The login itself.
    pub lineage: Lineage,
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

/// One login and every renewal of it: 128 random bits that a login draws and a renewal keeps.
///
/// A session's id and key change when it is renewed; its lineage does not. So whoever must not be ended with a user's
/// other sessions is named by lineage: another tab may renew the session at any moment.
///
/// ```
/// use hardtack_core::session::Lineage;
///
/// let lineage = Lineage::from_random([7; 16]); // from a cryptographic generator, new for each login
/// assert_eq!(Lineage::from_bytes(*lineage.as_bytes()), lineage);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lineage([u8; 16]);

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

impl Lineage {
    /// The length of a lineage in bytes.
    pub const LEN: usize = 16;

    /// Makes a lineage of 128 bits from a cryptographic random generator.
    #[must_use]
    pub const fn from_random(random: [u8; 16]) -> Self {
        Self(random)
    }

    /// Wraps the bytes that a store read back.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes that a store writes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// Redacted: a user's name has no place in a log.
impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Owner([redacted])")
    }
}

/// Redacted too: it tells one user's sessions apart.
impl fmt::Debug for Lineage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lineage([redacted])")
    }
}
