use std::fmt;

use zeroize::Zeroizing;

use super::mac::{self, Mac};
use super::{Compression, KeyAge, KeyDerivation, KeyRing, Rejection, Signing, deflate};
use crate::base64;

/// A signer and verifier for Flask's session cookie: JSON text that anyone can read, but only a holder of the key can
/// write.
///
/// The format is exactly that of `URLSafeTimedSerializer` in itsdangerous, so Flask accepts cookies that are signed
/// here, and vice versa. The format is `payload "." timestamp "." signature`, with each part in base64. A compressed
/// payload is preceded by a dot. Keys are derived once, when the signer is created.
///
/// ```
/// use hardtack_core::crypto::{Compression, Key, KeyAge, KeyRing, Signer, Signing};
///
/// let keys = KeyRing::new(Key::insecure_short("dev")?);
/// let signer = Signer::new(&keys, &Signing::flask());
///
/// let cookie = signer.sign(r#"{"a":1}"#, 1_700_000_000, Compression::default());
/// assert_eq!(cookie, "eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk");
///
/// let month = 31 * 24 * 3600;
/// let session = signer.verify(cookie.as_bytes(), 1_700_000_060, Some(month))?;
/// assert_eq!(session.payload, r#"{"a":1}"#);
/// assert_eq!(session.signed_at, 1_700_000_000);
/// assert_eq!(session.key, KeyAge::Current);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Limitations of signed cookies
///
/// A signed cookie hides nothing, and it cannot be revoked: anyone who keeps a copy can send it again until it expires.
pub struct Signer {
    /// The current key first, then the others in the order in which they are tried.
    keys: Vec<Mac>,
    inflate_limit: usize,
}

/// The content of an authentic signed cookie.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// The inflated payload. It is valid UTF-8, and JSON if Flask or a compatible application wrote it.
    pub payload: String,
    /// When the cookie was signed, in seconds since 1970.
    pub signed_at: u64,
    /// The key that signed the cookie.
    pub key: KeyAge,
}

impl Signer {
    /// Derives the signing keys from a ring of secrets.
    #[must_use]
    pub fn new(keys: &KeyRing, signing: &Signing) -> Self {
        let keys = keys.iter().map(|key| derive(key.as_bytes(), signing)).collect();
        Self { keys, inflate_limit: signing.inflate_limit }
    }

    /// Returns the complete value of a cookie, signed with the current key. `timestamp` is the current time in seconds
    /// since 1970.
    #[must_use]
    pub fn sign(&self, payload: &str, timestamp: u64, compression: Compression) -> String {
        self.sign_between(["", ""], payload, timestamp, compression)
    }

    /// Signs like [`sign`](Signer::sign), and writes the value between a prefix and a suffix. A caller can thereby
    /// build a complete `Set-Cookie` line in a single allocation of exactly its length.
    #[must_use]
    pub fn sign_between(
        &self,
        [before, behind]: [&str; 2],
        payload: &str,
        timestamp: u64,
        compression: Compression,
    ) -> String {
        let deflated = match compression {
            Compression::WhenItPays { over } if payload.len() <= over => None,
            Compression::Never => None,
            Compression::WhenItPays { .. } | Compression::AsFlask => deflate::compress(payload),
        };
        let key = self.current();
        let dot = if deflated.is_some() { "." } else { "" };
        let body = deflated.as_deref().unwrap_or(payload.as_bytes());
        let parts = [body.len(), base64::number_len(timestamp), key.tag_len()];
        let value = dot.len() + parts.map(base64::encoded_len).iter().sum::<usize>() + 2;
        let mut line = String::with_capacity(before.len() + value + behind.len());
        line.push_str(before);
        line.push_str(dot);
        base64::encode_url_into(body, &mut line);
        line.push('.');
        base64::encode_number_into(timestamp, &mut line);
        let signature = key.tag(&line.as_bytes()[before.len()..]);
        line.push('.');
        base64::encode_url_into(signature.as_bytes(), &mut line);
        line.push_str(behind);
        line
    }

