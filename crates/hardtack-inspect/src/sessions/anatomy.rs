use hardtack::inspect::BackendKind;
use hardtack_core::base64;
use serde::Serialize;

use crate::format::shorten;
use crate::redact::{MAX_SECRET_CHARS, Redaction, hex};

/// The structure of a session cookie's value, layer by layer: from the text that the browser stores to the data that
/// the application reads.
///
/// ```
/// use hardtack::inspect::BackendKind;
/// use hardtack_inspect::{Anatomy, Redaction};
///
/// let cookie = "eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk";
/// let anatomy = Anatomy::of(BackendKind::Signed, cookie, Some(r#"{"a":1}"#), Redaction::Secrets);
/// let titles: Vec<_> = anatomy.layers.iter().map(|layer| layer.title).collect();
/// assert_eq!(titles, ["Cookie", "Payload in base64", "Payload", "Time of signing", "Signature"]);
/// assert_eq!(anatomy.layers[2].text.as_deref(), Some(r#"{"a":1}"#));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Anatomy {
    /// The parts of the value, which are separated by dots. Each part is redacted as needed.
    pub token: Vec<CookiePart>,
    /// The layers of the value, outermost first.
    pub layers: Vec<CookieLayer>,
}

/// A part of a cookie's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CookiePart {
    /// One of `payload`, `timestamp`, `signature`, or `id`.
    pub name: &'static str,
    /// The text of this part. An ellipsis replaces redacted text.
    pub text: String,
}

/// A layer of a cookie's value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CookieLayer {
    /// The part that this layer belongs to: `payload`, `timestamp`, `signature`, or `id`.
    pub part: &'static str,
    /// The title of this layer.
    pub title: &'static str,
    /// The size in bytes.
    pub size: usize,
    /// The size as a percentage of the largest layer's size.
    pub share: f64,
    /// The content, or `None` if it is redacted or not shown for this layer.
    pub text: Option<String>,
    /// An explanation of this layer.
    pub explanation: Option<String>,
}

/// The maximum number of characters of a payload that are shown.
const MAX_CHARS: usize = 2_000;

impl Anatomy {
    /// Analyzes the value of a session cookie of the given kind. `json` is the data of the session: the verified
    /// content of the cookie, or the data that the store has for its id. Pass `None` if the cookie was rejected,
    /// because the content of a rejected cookie is not the data of a session.
    ///
    /// # Security
    ///
    /// Even if values are shown, the result contains at most the first eight characters of a session id, an encrypted
    /// token, or a signature. Anyone who has the complete value could impersonate the visitor.
    pub fn of(kind: BackendKind, value: &str, json: Option<&str>, redaction: Redaction) -> Self {
        let mut anatomy = match kind {
            BackendKind::Signed => Self::signed(value, json, redaction),
            BackendKind::Encrypted => Self::encrypted(value, json, redaction),
            _ => Self::stored(value, json, redaction),
        };
        let largest = anatomy.layers.iter().map(|layer| layer.size).max().unwrap_or(1).max(1);
        for layer in &mut anatomy.layers {
            layer.share = 100.0 * layer.size as f64 / largest as f64;
        }
        anatomy
    }

