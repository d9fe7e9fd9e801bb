use std::fmt;
use std::sync::Arc;

/// A session's user, and the identity of the login that started the session.
///
/// A record has both an owner and a lineage, or neither: a session without a user has no lineage.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Login {
    /// The user.
    pub owner: Owner,
    /// The identity of the login.
    pub lineage: Lineage,
}

/// The user who owns a session, in the application's own terms.
///
/// ```
/// use hardtack_core::protocol::Owner;
///
/// let jane = Owner::new("jane");
/// assert_eq!(jane.as_str(), "jane");
/// assert_eq!(format!("{jane:?}"), "Owner([redacted])");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Owner(Arc<str>);

/// The identity of a login: 128 random bits that are drawn at the login and kept by every renewal.
///
/// A renewal changes the id and the key of a session, but not its lineage. To end all of a user's sessions except one,
/// identify that session by its lineage, because another tab may renew it at any time.
///
/// ```
/// use hardtack_core::protocol::Lineage;
///
/// let lineage = Lineage::from_random([7; 16]); // from a cryptographic generator, new for each login
/// assert_eq!(Lineage::from_bytes(*lineage.as_bytes()), lineage);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lineage([u8; 16]);

impl Login {
    /// Creates the login of a user.
    #[must_use]
    pub const fn new(owner: Owner, lineage: Lineage) -> Self {
        Self { owner, lineage }
    }
}

impl Owner {
    /// Creates an owner from the user's name or number, as a string.
    pub fn new(user: impl Into<Arc<str>>) -> Self {
        Self(user.into())
    }

    /// Returns the user as a string.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Lineage {
    /// The length of a lineage in bytes.
    pub const LEN: usize = 16;

    /// Creates a lineage from 128 bits of a cryptographic random generator.
    #[must_use]
    pub const fn from_random(random: [u8; 16]) -> Self {
        Self(random)
    }

    /// Creates a lineage from the bytes that a store has read.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes that a store writes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// Redacted: user names must not appear in a log.
impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Owner([redacted])")
    }
}

/// Redacted: a lineage would link log entries to one user's login.
impl fmt::Debug for Lineage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lineage([redacted])")
    }
}
