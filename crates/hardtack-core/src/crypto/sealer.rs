use std::fmt;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::xaes::{NONCE, TAG, Xaes};
use super::{Key, KeyAge, KeyRing, Rejection};
use crate::base64;
use crate::purpose::Purpose;

/// An encryptor and decryptor for tokens. Without the key, a token cannot be read, changed, or used for another
/// purpose.
///
/// ```
/// use hardtack_core::crypto::{Key, KeyRing, Sealer, Times};
/// use hardtack_core::protocol::Purpose;
///
/// let keys = KeyRing::new(Key::new("3f1b0c7d5a9e4826b1d04c6f7e2a9358")?);
/// let sealer = Sealer::new(&keys, &Purpose::default());
///
/// let times = Times::new(1_700_000_000).expires_at(1_700_086_400).deadline(1_702_592_000);
/// let nonce = [7; 24]; // 24 bytes from the operating system's generator, new for each token
/// let token = sealer.seal(r#"{"cart":[3,5]}"#, times, nonce);
///
/// let opened = sealer.open(token.as_bytes(), 1_700_000_060)?;
/// assert_eq!(opened.payload, r#"{"cart":[3,5]}"#);
/// assert_eq!(opened.times, times);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Format
///
/// ```text
/// token      = base64url( version key-id nonce ciphertext tag )       1, 4, 24, n and 16 bytes
/// plaintext  = issued-at expires-at deadline payload                  3 × 8 bytes, big-endian seconds since 1970
/// associated = version key-id length(purpose) purpose                     the length in 8 bytes, big-endian
/// ```
///
/// The cipher is XAES-256-GCM as specified by C2SP: AES-256-GCM under a key that is derived from the first half of the
/// nonce. 192-bit nonces can therefore be drawn at random without collisions. The key is derived from the secret by
/// HKDF-SHA256 (RFC 5869), with a label for the version and the purpose. Version 1 denotes exactly these algorithms;
/// nothing else in a token selects an algorithm.
///
/// # Limitations of encrypted cookies
///
/// An encrypted cookie does not hide the length of its content, and it cannot be revoked: anyone who keeps a copy can
/// send it again until it expires.
pub struct Sealer {
    /// The current key first, followed by the others in the order of the ring.
    keys: Vec<SealKey>,
}

/// The times of a token, in seconds since 1970. They are part of the token, and as tamper-proof as its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Times {
    /// When the token was made.
    pub issued_at: u64,
    /// When the token expires if it is not renewed.
    pub expires_at: u64,
    /// When the token expires even if it is renewed. A renewal does not change this time.
    pub deadline: u64,
}

/// The content of an authentic encrypted token.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unsealed {
    /// The decrypted payload.
    pub payload: String,
    /// The times of the token.
    pub times: Times,
    /// The key that encrypted the token.
    pub key: KeyAge,
}

impl Times {
    /// Creates the times of a token that was made at `issued_at`. Until the other times are set, they equal
    /// `issued_at`, so that the token has expired.
    #[inline]
    #[must_use]
    pub const fn new(issued_at: u64) -> Self {
        Self { issued_at, expires_at: issued_at, deadline: issued_at }
    }

    /// Sets when the token expires if it is not renewed.
    #[inline]
    #[must_use]
    pub const fn expires_at(mut self, expires_at: u64) -> Self {
        self.expires_at = expires_at;
        self
    }

    /// Sets when the token expires even if it is renewed.
    #[inline]
    #[must_use]
    pub const fn deadline(mut self, deadline: u64) -> Self {
        self.deadline = deadline;
        self
    }
}

impl Sealer {
    /// Derives the keys for one purpose.
    ///
    /// A token that was made for one purpose is rejected for every other purpose. The cookie's name is not part of the
    /// purpose, so it can change.
    #[must_use]
    pub fn new(keys: &KeyRing, purpose: &Purpose) -> Self {
        Self { keys: keys.iter().map(|key| SealKey::derive(key, purpose.as_str())).collect() }
    }

    /// Encrypts a payload with the current key, and returns the complete value of a cookie.
    ///
    /// # Panics
    ///
    /// Panics if the payload is longer than 64 GiB, the maximum of the cipher.
    ///
    /// # Security
    ///
    /// `nonce` must come from a cryptographic generator, and must be new for each token. Two tokens with the same nonce
    /// reveal the XOR of their plaintexts, and let an attacker forge more tokens.
    #[must_use]
    pub fn seal(&self, payload: &str, times: Times, nonce: [u8; NONCE]) -> String {
        self.seal_between(["", ""], payload, times, nonce)
    }

