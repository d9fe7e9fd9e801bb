use std::fmt;
use std::sync::Arc;

/// A session's user, and the login from which the session comes.
///
/// A record has both or neither: a session without a user has no lineage.
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

/// The identity of a login, shared by all of its renewals: 128 random bits that a login draws and a renewal keeps.
///
/// The id and key of a session change when it is renewed; its lineage does not. To end all of a user's sessions except
/// one, name that one by its lineage, because another tab may renew it at any moment.
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
    /// Creates an owner from the user's name or number, as text.
    pub fn new(user: impl Into<Arc<str>>) -> Self {
        Self(user.into())
    }

    /// Returns the user as text.
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

    /// Creates a lineage from the bytes that a store read back.
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

/// Redacted: a lineage links log entries to one user's login.
impl fmt::Debug for Lineage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lineage([redacted])")
    }
}
