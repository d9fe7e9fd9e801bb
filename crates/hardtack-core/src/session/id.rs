use std::fmt;

use crate::base64;
use crate::session::Purpose;

/// What the browser holds of a stored session: 256 random bits, 43 characters of base64url.
///
/// ```
/// use hardtack_core::session::SessionId;
///
/// let id = SessionId::from_random([7; 32]); // from a cryptographic generator
/// assert_eq!(id.to_text().len(), 43);
/// assert_eq!(SessionId::parse(id.to_text().as_bytes()), Some(id));
/// ```
///
/// # Security
///
/// Whoever holds it holds the session. It has no `Display`, its `Debug` is redacted, and stores only ever see its
/// [`StoreKey`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SessionId([u8; 32]);

/// Where a session is stored: a digest of its [`Purpose`] and its [`SessionId`].
///
/// So one id has another key for each purpose: sessions that share a store cannot be taken for one another. The digest is
/// keyed BLAKE3: at a quarter of the cost of SHA-256, as strong for this, and keyed with a constant so
/// that it equals no digest made elsewhere. Nobody can go back from it to the id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreKey([u8; 32]);

impl SessionId {
    /// Makes an id of 256 bits from a cryptographic random generator.
    pub const fn from_random(random: [u8; 32]) -> Self {
        Self(random)
    }

    /// Reads what the browser sent. `None` unless it is exactly what [`to_text`](SessionId::to_text) writes.
    pub fn parse(text: &[u8]) -> Option<Self> {
        base64::decode_id(text).map(Self)
    }

    /// The cookie's value.
    pub fn to_text(&self) -> String {
        base64::encode_id(&self.0)
    }

    /// Where the session with this id and this purpose is stored.
    #[inline]
    pub fn store_key(&self, purpose: &Purpose) -> StoreKey {
        // With the main purpose it is one block of BLAKE3, as the id alone would be.
        let mut message = [0; 1 + Purpose::MAX_LEN + 32];
        let length = purpose.write_prefixed(&mut message);
        message[length..length + 32].copy_from_slice(&self.0);
        StoreKey(*blake3::keyed_hash(CONTEXT, &message[..length + 32]).as_bytes())
    }
}

/// Thirty-two bytes that only say what the digest is for.
const CONTEXT: &[u8; 32] = b"hardtack store key, version 2   ";

impl StoreKey {
    /// The length of a key in bytes.
    pub const LEN: usize = 32;

    /// Wraps the bytes that a store read back.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes that a store writes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId([redacted])")
    }
}

/// Redacted too: it would let who reads a log look up who reads a table.
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
        // A foreign byte at each place, and lengths that nobody should have to decode.
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

    /// What is hashed for ("a", "bc…") and for ("ab", "c…") must differ, though joined they are the same.
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
