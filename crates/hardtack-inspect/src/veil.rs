use hardtack::Value;
use serde::Serialize;

/// How much of a value is shown: everything that is kept passes it first, so that what it holds back is nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Veil {
    /// Of each value only its kind and length.
    #[default]
    Drawn,
    /// Each value, but of session ids, encrypted tokens and signatures no more than the first eight characters.
    Lifted,
}

/// A value as far as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Shown {
    /// What it is: `text`, `integer`, `tuple`, `session id` and the like.
    pub kind: &'static str,
    /// How long it is: the characters of a text, the bytes of bytes, the members of what has members.
    pub length: Option<usize>,
    /// What it says, or the beginning of it.
    pub text: Option<String>,
    /// How many characters are left out behind that.
    pub cut: usize,
}

/// Of what would let in whoever has it all, only so many characters are ever shown.
pub(crate) const MOST_OF_SECRETS: usize = 8;

/// Of any other value.
const MOST: usize = 240;

impl Veil {
    /// A value that is no secret by itself.
    pub fn value(self, kind: &'static str, text: &str) -> Shown {
        self.cut(kind, Some(text.chars().count()), text, MOST)
    }

    /// A value of which the whole must never be shown.
    pub fn secret(self, kind: &'static str, text: &str) -> Shown {
        self.cut(kind, Some(text.chars().count()), text, MOST_OF_SECRETS)
    }

    /// A value of a session, from its text in Flask's tagged JSON.
    pub fn wire(self, text: &str) -> Shown {
        match Value::from_text(text) {
            Ok(value) => self.typed(&value),
            Err(_) => self.cut("unreadable", Some(text.chars().count()), text, MOST),
        }
    }

    /// A value of a session.
    pub fn typed(self, value: &Value) -> Shown {
        let kind = value.kind();
        match value {
            Value::String(text) => self.value(kind, text),
            Value::Markup(text) => self.value(kind, text.as_str()),
            Value::Uuid(uuid) => self.cut(kind, None, &uuid.to_string(), MOST),
            Value::DateTime(time) => self.cut(kind, None, &time.to_string(), MOST),
            Value::Bytes(bytes) => self.cut(kind, Some(bytes.len()), &hex(bytes), MOST),
            Value::List(items) | Value::Tuple(items) => {
                self.cut(kind, Some(items.len()), &value.to_text(), MOST)
            }
            Value::Dict(members) => self.cut(kind, Some(members.len()), &value.to_text(), MOST),
            _ => self.cut(kind, None, &value.to_text(), MOST),
        }
    }

    /// Whether values are shown.
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

/// Bytes as digits, up to what is shown anyway.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits: Vec<_> = bytes.iter().take(MOST / 2).map(|byte| format!("{byte:02x}")).collect();
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
        assert_eq!(Veil::Lifted.value("text", "é".repeat(300).as_str()).cut, 300 - MOST);
    }
}