    fn signed(value: &str, json: Option<&str>, redaction: Redaction) -> Self {
        let mut parts = value.rsplitn(3, '.');
        let (Some(signature), Some(timestamp), Some(payload)) = (parts.next(), parts.next(), parts.next())
        else {
            return Self::unreadable("payload", value, redaction);
        };
        let deflated = payload.strip_prefix('.');
        let bytes = base64::decode_lenient(deflated.unwrap_or(payload).as_bytes()).unwrap_or_default();
        let mut layers = vec![
            CookieLayer::new("payload", "Cookie", value.len())
                .explanation("payload, time, and signature, separated by dots"),
            CookieLayer::new("payload", "Payload in base64", payload.len()),
        ];
        if deflated.is_some() {
            let deflated = CookieLayer::new("payload", "Payload, compressed", bytes.len())
                .explanation("compressed by zlib, as the leading dot indicates");
            layers.push(deflated.text(redaction, &hex(&bytes), MAX_CHARS));
        }
        if let Some(json) = json {
            layers.push(CookieLayer::new("payload", "Payload", json.len()).text(redaction, json, MAX_CHARS));
        }
        let signed_at = base64::decode_lenient(timestamp.as_bytes()).filter(|bytes| bytes.len() <= 8);
        let seconds = signed_at.map(|bytes| bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)));
        let signed_at = seconds.map(|seconds| format!("{seconds} seconds since 1970"));
        let time = CookieLayer::new("timestamp", "Time of signing", timestamp.len());
        layers.push(match signed_at {
            Some(text) => time.explanation(&text),
            None => time,
        });
        let explanation = "an HMAC of everything before it, which only a holder of the key can compute";
        let signature_layer =
            CookieLayer::new("signature", "Signature", signature.len()).explanation(explanation);
        layers.push(signature_layer.text(redaction, signature, MAX_SECRET_CHARS));
        let token = vec![
            CookiePart::new("payload", payload, redaction, MAX_CHARS),
            CookiePart::new("timestamp", timestamp, redaction, MAX_CHARS),
            CookiePart::new("signature", signature, redaction, MAX_SECRET_CHARS),
        ];
        Self { token, layers }
    }

    fn encrypted(value: &str, json: Option<&str>, redaction: Redaction) -> Self {
        let mut layers = vec![
            CookieLayer::new("payload", "Token in base64", value.len()).text(
                redaction,
                value,
                MAX_SECRET_CHARS,
            ),
            CookieLayer::new("payload", "Encrypted bytes", value.len() * 3 / 4)
                .explanation("version, key id, nonce, times, content, and an authentication tag"),
        ];
        if let Some(json) = json {
            let inside = CookieLayer::new("payload", "Content", json.len()).text(redaction, json, MAX_CHARS);
            layers.push(inside.explanation("readable only with the key"));
        }
        Self { token: vec![CookiePart::new("payload", value, redaction, MAX_SECRET_CHARS)], layers }
    }

    fn stored(value: &str, json: Option<&str>, redaction: Redaction) -> Self {
        let id = CookieLayer::new("id", "Id", value.len()).text(redaction, value, MAX_SECRET_CHARS);
        let mut layers =
            vec![id.explanation("256 random bits in base64; the store has only a digest of them")];
        if let Some(json) = json {
            let record =
                CookieLayer::new("payload", "In the store", json.len()).text(redaction, json, MAX_CHARS);
            layers.push(record.explanation("never leaves the server"));
        }
        Self { token: vec![CookiePart::new("id", value, redaction, MAX_SECRET_CHARS)], layers }
    }

    fn unreadable(part: &'static str, value: &str, redaction: Redaction) -> Self {
        let layer = CookieLayer::new(part, "Cookie", value.len())
            .explanation("not in the format of a signed session");
        Self { token: vec![CookiePart::new(part, value, redaction, MAX_SECRET_CHARS)], layers: vec![layer] }
    }

    pub(crate) fn estimated_bytes(&self) -> usize {
        let token: usize = self.token.iter().map(|part| size_of::<CookiePart>() + part.text.len()).sum();
        let layers = self.layers.iter().map(|layer| {
            size_of::<CookieLayer>()
                + layer.text.as_ref().map_or(0, String::len)
                + layer.explanation.as_ref().map_or(0, String::len)
        });
        token + layers.sum::<usize>()
    }
}

impl CookiePart {
    fn new(name: &'static str, text: &str, redaction: Redaction, max_chars: usize) -> Self {
        let text = if redaction.shows_values() { shorten(text, max_chars) } else { "…".to_owned() };
        Self { name, text }
    }
}

impl CookieLayer {
    fn new(part: &'static str, title: &'static str, size: usize) -> Self {
        Self { part, title, size, share: 0.0, text: None, explanation: None }
    }

    fn text(mut self, redaction: Redaction, text: &str, max_chars: usize) -> Self {
        self.text = redaction.shows_values().then(|| shorten(text, max_chars));
        self
    }

    fn explanation(mut self, explanation: &str) -> Self {
        self.explanation = Some(explanation.to_owned());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_never_shown_whole() {
        let id = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";
        for (kind, value) in [
            (BackendKind::Stored, id.to_owned()),
            (BackendKind::Encrypted, id.to_owned()),
            (BackendKind::Signed, format!("eyJhIjoxfQ.ZVPxAA.{id}")),
        ] {
            let shown =
                serde_json::to_string(&Anatomy::of(kind, &value, Some("{}"), Redaction::Secrets)).unwrap();
            assert!(shown.contains("01234567…") && !shown.contains("012345678"), "{shown}");
            let hidden =
                serde_json::to_string(&Anatomy::of(kind, &value, Some(r#"{"a":"hidden"}"#), Redaction::All))
                    .unwrap();
            assert!(
                !hidden.contains("0123") && !hidden.contains("hidden") && !hidden.contains("eyJ"),
                "{hidden}"
            );
        }
    }

    #[test]
    fn malformed_cookies_have_layers_too() {
        for value in ["", ".", "..", "é", "a.b"] {
            assert!(!Anatomy::of(BackendKind::Signed, value, None, Redaction::Secrets).layers.is_empty());
        }
    }
}
