use std::fmt;

use crate::base64;

/// What the browser holds of a stored session: 256 random bits, 43 characters of base64url.
///
/// ```
/// use hardtack_core::session::SessionId;
///
/// let id = SessionId::from_random([7; 32]);
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

/// Where a session lies in a store: a digest of its [`SessionId`].
///
/// The digest is keyed BLAKE3: at a quarter of the cost of SHA-256, as strong for this, and keyed with a constant so
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

    /// Where the session lies.
    pub fn store_key(&self) -> StoreKey {
        StoreKey(*blake3::keyed_hash(CONTEXT, &self.0).as_bytes())
    }
}

/// Thirty-two bytes that only say what the digest is for.
const CONTEXT: &[u8; 32] = b"hardtack store key, version 1   ";

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
        let id = SessionId::from_random([7; 32]);
        assert_ne!(id.store_key().as_bytes(), &[7; 32]);
        assert_ne!(id.store_key(), SessionId::from_random([8; 32]).store_key());
        assert_eq!(format!("{id:?} {:?}", id.store_key()), "SessionId([redacted]) StoreKey([redacted])");
    }
}
