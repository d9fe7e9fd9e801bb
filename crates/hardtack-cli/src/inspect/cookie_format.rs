use std::io::Read;

use flate2::read::ZlibDecoder;
use hardtack::protocol::{Dictionary, Purpose, SessionId, StoreKey};
use hardtack_core::base64;

/// The format of a cookie's value, recognized without a key. The value is not verified.
#[derive(Debug)]
pub(super) enum CookieFormat {
    /// A session that is signed in Flask's format.
    Signed(Signed),
    /// An encrypted session, whose token has this size in bytes.
    Sealed { bytes: usize },
    /// The id of a session in a store.
    Id(StoreKey),
    /// Any other value.
    Unknown,
}

/// The layers of a signed session.
#[derive(Debug)]
pub(super) struct Signed {
    /// The payload as it is in the cookie. A compressed payload starts with a dot.
    pub(super) payload: String,
    /// Whether the payload is compressed.
    pub(super) compressed: bool,
    /// The size of the base64-decoded payload in bytes, or `None` if the payload is not valid base64.
    pub(super) packed: Option<usize>,
    /// The text in the payload, or the reason why the payload cannot be decoded.
    pub(super) text: Result<String, &'static str>,
    /// The time of signing that the cookie states, in seconds since 1970.
    pub(super) signed_at: u64,
    /// The size of the signature in bytes, or `None` if the signature is not valid base64.
    pub(super) signature: Option<usize>,
}

/// The maximum size of a decompressed payload in bytes. Verification of a signed cookie has the same limit.
const MAX_INFLATED_BYTES: u64 = 4 * 1024 * 1024;

/// The minimum size of an encrypted session in bytes: the version, the key id, the nonce, the times, and the tag.
const MIN_SEALED_BYTES: usize = 1 + 4 + 24 + 24 + 16;

/// Returns whether a value has the format of a signed session.
pub(crate) fn is_signed(value: &str) -> bool {
    matches!(CookieFormat::of(value), CookieFormat::Signed(_))
}

impl CookieFormat {
    pub(super) fn of(value: &str) -> Self {
        Self::of_purpose(value, &Purpose::default())
    }

    /// Recognizes the format of a value. The purpose matters only for the id of a stored session, because the store key
    /// depends on it.
    pub(super) fn of_purpose(value: &str, purpose: &Purpose) -> Self {
        if let Some(id) = SessionId::parse(value.as_bytes()) {
            return Self::Id(id.store_key(purpose));
        }
        if let Some(token) = base64::decode_url(value.as_bytes())
            && token.len() >= MIN_SEALED_BYTES
            && token[0] == 1
        {
            return Self::Sealed { bytes: token.len() };
        }
        Signed::of(value).map_or(Self::Unknown, Self::Signed)
    }
}

impl Signed {
    /// Parses a signed value by splitting it at its last two dots, as itsdangerous does.
    fn of(value: &str) -> Option<Self> {
        // The lenient base64 decoder skips these characters, but no browser sends a cookie that contains them.
        if value.contains(|char: char| char.is_whitespace() || char.is_control()) {
            return None;
        }
        let mut parts = value.rsplitn(3, '.');
        let (signature, time, payload) = (parts.next()?, parts.next()?, parts.next()?);
        let time = base64::decode_lenient(time.as_bytes())?;
        let significant = time.iter().skip_while(|byte| **byte == 0);
        if payload.is_empty() || significant.clone().count() > 8 {
            return None;
        }
        let compressed = payload.strip_prefix('.');
        let packed = base64::decode_lenient(compressed.unwrap_or(payload).as_bytes());
        let text = match &packed {
            None => Err("not valid base64"),
            Some(stream) if compressed.is_some() => inflate(stream),
            Some(text) => utf8(text.clone()),
        };
        Some(Self {
            payload: payload.to_owned(),
            compressed: compressed.is_some(),
            packed: packed.map(|packed| packed.len()),
            text,
            signed_at: significant.fold(0, |time, byte| time << 8 | u64::from(*byte)),
            signature: base64::decode_lenient(signature.as_bytes()).map(|signature| signature.len()),
        })
    }

    /// Returns the session in the payload, or the reason why there is none.
    pub(super) fn dictionary(&self) -> Result<Dictionary, String> {
        let text = self.text.as_deref().map_err(|why| (*why).to_owned())?;
        Dictionary::parse(text).map_err(|error| error.to_string())
    }

    /// Returns the name of the hash function whose signatures have the length of this signature.
    pub(super) fn digest(&self) -> Option<&'static str> {
        match self.signature? {
            20 => Some("SHA-1"),
            32 => Some("SHA-256"),
            48 => Some("SHA-384"),
            64 => Some("SHA-512"),
            _ => None,
        }
    }
}

fn inflate(stream: &[u8]) -> Result<String, &'static str> {
    let mut text = Vec::new();
    ZlibDecoder::new(stream)
        .take(MAX_INFLATED_BYTES + 1)
        .read_to_end(&mut text)
        .map_err(|_| "not a valid zlib stream")?;
    if text.len() as u64 > MAX_INFLATED_BYTES { Err("over 4 MiB when decompressed") } else { utf8(text) }
}

fn utf8(text: Vec<u8>) -> Result<String, &'static str> {
    String::from_utf8(text).map_err(|_| "not UTF-8 text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_recognized() {
        let id = SessionId::from_random([7; 32]);
        assert!(
            matches!(CookieFormat::of(&id.to_text()), CookieFormat::Id(key) if key == id.store_key(&Purpose::default()))
        );
        let CookieFormat::Signed(signed) = CookieFormat::of("eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk")
        else {
            panic!("a signed session");
        };
        assert_eq!(signed.text.as_deref(), Ok(r#"{"a":1}"#));
        assert_eq!((signed.signed_at, signed.digest()), (1_700_000_000, Some("SHA-1")));
        let sealed = [vec![1], vec![7; 80]].concat();
        assert!(matches!(CookieFormat::of(&base64::encode_url(&sealed)), CookieFormat::Sealed { bytes: 81 }));
        for value in ["", "dark", "1.2", "..", "a.b.c.d.e.", "GA1.1.1234567890.1700000000", "ü.ü.ü"] {
            assert!(
                !matches!(CookieFormat::of(value), CookieFormat::Sealed { .. } | CookieFormat::Id(_)),
                "{value}"
            );
        }
        assert!(matches!(CookieFormat::of("dark"), CookieFormat::Unknown));
    }

    #[test]
    fn broken_layers_are_reported() {
        for (value, why) in [
            ("A.ZVPxAA.c2ln", "not valid base64"),
            ("_w.ZVPxAA.c2ln", "not UTF-8 text"),
            (".e30.ZVPxAA.c2ln", "not a valid zlib stream"),
        ] {
            let CookieFormat::Signed(signed) = CookieFormat::of(value) else { panic!("{value}") };
            assert_eq!(signed.text, Err(why));
            assert_eq!(signed.digest(), None);
        }
    }
}
