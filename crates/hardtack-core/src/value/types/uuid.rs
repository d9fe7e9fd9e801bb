use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::value::python_json::date_parse::is_python_space;
use crate::{Error, ErrorKind};

/// The newtype name by which this crate's serializer recognizes a UUID.
pub(crate) const NAME: &str = "$hardtack::Uuid";

/// A UUID in a session: Python's `uuid.UUID`, with the tag `" u"` on the wire.
///
/// A `Uuid` is only a container for 16 bytes, which convert to and from the UUID type of your choice. Other formats
/// receive the hyphenated string.
///
/// ```
/// use hardtack_core::value::{Uuid, from_text, to_text};
///
/// let id: Uuid = "12345678-1234-4678-9234-567812345678".parse()?;
/// assert_eq!(to_text(&id)?, r#"{" u":"12345678123446789234567812345678"}"#);
/// assert_eq!(from_text::<Uuid>(&to_text(&id)?)?, id);
/// # Ok::<(), hardtack_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uuid([u8; 16]);

impl Uuid {
    /// Creates a UUID from 16 bytes, with the most significant byte first.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the 16 bytes of the UUID, with the most significant byte first.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl From<[u8; 16]> for Uuid {
    fn from(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

/// Parses the strings that Python's `UUID(text)` accepts: 32 hexadecimal digits in any case, with hyphens anywhere,
/// within braces, and after `urn:` and `uuid:`.
///
/// As in Python, some of the 32 characters need not be digits: white space at the ends, a `+` or `0x` before the
/// digits, and single underscores between them. Only ASCII digits are accepted.
///
/// # Errors
///
/// Returns an error for any other text.
impl FromStr for Uuid {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let plain = text.replace("urn:", "").replace("uuid:", "");
        let plain = plain.trim_matches(['{', '}']).replace('-', "");
        let number = if plain.chars().count() == 32 { hexadecimal(&plain) } else { None };
        number
            .map(|number| Self(number.to_be_bytes()))
            .ok_or_else(|| Error::new(ErrorKind::Value, "a UUID must have 32 hexadecimal digits"))
    }
}

/// Parses 32 characters without hyphens like Python's `int(text, 16)`.
fn hexadecimal(text: &str) -> Option<u128> {
    let text = text.trim_matches(is_python_space);
    let text = text.strip_prefix('+').unwrap_or(text);
    let text = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => digits.strip_prefix('_').unwrap_or(digits),
        None => text,
    };
    if text.is_empty() || text.split('_').any(str::is_empty) {
        return None;
    }
    text.chars()
        .filter(|&c| c != '_')
        .try_fold(0, |number, c| Some(number << 4 | u128::from(c.to_digit(16)?)))
}

/// Formats the usual form: lower-case digits with hyphens.
impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, byte) in self.0.iter().enumerate() {
            if matches!(place, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl Serialize for Uuid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(NAME, &self.to_string())
    }
}

impl<'de> Deserialize<'de> for Uuid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(NAME, UuidVisitor)
    }
}

struct UuidVisitor;

impl<'de> Visitor<'de> for UuidVisitor {
    type Value = Uuid;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a UUID")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Uuid, D::Error> {
        deserializer.deserialize_str(self)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Uuid, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_spelling_python_reads() {
        let plain: Uuid = "12345678123446789234567812abcdef".parse().unwrap();
        for text in [
            "12345678-1234-4678-9234-567812abcdef",
            "{12345678-1234-4678-9234-567812abcdef}",
            "urn:uuid:12345678-1234-4678-9234-567812ABCDEF",
            "1-2-3-45678123446789234567812abcdef",
        ] {
            assert_eq!(text.parse::<Uuid>().unwrap(), plain, "{text}");
        }
        // Characters that Python's `int` skips are included in the 32.
        let shorter: Uuid = "00000000123446789234567812abcdef".parse().unwrap();
        for text in [
            "0x000000123446789234567812abcdef",
            " +000_00123446789234567812abcdef",
            "0X_00000123446789234567812abcdef",
        ] {
            assert_eq!(text.parse::<Uuid>().unwrap(), shorter, "{text}");
        }
        for text in [
            "0x+00000123446789234567812abcdef",
            "_0000000123446789234567812abcdef",
            "00__0000123446789234567812abcdef",
        ] {
            assert!(text.parse::<Uuid>().is_err(), "{text}");
        }
        for text in ["", "1234", "12345678123446789234567812abcdeg", "12345678123446789234567812abcdef0"] {
            assert!(text.parse::<Uuid>().is_err(), "{text}");
        }
    }

    #[test]
    fn other_formats_get_the_hyphenated_text() {
        let id = Uuid::from_bytes([0xAB; 16]);
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"abababab-abab-abab-abab-abababababab\"");
        assert_eq!(serde_json::from_str::<Uuid>("\"abababab-abab-abab-abab-abababababab\"").unwrap(), id);
    }
}
