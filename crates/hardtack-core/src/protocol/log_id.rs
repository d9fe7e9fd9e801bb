use std::fmt;

use super::StoreKey;

/// The identifier of a session in logs: 16 hexadecimal digits that depend only on the session's key and a salt.
///
/// ```
/// use hardtack_core::protocol::{Purpose, SessionId};
///
/// let key = SessionId::from_random([7; 32]).store_key(&Purpose::default());
/// let (salt, other) = ([1; 32], [2; 32]);
/// assert_eq!(key.log_id(&salt).to_string().len(), 16);
/// assert_eq!(key.log_id(&salt), key.log_id(&salt));
/// assert_ne!(key.log_id(&salt), key.log_id(&other));
/// ```
///
/// # Security
///
/// More people can read the logs than the store. Without the salt, a reader who has a session id or store key cannot
/// tell whether a log id belongs to that session (OWASP, Session Management Cheat Sheet, "Logging Sessions Life
/// Cycle").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogId(u64);

impl StoreKey {
    /// Returns the identifier of the session in logs. `salt` must be secret and random.
    pub fn log_id(&self, salt: &[u8; 32]) -> LogId {
        let digest = blake3::keyed_hash(salt, self.as_bytes());
        let head = digest.as_bytes().first_chunk().expect("a digest has 32 bytes");
        LogId(u64::from_be_bytes(*head))
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
