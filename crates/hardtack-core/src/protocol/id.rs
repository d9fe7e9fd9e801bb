use std::fmt;

use crate::base64;
use crate::protocol::Purpose;

/// The id of a stored session, which the browser holds: 256 random bits, written as 43 characters of base64url.
///
/// ```
/// use hardtack_core::protocol::SessionId;
///
/// let id = SessionId::from_random([7; 32]); // from a cryptographic generator
/// assert_eq!(id.to_text().len(), 43);
/// assert_eq!(SessionId::parse(id.to_text().as_bytes()), Some(id));
/// ```
///
/// # Security
///
/// Anyone who has the id controls the session. `SessionId` does not implement `Display`, its `Debug` is redacted, and
/// stores see only its [`StoreKey`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SessionId([u8; 32]);

/// The key under which a session is stored: a digest of its [`Purpose`] and its [`SessionId`].
///
/// An id has a different key for each purpose, so sessions that share a store cannot be confused. The digest is keyed
/// BLAKE3. For this use, it is as strong as SHA-256 at a quarter of the cost, and its constant key ensures that it
/// differs from every digest that is computed elsewhere. The id cannot be recovered from the digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreKey([u8; 32]);

impl SessionId {
    /// Creates an id from 256 bits of a cryptographic random generator.
    pub const fn from_random(random: [u8; 32]) -> Self {
        Self(random)
    }

    /// Parses the value of a cookie. Accepts only the exact output of [`to_text`](SessionId::to_text).
    pub fn parse(text: &[u8]) -> Option<Self> {
        base64::decode_id(text).map(Self)
    }

    /// Returns the value for the cookie.
    pub fn to_text(&self) -> String {
        base64::encode_id(&self.0)
    }

    /// Returns the key under which the session with this id and purpose is stored.
    #[inline]
    pub fn store_key(&self, purpose: &Purpose) -> StoreKey {
        // With the main purpose, the message fits in one block of BLAKE3, so hashing it costs no more than hashing the
        // id alone.
        let mut message = [0; 1 + Purpose::MAX_LEN + 32];
        let length = purpose.write_prefixed(&mut message);
        message[length..length + 32].copy_from_slice(&self.0);
        StoreKey(*blake3::keyed_hash(CONTEXT, &message[..length + 32]).as_bytes())
    }
}

/// The 32-byte BLAKE3 key, which separates this digest from digests for other uses.
const CONTEXT: &[u8; 32] = b"hardtack store key, version 2   ";

impl StoreKey {
    /// The length of a key in bytes.
    pub const LEN: usize = 32;

    /// Creates a key from the bytes that a store has read.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes that a store writes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId([redacted])")
    }
}

/// Redacted: anyone who can read both a log and the session table could otherwise find a session by its key.
impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreKey([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o5_only_its_own_text_is_an_id() {
        let text = SessionId::from_random([255; 32]).to_text();
        assert!(SessionId::parse(text.as_bytes()).is_some());
        for wrong in
            ["", "short", &text[1..], &format!("{text}A"), &format!("{text}="), &text.replace('_', "/")]
        {
            assert_eq!(SessionId::parse(wrong.as_bytes()), None, "{wrong}");
        }
        // An invalid byte at each position, and lengths that must not be decoded.
        for byte in (0..=u8::MAX).filter(|byte| !byte.is_ascii_alphanumeric() && !b"-_".contains(byte)) {
            for place in 0..text.len() {
                let mut wrong = text.clone().into_bytes();
                wrong[place] = byte;
                assert_eq!(SessionId::parse(&wrong), None, "{byte} at {place}");
            }
        }
        assert_eq!(SessionId::parse(&vec![b'A'; 1 << 20]), None);
    }

    #[test]
    fn a_key_tells_nothing_of_its_id() {
        let (id, main) = (SessionId::from_random([7; 32]), Purpose::default());
        assert_ne!(id.store_key(&main).as_bytes(), &[7; 32]);
        assert_ne!(id.store_key(&main), SessionId::from_random([8; 32]).store_key(&main));
        assert_eq!(format!("{id:?} {:?}", id.store_key(&main)), "SessionId([redacted]) StoreKey([redacted])");
    }

    #[test]
    fn a30_one_id_has_another_key_for_each_purpose() {
        let id = SessionId::from_random([b'b'; 32]);
        let mut purposes: Vec<Purpose> = ["a", "ab", "abb", "b", "session", "session ", "Session"]
            .map(|text| Purpose::new(text).unwrap())
            .into();
        purposes.extend((1..=Purpose::MAX_LEN).map(|length| Purpose::new("x".repeat(length)).unwrap()));
        let keys: std::collections::HashSet<StoreKey> =
            purposes.iter().map(|purpose| id.store_key(purpose)).collect();
        assert_eq!(keys.len(), purposes.len());
    }

    /// The hashed messages for ("a", "bc…") and ("ab", "c…") must differ, although their concatenations are equal.
    #[test]
    fn a30_a_purpose_cannot_lend_its_end_to_an_id() {
        let message = |purpose: &str, id: &str| {
            let (prefixed, length) = Purpose::new(purpose).unwrap().prefixed();
            [&prefixed[..length], id.as_bytes()].concat()
        };
        assert_ne!(message("a", "bc"), message("ab", "c"));
        assert_ne!(message("abc", ""), message("ab", "c"));
    }

    #[test]
    fn a_key_of_the_main_purpose_is_one_block_of_the_digest() {
        let (_, length) = Purpose::default().prefixed();
        assert!(length + 32 <= 64);
    }
}
