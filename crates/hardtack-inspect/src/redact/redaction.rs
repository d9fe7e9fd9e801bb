use hardtack::Value;
use serde::Serialize;

/// The setting that determines which values are redacted. Values are redacted before they are stored, so that redacted
/// text is not stored anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Redaction {
    /// All values are redacted. Only the kind and length of each value are shown.
    #[default]
    All,
    /// Only session ids, encrypted tokens, and signatures are redacted. At most the first eight characters of each are
    /// shown.
    Secrets,
}

/// A value, redacted as needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RedactedValue {
    /// The kind, such as `text`, `integer`, `tuple`, or `session`.
    pub kind: &'static str,
    /// The number of characters of a string, bytes of a byte string, or members of a collection, or `None` for another
    /// kind.
    pub length: Option<usize>,
    /// The content or its beginning, or `None` if it is redacted.
    pub text: Option<String>,
    /// The number of characters cut from the end of the content.
    pub cut: usize,
}

/// The maximum number of characters that are ever shown of a value that grants access.
pub(crate) const MAX_SECRET_CHARS: usize = 8;

/// The maximum number of characters that are shown of any other value.
const MAX_CHARS: usize = 240;

impl Redaction {
    /// Redacts a string that is not a secret.
    pub fn text(self, kind: &'static str, text: &str) -> RedactedValue {
        self.redact(kind, Some(text.chars().count()), text, MAX_CHARS)
    }

    /// Redacts a secret, which must never be shown in full.
    pub fn secret(self, kind: &'static str, text: &str) -> RedactedValue {
        self.redact(kind, Some(text.chars().count()), text, MAX_SECRET_CHARS)
    }

    /// Redacts a session value, given as wire text: JSON with Flask's tags.
    pub fn wire_text(self, text: &str) -> RedactedValue {
        match Value::from_text(text) {
            Ok(value) => self.value(&value),
            Err(_) => self.redact("unreadable", Some(text.chars().count()), text, MAX_CHARS),
        }
    }

    /// Redacts a session value.
    pub fn value(self, value: &Value) -> RedactedValue {
        let kind = value.kind();
        match value {
            Value::String(text) => self.text(kind, text),
            Value::Markup(text) => self.text(kind, text.as_str()),
            Value::Uuid(uuid) => self.redact(kind, None, &uuid.to_string(), MAX_CHARS),
            Value::DateTime(time) => self.redact(kind, None, &time.to_string(), MAX_CHARS),
            Value::Bytes(bytes) => self.redact(kind, Some(bytes.len()), &hex(bytes), MAX_CHARS),
            Value::List(items) | Value::Tuple(items) => {
                self.redact(kind, Some(items.len()), &value.to_text(), MAX_CHARS)
            }
            Value::Dict(members) => self.redact(kind, Some(members.len()), &value.to_text(), MAX_CHARS),
            _ => self.redact(kind, None, &value.to_text(), MAX_CHARS),
        }
    }

    /// Returns whether values that are not secret are shown.
    pub fn shows_values(self) -> bool {
        self == Self::Secrets
    }

    fn redact(
        self,
        kind: &'static str,
        length: Option<usize>,
        text: &str,
        max_chars: usize,
    ) -> RedactedValue {
        if self == Self::All {
            return RedactedValue { kind, length, text: None, cut: 0 };
        }
        let shown: String = text.chars().take(max_chars).collect();
        let cut = text[shown.len()..].chars().count();
        RedactedValue { kind, length, text: Some(shown), cut }
    }
}

/// Formats the first bytes, at most half of `MAX_CHARS`, as hexadecimal digits with spaces between the bytes.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits: Vec<_> = bytes.iter().take(MAX_CHARS / 2).map(|byte| format!("{byte:02x}")).collect();
    digits.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redacted_value_has_a_kind_and_a_length() {
        let shown = Redaction::All.wire_text(r#""Ada King""#);
        assert_eq!((shown.kind, shown.length, shown.text, shown.cut), ("text", Some(8), None, 0));
        let shown = Redaction::All.wire_text(r#"{" t":[1,2]}"#);
        assert_eq!((shown.kind, shown.length, shown.text), ("tuple", Some(2), None));
        assert_eq!(Redaction::All.wire_text("nonsense").text, None);
    }

    #[test]
    fn secrets_are_redacted_even_if_values_are_shown() {
        let shown = Redaction::Secrets.secret("session id", "0123456789abcdef");
        assert_eq!((shown.text.as_deref(), shown.cut), (Some("01234567"), 8));
        assert_eq!(Redaction::Secrets.text("text", "é".repeat(300).as_str()).cut, 300 - MAX_CHARS);
    }
}