    /// Encrypts like [`seal`](Sealer::seal), and writes the value between a prefix and a suffix. A caller can thereby
    /// build a complete `Set-Cookie` line in a single allocation of exactly its length.
    ///
    /// # Panics
    ///
    /// Panics in the same case as [`seal`](Sealer::seal).
    ///
    /// # Security
    ///
    /// As for [`seal`](Sealer::seal), the `nonce` must be random and new for each token.
    #[must_use]
    pub fn seal_between(
        &self,
        [before, behind]: [&str; 2],
        payload: &str,
        times: Times,
        nonce: [u8; NONCE],
    ) -> String {
        let key = self.keys.first().expect("a key ring always has a current key");
        let mut token = Vec::with_capacity(PAYLOAD_AT + payload.len() + TAG);
        token.push(VERSION);
        token.extend_from_slice(&key.id);
        token.extend_from_slice(&nonce);
        token.extend_from_slice(&times.to_bytes());
        token.extend_from_slice(payload.as_bytes());
        let tag = key
            .cipher
            .encrypt(&nonce, &key.associated, &mut token[TIMES_AT..])
            .expect("a string in memory is shorter than the cipher's limit of 64 GiB");
        token.extend_from_slice(&tag);
        let mut line = String::with_capacity(before.len() + base64::encoded_len(token.len()) + behind.len());
        line.push_str(before);
        base64::encode_url_into(&token, &mut line);
        line.push_str(behind);
        line
    }

    /// Decrypts the value of a cookie. A token is rejected once its expiry or deadline has passed. `now` is in seconds
    /// since 1970.
    ///
    /// A token is rejected as [`Future`](Rejection::Future) only if it was issued more than a minute after `now`,
    /// because the clocks of two servers behind one address may differ slightly.
    ///
    /// # Errors
    ///
    /// Returns [`Malformed`](Rejection::Malformed) if the value is not a token of this version, and
    /// [`Signature`](Rejection::Signature) if no key of the ring made the token for this purpose. Any other
    /// [`Rejection`] means that a key of the ring made the token, but that the token has expired, was issued in the
    /// future, or has a payload that is not UTF-8.
    pub fn open(&self, token: &[u8], now: u64) -> Result<Unsealed, Rejection> {
        let mut token = base64::decode_url(token).ok_or(Rejection::Malformed)?;
        let sealed_until =
            token.len().checked_sub(TAG).filter(|&end| end >= PAYLOAD_AT).ok_or(Rejection::Malformed)?;
        let (head, sealed) = token.split_at_mut(TIMES_AT);
        let (sealed, tag) = sealed.split_at_mut(sealed_until - TIMES_AT);
        let (Some((&[VERSION, ref id @ ..], nonce)), Some(tag)) =
            (head.split_first_chunk::<NONCE_AT>(), tag.first_chunk::<TAG>())
        else {
            return Err(Rejection::Malformed);
        };
        let place = self.place_of(id).ok_or(Rejection::Signature)?;
        let key = &self.keys[place];
        let nonce = nonce.first_chunk::<NONCE>().ok_or(Rejection::Malformed)?;
        key.cipher.decrypt(nonce, &key.associated, sealed, tag).ok_or(Rejection::Signature)?;
        let times = sealed.first_chunk().map(Times::from_bytes).ok_or(Rejection::Malformed)?;
        times.judge(now)?;
        token.truncate(sealed_until);
        token.drain(..PAYLOAD_AT);
        let payload = String::from_utf8(token).map_err(|_| Rejection::Payload)?;
        Ok(Unsealed { payload, times, key: KeyAge::at(place) })
    }

    /// Returns the position in the key ring at which the key id of a token was found; 0 is the current key. Returns
    /// `None` if no key of the ring has this id, or the token contains no id. The position is intended for display:
    /// only [`open`](Sealer::open) verifies that the key encrypted the token.
    #[must_use]
    pub fn key_position(&self, token: &[u8]) -> Option<usize> {
        let token = base64::decode_url(token)?;
        self.place_of(token.get(1..NONCE_AT)?.first_chunk()?)
    }

    #[inline(always)]
    fn place_of(&self, id: &[u8; KEY_ID]) -> Option<usize> {
        self.keys.iter().position(|key| key.id == *id)
    }
}