    /// Verifies the value of a cookie in the same order as itsdangerous: first the signature, with each key of the
    /// ring, then the age, and then the content. `now` and `max_age` are in seconds.
    ///
    /// As in Flask, a cookie whose age is exactly `max_age` is still valid, and a cookie that was signed a second after
    /// `now` is not. Without a `max_age`, a cookie never expires.
    ///
    /// # Errors
    ///
    /// Returns the reason for the rejection. [`Signature`](Rejection::Signature) includes signatures that cannot be
    /// decoded. [`Payload`](Rejection::Payload) and [`TooLarge`](Rejection::TooLarge) occur only for cookies that a
    /// holder of a key signed.
    pub fn verify(&self, token: &[u8], now: u64, max_age: Option<i64>) -> Result<Verified, Rejection> {
        let (signed, place) = self.signed_by(token)?;
        let (payload, timestamp) = rsplit_dot(signed).ok_or(Rejection::Malformed)?;
        let signed_at = read_timestamp(timestamp).ok_or(Rejection::Malformed)?;
        let age = now.checked_sub(signed_at).ok_or(Rejection::Future)?;
        if max_age.is_some_and(|most| i128::from(age) > i128::from(most)) {
            return Err(Rejection::Expired);
        }
        let payload = self.read_payload(payload)?;
        Ok(Verified { payload, signed_at, key: KeyAge::at(place) })
    }

    /// Returns the position in the key ring at which the signing key of a cookie was found; 0 is the current key.
    /// Returns `None` if no key of the ring signed the cookie. The position is intended for display.
    #[must_use]
    pub fn key_position(&self, token: &[u8]) -> Option<usize> {
        self.signed_by(token).ok().map(|(_, place)| place)
    }

    /// Returns the signed part of the cookie, and the position of the signing key in the ring.
    #[inline(always)]
    fn signed_by<'t>(&self, token: &'t [u8]) -> Result<(&'t [u8], usize), Rejection> {
        let (signed, signature) = rsplit_dot(token).ok_or(Rejection::Malformed)?;
        let mut room = [0; MAX_SIGNATURE];
        let signature = base64::decode_lenient_into(signature, &mut room).ok_or(Rejection::Signature)?;
        let place = self.keys.iter().position(|key| key.verifies(signed, &signature));
        Ok((signed, place.ok_or(Rejection::Signature)?))
    }

    fn read_payload(&self, payload: &[u8]) -> Result<String, Rejection> {
        let text = match payload.strip_prefix(b".") {
            None => base64::decode_lenient(payload).ok_or(Rejection::Payload)?,
            Some(payload) => {
                let stream = base64::decode_lenient(payload).ok_or(Rejection::Payload)?;
                deflate::inflate(&stream, self.inflate_limit)?
            }
        };
        String::from_utf8(text).map_err(|_| Rejection::Payload)
    }

    fn current(&self) -> &Mac {
        self.keys.first().expect("a key ring always has a current key")
    }
}

/// Omits the keys.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("keys", &self.keys.len()).finish_non_exhaustive()
    }
}

/// Omits the payload, which is a visitor's data.
impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("signed_at", &self.signed_at)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// The length of a SHA-512 signature in bytes.
const MAX_SIGNATURE: usize = 64;

/// The end of the year 9999, in seconds since 1970: the latest time that Python can represent.
const LAST_MOMENT: u64 = 253_402_300_799;

fn derive(secret: &[u8], signing: &Signing) -> Mac {
    let Signing { digest, salt, .. } = signing;
    let key = match signing.key_derivation {
        KeyDerivation::Hmac => Zeroizing::new(Mac::new(*digest, secret).tag(salt).as_bytes().to_vec()),
        KeyDerivation::Concat => mac::hash(*digest, &[salt, secret]),
        KeyDerivation::DjangoConcat => mac::hash(*digest, &[salt, b"signer", secret]),
        KeyDerivation::None => return Mac::new(*digest, secret),
    };
    Mac::new(*digest, &key)
}

