use hardtack::Value;
use serde::Serialize;

/// The part of each value that is shown. Redaction happens before a value is stored, so that redacted text is not
/// stored anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Veil {
    /// Shows only the kind and length of each value.
    #[default]
    Drawn,
    /// Shows each value, but at most the first eight characters of session ids, encrypted tokens, and signatures.
    Lifted,
}

/// A value, redacted as needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Shown {
    /// The kind, such as `text`, `integer`, `tuple`, or `session id`.
    pub kind: &'static str,
    /// The length: characters of a text, bytes of a byte string, or members of a collection.
    pub length: Option<usize>,
    /// The content, or the beginning of it.
    pub text: Option<String>,
    /// The number of characters cut from the end of the content.
    pub cut: usize,
}

/// The maximum number of characters that are ever shown of a value that grants access.
pub(crate) const MAX_SECRET_CHARS: usize = 8;

/// The maximum number of characters that are shown of any other value.
const MAX_CHARS: usize = 240;

impl Veil {
    /// Redacts a value that is not secret in itself.
    pub fn value(self, kind: &'static str, text: &str) -> Shown {
        self.cut(kind, Some(text.chars().count()), text, MAX_CHARS)
    }

    /// Redacts a value that must never be shown in full.
    pub fn secret(self, kind: &'static str, text: &str) -> Shown {
        self.cut(kind, Some(text.chars().count()), text, MAX_SECRET_CHARS)
    }

    /// Redacts a session value, given as text in Flask's tagged JSON.
    pub fn wire(self, text: &str) -> Shown {
        match Value::from_text(text) {
            Ok(value) => self.typed(&value),
            Err(_) => self.cut("unreadable", Some(text.chars().count()), text, MAX_CHARS),
        }
    }

    /// Redacts a session value.
    pub fn typed(self, value: &Value) -> Shown {
        let kind = value.kind();
        match value {
            Value::String(text) => self.value(kind, text),
            Value::Markup(text) => self.value(kind, text.as_str()),
            Value::Uuid(uuid) => self.cut(kind, None, &uuid.to_string(), MAX_CHARS),
            Value::DateTime(time) => self.cut(kind, None, &time.to_string(), MAX_CHARS),
            Value::Bytes(bytes) => self.cut(kind, Some(bytes.len()), &hex(bytes), MAX_CHARS),
            Value::List(items) | Value::Tuple(items) => {
                self.cut(kind, Some(items.len()), &value.to_text(), MAX_CHARS)
            }
            Value::Dict(members) => self.cut(kind, Some(members.len()), &value.to_text(), MAX_CHARS),
            _ => self.cut(kind, None, &value.to_text(), MAX_CHARS),
        }
    }

    /// Returns whether values are shown.
    pub fn is_lifted(self) -> bool {
        self == Self::Lifted
    }

    fn cut(self, kind: &'static str, length: Option<usize>, text: &str, most: usize) -> Shown {
        if self == Self::Drawn {
            return Shown { kind, length, text: None, cut: 0 };
        }
        let shown: String = text.chars().take(most).collect();
        let cut = text[shown.len()..].chars().count();
        Shown { kind, length, text: Some(shown), cut }
    }
}

/// Formats bytes as hexadecimal digits, up to the number that can be shown.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits: Vec<_> = bytes.iter().take(MAX_CHARS / 2).map(|byte| format!("{byte:02x}")).collect();
    digits.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_veil_shows_kind_and_length() {
        let shown = Veil::Drawn.wire(r#""Ada King""#);
        assert_eq!((shown.kind, shown.length, shown.text, shown.cut), ("text", Some(8), None, 0));
        let shown = Veil::Drawn.wire(r#"{" t":[1,2]}"#);
        assert_eq!((shown.kind, shown.length, shown.text), ("tuple", Some(2), None));
        assert_eq!(Veil::Drawn.wire("nonsense").text, None);
    }

    #[test]
    fn a_lifted_veil_keeps_secrets_back() {
        let shown = Veil::Lifted.secret("session id", "0123456789abcdef");
        assert_eq!((shown.text.as_deref(), shown.cut), (Some("01234567"), 8));
        assert_eq!(Veil::Lifted.value("text", "é".repeat(300).as_str()).cut, 300 - MAX_CHARS);
    }
}