impl Times {
    fn judge(&self, now: u64) -> Result<(), Rejection> {
        if now >= self.expires_at.min(self.deadline) {
            return Err(Rejection::Expired);
        }
        if self.issued_at > now.saturating_add(CLOCK_SKEW) {
            return Err(Rejection::Future);
        }
        Ok(())
    }

    fn to_bytes(self) -> [u8; TIMES] {
        let mut bytes = [0; TIMES];
        for (place, time) in bytes.chunks_exact_mut(8).zip([self.issued_at, self.expires_at, self.deadline]) {
            place.copy_from_slice(&time.to_be_bytes());
        }
        bytes
    }

    fn from_bytes(bytes: &[u8; TIMES]) -> Self {
        let [issued_at, expires_at, deadline] = std::array::from_fn(|at| {
            bytes[at * 8..at * 8 + 8].iter().fold(0, |time, &byte| time << 8 | u64::from(byte))
        });
        Self { issued_at, expires_at, deadline }
    }
}

/// Omits the keys.
impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").field("keys", &self.keys.len()).finish_non_exhaustive()
    }
}

/// Omits the payload, which is confidential.
impl fmt::Debug for Unsealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsealed").field("times", &self.times).field("key", &self.key).finish_non_exhaustive()
    }
}

/// The key derived from one secret for one purpose, with everything else that is the same for all tokens under this
/// key.
struct SealKey {
    /// The id is derived like the key, so it reveals nothing about the secret. Two secrets of a ring have the same id
    /// with a probability of one in four billion. In that case, only the first of the two opens tokens.
    id: [u8; KEY_ID],
    cipher: Xaes,
    associated: Vec<u8>,
}

impl SealKey {
    fn derive(key: &Key, purpose: &str) -> Self {
        let secrets = Hkdf::<Sha256>::new(None, key.as_bytes());
        let expand = |what: &[u8], into: &mut [u8]| {
            let label = [b"hardtack sealed token v1 ", what, b" for ", purpose.as_bytes()];
            secrets.expand_multi_info(&label, into).expect("HKDF-SHA256 can produce up to 8160 bytes");
        };
        let mut id = [0; KEY_ID];
        expand(b"key id", &mut id);
        let mut secret = Zeroizing::new([0; 32]);
        expand(b"key", &mut *secret);
        let mut associated = vec![VERSION];
        associated.extend_from_slice(&id);
        // The length comes first, so that bytes after the purpose cannot be mistaken for a part of it.
        associated.extend_from_slice(&(purpose.len() as u64).to_be_bytes());
        associated.extend_from_slice(purpose.as_bytes());
        Self { id, cipher: Xaes::new(&secret), associated }
    }
}

/// The version of the format, which is its first byte.
const VERSION: u8 = 1;
const KEY_ID: usize = 4;
const TIMES: usize = 24;
const NONCE_AT: usize = 1 + KEY_ID;
const TIMES_AT: usize = NONCE_AT + NONCE;
const PAYLOAD_AT: usize = TIMES_AT + TIMES;