/// Returns the parts before and after the last dot.
fn rsplit_dot(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let dot = memchr::memrchr(b'.', text)?;
    Some((&text[..dot], &text[dot + 1..]))
}

/// Decodes a timestamp: base64 of a big-endian number of at most eight bytes. An empty timestamp is 0. Returns `None`
/// for any other text, and for a time after [`LAST_MOMENT`].
fn read_timestamp(text: &[u8]) -> Option<u64> {
    let seconds = match base64::decode_number(text) {
        Some(seconds) => seconds,
        None => {
            let bytes = base64::decode_lenient(text)?;
            let mut seconds = [0; 8];
            let start = seconds.len().checked_sub(bytes.len())?;
            seconds[start..].copy_from_slice(&bytes);
            u64::from_be_bytes(seconds)
        }
    };
    (seconds <= LAST_MOMENT).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::super::{Digest, Key};
    use super::*;

    const NOW: u64 = 1_700_000_000;
    const MONTH: Option<i64> = Some(31 * 24 * 3600);

    fn key(secret: &str) -> Key {
        Key::insecure_short(secret).unwrap()
    }

    fn flask(secret: &str) -> Signer {
        Signer::new(&KeyRing::new(key(secret)), &Signing::flask())
    }

    /// Signs arbitrary text, which only a holder of the key can do.
    fn signed(signer: &Signer, value: &str) -> String {
        format!("{value}.{}", base64::encode_url(signer.current().tag(value.as_bytes()).as_bytes()))
    }

    #[test]
    fn every_changed_or_cut_cookie_is_refused() {
        let signer = flask("dev");
        let cookie = signer.sign(r#"{"user":"alice"}"#, NOW, Compression::Never);
        for end in 0..cookie.len() {
            assert!(signer.verify(&cookie.as_bytes()[..end], NOW, MONTH).is_err(), "cut at {end}");
        }
        let last = cookie.len() - 1;
        for place in 0..last {
            for bit in 0..8 {
                let mut changed = cookie.clone().into_bytes();
                changed[place] ^= 1 << bit;
                assert!(signer.verify(&changed, NOW, MONTH).is_err(), "bit {bit} of byte {place}");
            }
        }
    }

    #[test]
    fn a_line_is_the_cookie_between_what_stands_around_it_in_memory_of_its_length() {
        for digest in [Digest::Sha1, Digest::Sha256, Digest::Sha384, Digest::Sha512] {
            let signer = Signer::new(&KeyRing::new(key("dev")), &Signing::flask().digest(digest));
            for payload in ["{}".to_owned(), format!(r#"{{"a":"{}"}}"#, "x".repeat(300))] {
                for timestamp in [0, NOW, u64::MAX] {
                    let cookie = signer.sign(&payload, timestamp, Compression::AsFlask);
                    let around = ["session=", "; Path=/"];
                    let line = signer.sign_between(around, &payload, timestamp, Compression::AsFlask);
                    assert_eq!(line, format!("session={cookie}; Path=/"));
                    assert_eq!(line.capacity(), line.len());
                }
            }
        }
    }

    #[test]
    fn every_setting_changes_the_signature_and_verifies_itself() {
        let keys = KeyRing::new(key("dev"));
        let settings = [
            Signing::flask(),
            Signing::flask().salt("other"),
            Signing::flask().digest(Digest::Sha256),
            Signing::flask().digest(Digest::Sha384),
            Signing::flask().digest(Digest::Sha512),
            Signing::flask().key_derivation(KeyDerivation::Concat),
            Signing::flask().key_derivation(KeyDerivation::DjangoConcat),
            Signing::flask().key_derivation(KeyDerivation::None),
        ];
        let signers: Vec<_> = settings.iter().map(|signing| Signer::new(&keys, signing)).collect();
        for (writer, signer) in signers.iter().enumerate() {
            let cookie = signer.sign("{}", NOW, Compression::Never);
            for (reader, signer) in signers.iter().enumerate() {
                assert_eq!(signer.verify(cookie.as_bytes(), NOW, MONTH).is_ok(), reader == writer);
            }
        }
    }

    #[test]
    fn previous_keys_read_and_never_write() {
        let ring = KeyRing::new(key("new")).and_previous(key("old")).and_previous(key("older"));
        let signer = Signer::new(&ring, &Signing::flask());
        for (secret, age) in
            [("new", KeyAge::Current), ("old", KeyAge::Previous), ("older", KeyAge::Previous)]
        {
            let cookie = flask(secret).sign("{}", NOW, Compression::Never);
            assert_eq!(signer.verify(cookie.as_bytes(), NOW, MONTH).unwrap().key, age);
        }
        let stranger = flask("stranger").sign("{}", NOW, Compression::Never);
        assert_eq!(signer.verify(stranger.as_bytes(), NOW, MONTH), Err(Rejection::Signature));
        assert_eq!(
            signer.sign("{}", NOW, Compression::Never),
            flask("new").sign("{}", NOW, Compression::Never)
        );
    }

    #[test]
    fn a29_age_is_judged_to_the_second_as_flask_does() {
        let signer = flask("dev");
        let cookie = signer.sign("{}", NOW, Compression::Never);
        let verdict = |now, max_age| signer.verify(cookie.as_bytes(), now, max_age).map(|_| ());
        assert_eq!(verdict(NOW + 10, Some(10)), Ok(()));
        assert_eq!(verdict(NOW + 11, Some(10)), Err(Rejection::Expired));
        assert_eq!(verdict(NOW - 1, Some(10)), Err(Rejection::Future));
        assert_eq!(verdict(NOW, Some(0)), Ok(()));
        assert_eq!(verdict(NOW, Some(-1)), Err(Rejection::Expired));
        assert_eq!(verdict(u64::MAX, Some(i64::MAX)), Err(Rejection::Expired));
        assert_eq!(verdict(u64::MAX, None), Ok(()));
    }

    #[test]
    fn a28_the_signature_is_judged_before_expiry_and_content() {
        let cookie = flask("other").sign("{}", NOW, Compression::Never);
        assert_eq!(flask("dev").verify(cookie.as_bytes(), NOW + 100, Some(10)), Err(Rejection::Signature));
        // If `verify` checked the content first, it would return another reason for the rejection.
        let broken = signed(&flask("other"), ".AAAA.ZVPxAA");
        assert_eq!(flask("dev").verify(broken.as_bytes(), NOW, Some(10)), Err(Rejection::Signature));
        assert_eq!(flask("other").verify(broken.as_bytes(), NOW, Some(10)), Err(Rejection::Payload));
    }

    /// Nothing in a cookie specifies how it is signed, so an attacker cannot request a weaker algorithm.
    #[test]
    fn a28_a_cookie_cannot_choose_its_algorithm() {
        let ring = KeyRing::new(key("dev"));
        let digests = [Digest::Sha1, Digest::Sha256, Digest::Sha384, Digest::Sha512];
        let signers = digests.map(|digest| Signer::new(&ring, &Signing::flask().digest(digest)));
        for (made, signer) in signers.iter().enumerate() {
            let cookie = signer.sign("{}", NOW, Compression::Never);
            for (read, signer) in signers.iter().enumerate() {
                assert_eq!(signer.verify(cookie.as_bytes(), NOW, MONTH).is_ok(), made == read);
            }
            let (unsigned, _) = cookie.rsplit_once('.').unwrap();
            for stripped in [unsigned.to_owned(), format!("{unsigned}."), format!("{unsigned}.none")] {
                assert!(signer.verify(stripped.as_bytes(), NOW, MONTH).is_err(), "{stripped}");
            }
        }
    }

    #[test]
    fn timestamps_are_whatever_eight_bytes_can_say() {
        let signer = flask("dev");
        for timestamp in [0, 1, 255, 256, 65_535, 65_536, 4_294_967_296, LAST_MOMENT] {
            let cookie = signer.sign("{}", timestamp, Compression::Never);
            assert_eq!(signer.verify(cookie.as_bytes(), timestamp, MONTH).unwrap().signed_at, timestamp);
        }
        let at = |bytes: &[u8]| {
            let token = signed(&signer, &format!("e30.{}", base64::encode_url(bytes)));
            signer.verify(token.as_bytes(), LAST_MOMENT + 1, None).map(|verified| verified.signed_at)
        };
        assert_eq!(at(b""), Ok(0));
        assert_eq!(at(b"\0\0\0\0\0\0\0\x05"), Ok(5), "leading zero bytes count for nothing");
        assert_eq!(at(b"\0\0\0\0\0\0\0\0\x05"), Err(Rejection::Malformed), "but nine bytes are too many");
        assert_eq!(at(&(LAST_MOMENT + 1).to_be_bytes()), Err(Rejection::Malformed));
        assert_eq!(at(&[0xff; 8]), Err(Rejection::Malformed));
    }

    #[test]
    fn text_without_its_parts_is_malformed() {
        let signer = flask("dev");
        for token in ["", "x", "abc"] {
            assert_eq!(signer.verify(token.as_bytes(), NOW, MONTH), Err(Rejection::Malformed), "{token}");
        }
        let no_timestamp = signed(&signer, "e30");
        assert_eq!(signer.verify(no_timestamp.as_bytes(), NOW, MONTH), Err(Rejection::Malformed));
    }

    #[test]
    fn broken_content_in_a_genuine_cookie_is_told_apart() {
        let signer = flask("dev");
        // A single letter, bytes that are not UTF-8, and a compression mark before plain text.
        for payload in ["A", "_w", ".e30"] {
            let token = signed(&signer, &format!("{payload}.ZVPxAA"));
            assert_eq!(signer.verify(token.as_bytes(), NOW, MONTH), Err(Rejection::Payload), "{payload}");
        }
    }

    #[test]
    fn compression_follows_its_setting_and_is_read_either_way() {
        let signer = flask("dev");
        let short = format!(r#"{{"a":"{}"}}"#, "x".repeat(40));
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(2000));
        let compressed = |text: &str, compression| {
            let cookie = signer.sign(text, NOW, compression);
            assert_eq!(signer.verify(cookie.as_bytes(), NOW, MONTH).unwrap().payload, text);
            cookie.starts_with('.')
        };
        assert!(!compressed(&short, Compression::default()));
        assert!(compressed(&long, Compression::default()));
        assert!(compressed(&short, Compression::AsFlask));
        assert!(!compressed("{}", Compression::AsFlask));
        assert!(!compressed(&long, Compression::Never));
        assert!(compressed(&short, Compression::WhenItPays { over: short.len() - 1 }));
        assert!(!compressed(&short, Compression::WhenItPays { over: short.len() }));
    }

    #[test]
    fn inflating_stops_at_the_limit() {
        let signing = Signing::flask().inflate_limit(1000);
        let signer = Signer::new(&KeyRing::new(key("dev")), &signing);
        let read = |length| {
            let cookie = signer.sign(&"x".repeat(length), NOW, Compression::AsFlask);
            signer.verify(cookie.as_bytes(), NOW, MONTH).map(|verified| verified.payload.len())
        };
        assert_eq!(read(1000), Ok(1000));
        assert_eq!(read(1001), Err(Rejection::TooLarge));
    }

    #[test]
    fn any_cookie_of_a_browser_may_inflate_to_its_end() {
        let text = "x".repeat(3_000_000);
        let cookie = flask("dev").sign(&text, NOW, Compression::default());
        assert!(cookie.len() < 4096);
        assert_eq!(flask("dev").verify(cookie.as_bytes(), NOW, MONTH).unwrap().payload.len(), text.len());
    }

    #[test]
    fn debug_shows_neither_key_nor_payload() {
        let signer = flask("hunter2");
        let verified = Verified { payload: "hunter2".into(), signed_at: NOW, key: KeyAge::Current };
        assert!(!format!("{signer:?} {verified:?}").contains("hunter2"));
    }
}
