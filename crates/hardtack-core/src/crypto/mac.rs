//! HMAC (RFC 2104) with precomputed key states, and plain hashing to derive keys.

use hmac::{Hmac, KeyInit, Mac as _};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::Digest;

/// A prepared HMAC key. Computing a tag copies the precomputed hash states, and hashes only the message.
pub(super) enum Mac {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Sha384(Hmac<Sha384>),
    Sha512(Hmac<Sha512>),
}

impl Mac {
    pub(super) fn new(digest: Digest, key: &[u8]) -> Self {
        match digest {
            Digest::Sha1 => Self::Sha1(keyed(key)),
            Digest::Sha256 => Self::Sha256(keyed(key)),
            Digest::Sha384 => Self::Sha384(keyed(key)),
            Digest::Sha512 => Self::Sha512(keyed(key)),
        }
    }

    /// Computes the tag of a message.
    pub(super) fn tag(&self, message: &[u8]) -> Tag {
        match self {
            Self::Sha1(key) => Tag::of(&key.clone().chain_update(message).finalize().into_bytes()),
            Self::Sha256(key) => Tag::of(&key.clone().chain_update(message).finalize().into_bytes()),
            Self::Sha384(key) => Tag::of(&key.clone().chain_update(message).finalize().into_bytes()),
            Self::Sha512(key) => Tag::of(&key.clone().chain_update(message).finalize().into_bytes()),
        }
    }

    /// Returns the length of this key's tags, in bytes.
    pub(super) fn tag_len(&self) -> usize {
        match self {
            Self::Sha1(_) => 20,
            Self::Sha256(_) => 32,
            Self::Sha384(_) => 48,
            Self::Sha512(_) => 64,
        }
    }

    /// Returns whether `tag` is the complete tag of the message. The comparison takes constant time.
    pub(super) fn verifies(&self, message: &[u8], tag: &[u8]) -> bool {
        match self {
            Self::Sha1(key) => key.clone().chain_update(message).verify_slice(tag),
            Self::Sha256(key) => key.clone().chain_update(message).verify_slice(tag),
            Self::Sha384(key) => key.clone().chain_update(message).verify_slice(tag),
            Self::Sha512(key) => key.clone().chain_update(message).verify_slice(tag),
        }
        .is_ok()
    }
}

/// Hashes the concatenation of several parts.
pub(super) fn hash(digest: Digest, parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    fn of<D: sha2::Digest>(parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
        let hash = parts.iter().fold(D::new(), |hash, part| hash.chain_update(part));
        Zeroizing::new(hash.finalize().to_vec())
    }
    match digest {
        Digest::Sha1 => of::<Sha1>(parts),
        Digest::Sha256 => of::<Sha256>(parts),
        Digest::Sha384 => of::<Sha384>(parts),
        Digest::Sha512 => of::<Sha512>(parts),
    }
}

fn keyed<M: KeyInit>(key: &[u8]) -> M {
    M::new_from_slice(key).expect("HMAC accepts keys of any length")
}

/// The HMAC of a message: up to 64 bytes, depending on the digest.
pub(super) struct Tag {
    bytes: [u8; 64],
    len: usize,
}

impl Tag {
    fn of(tag: &[u8]) -> Self {
        let mut bytes = [0; 64];
        bytes[..tag.len()].copy_from_slice(tag);
        Self { bytes, len: tag.len() }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The test cases with the key "Jefe" from RFC 2202, section 3, and RFC 4231, section 4.
    #[test]
    fn tags_are_those_of_the_standards() {
        let message = b"what do ya want for nothing?";
        for (digest, tag) in [
            (Digest::Sha1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            (Digest::Sha256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        ] {
            assert_eq!(hex(Mac::new(digest, b"Jefe").tag(message).as_bytes()), tag);
        }
        let long = Mac::new(Digest::Sha384, b"Jefe").tag(message);
        assert!(hex(long.as_bytes()).starts_with("af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47"));
        let longer = Mac::new(Digest::Sha512, b"Jefe").tag(message);
        assert!(hex(longer.as_bytes()).starts_with("164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd6"));
    }

    #[test]
    fn only_the_whole_tag_verifies() {
        for digest in [Digest::Sha1, Digest::Sha256, Digest::Sha384, Digest::Sha512] {
            let mac = Mac::new(digest, b"key");
            let tag = mac.tag(b"message");
            assert_eq!(tag.as_bytes().len(), mac.tag_len());
            assert!(mac.verifies(b"message", tag.as_bytes()));
            assert!(!mac.verifies(b"massage", tag.as_bytes()));
            assert!(!mac.verifies(b"message", &tag.as_bytes()[1..]));
            assert!(!mac.verifies(b"message", b""));
            let mut changed = tag.as_bytes().to_vec();
            changed[0] ^= 1;
            assert!(!mac.verifies(b"message", &changed));
        }
    }

    #[test]
    fn hash_of_parts_is_the_hash_of_the_whole() {
        assert_eq!(hex(&hash(Digest::Sha1, &[b"a", b"", b"bc"])), "a9993e364706816aba3e25717850c26c9cd0d89d");
    }
}