/// The maximum accepted difference between the clocks of two servers, in seconds.
const CLOCK_SKEW: u64 = 60;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000;
    const TIMES: Times = Times { issued_at: NOW, expires_at: NOW + 100, deadline: NOW + 1000 };

    fn key(secret: &str) -> Key {
        Key::insecure_short(secret).unwrap()
    }

    fn sealer(secret: &str) -> Sealer {
        Sealer::new(&KeyRing::new(key(secret)), &Purpose::default())
    }

    #[test]
    fn sealed_text_comes_back_at_any_length() {
        let sealer = sealer("dev");
        for length in (0..70).chain([1000, 4096]) {
            let text = "é".repeat(length);
            let token = sealer.seal(&text, TIMES, [9; NONCE]);
            let opened = sealer.open(token.as_bytes(), NOW).unwrap();
            assert_eq!(opened, Unsealed { payload: text, times: TIMES, key: KeyAge::Current });
        }
    }

    #[test]
    fn a_line_is_the_token_between_what_stands_around_it_in_memory_of_its_length() {
        let sealer = sealer("dev");
        let token = sealer.seal("{}", TIMES, [9; NONCE]);
        let line = sealer.seal_between(["sid=", "; Path=/"], "{}", TIMES, [9; NONCE]);
        assert_eq!(line, format!("sid={token}; Path=/"));
        assert_eq!(line.capacity(), line.len());
    }

    #[test]
    fn every_changed_or_cut_token_is_refused() {
        let sealer = sealer("dev");
        let token = sealer.seal("{}", TIMES, [9; NONCE]);
        for end in 0..token.len() {
            assert!(sealer.open(&token.as_bytes()[..end], NOW).is_err(), "cut at {end}");
        }
        for place in 0..token.len() {
            for bit in 0..8 {
                let mut changed = token.clone().into_bytes();
                changed[place] ^= 1 << bit;
                assert!(sealer.open(&changed, NOW).is_err(), "bit {bit} of byte {place}");
            }
        }
        assert_eq!(sealer.open(format!("{token}=").as_bytes(), NOW), Err(Rejection::Malformed));
    }

    #[test]
    fn a30_a_token_is_bound_to_key_and_purpose() {
        let (ring, purpose) = (KeyRing::new(key("dev")), |text| Purpose::new(text).unwrap());
        let token = Sealer::new(&ring, &purpose("abc")).seal("{}", TIMES, [9; NONCE]);
        for other in ["ab", "a", "bc", "abcd", "session"] {
            let sealer = Sealer::new(&ring, &purpose(other));
            assert_eq!(sealer.open(token.as_bytes(), NOW), Err(Rejection::Signature), "{other}");
        }
        let stranger = Sealer::new(&KeyRing::new(key("other")), &purpose("abc"));
        assert_eq!(stranger.open(token.as_bytes(), NOW), Err(Rejection::Signature));
    }

    #[test]
    fn a30_associated_data_tells_a_purpose_from_what_follows() {
        let one = SealKey::derive(&key("dev"), "a").associated;
        let other = SealKey::derive(&key("dev"), "ab").associated;
        assert_ne!([&one[NONCE_AT..], b"bc"].concat(), [&other[NONCE_AT..], b"c"].concat());
    }

    #[test]
    fn previous_keys_open_and_never_seal() {
        let ring = KeyRing::new(key("new")).and_previous(key("old"));
        let both = Sealer::new(&ring, &Purpose::default());
        let old = sealer("old").seal("{}", TIMES, [9; NONCE]);
        assert_eq!(both.open(old.as_bytes(), NOW).unwrap().key, KeyAge::Previous);
        assert_eq!(both.seal("{}", TIMES, [9; NONCE]), sealer("new").seal("{}", TIMES, [9; NONCE]));
    }

    #[test]
    fn a29_expiry_and_deadline_both_end_a_token_to_the_second() {
        let sealer = sealer("dev");
        let verdict = |times, now| {
            let token = sealer.seal("{}", times, [9; NONCE]);
            sealer.open(token.as_bytes(), now).map(|_| ())
        };
        assert_eq!(verdict(TIMES, NOW + 99), Ok(()));
        assert_eq!(verdict(TIMES, NOW + 100), Err(Rejection::Expired));
        assert_eq!(verdict(Times { expires_at: u64::MAX, ..TIMES }, NOW + 999), Ok(()));
        assert_eq!(verdict(Times { expires_at: u64::MAX, ..TIMES }, NOW + 1000), Err(Rejection::Expired));
    }

    #[test]
    fn a29_clocks_may_differ_by_a_minute() {
        let sealer = sealer("dev");
        let token = sealer.seal("{}", TIMES, [9; NONCE]);
        assert!(sealer.open(token.as_bytes(), NOW - 60).is_ok());
        assert_eq!(sealer.open(token.as_bytes(), NOW - 61), Err(Rejection::Future));
    }

    #[test]
    fn a28_an_unknown_version_is_malformed() {
        let sealer = sealer("dev");
        let mut token = base64::decode_url(sealer.seal("{}", TIMES, [9; NONCE]).as_bytes()).unwrap();
        for version in (0..=u8::MAX).filter(|&version| version != VERSION) {
            token[0] = version;
            assert_eq!(sealer.open(base64::encode_url(&token).as_bytes(), NOW), Err(Rejection::Malformed));
        }
    }

    #[test]
    fn debug_shows_neither_key_nor_payload() {
        let unsealed = Unsealed { payload: "hunter2".into(), times: TIMES, key: KeyAge::Current };
        assert!(!format!("{:?} {unsealed:?}", sealer("hunter2")).contains("hunter2"));
    }
}
