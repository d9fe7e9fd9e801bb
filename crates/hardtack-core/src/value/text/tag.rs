use crate::base64;
use crate::value::fault::Fault;
use crate::value::python_json::date_parse::{self, Parsed};
use crate::value::{DateTime, Markup, Uuid, Value};

type Result<T> = std::result::Result<T, Fault>;

pub(crate) const MISFIT: Fault =
    Fault::malformed("a tag does not match its value, so Flask could not read it either");
pub(crate) const NO_BASE64: Fault = Fault::malformed("tagged bytes must be padded base64");
pub(crate) const OUT_OF_RANGE: Fault = Fault::ours("a tagged datetime must be in the years 1 to 9999");
pub(crate) const BEYOND: Fault =
    Fault::malformed("a tagged datetime has numbers that are out of range in Python");

/// The type that a dict's only key indicates. Flask writes types that JSON does not have as such dicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag {
    /// A dict whose only key is a tag. `__` is appended to the key.
    Dict,
    /// A tuple, from a list.
    Tuple,
    /// Bytes, from base64.
    Bytes,
    /// Markup, from text.
    Markup,
    /// A UUID, from its hexadecimal digits.
    Uuid,
    /// A datetime, from an HTTP date.
    DateTime,
}

impl Tag {
    /// Returns the tag for a key, if the key is one.
    #[inline]
    pub(crate) fn of(key: &str) -> Option<Self> {
        Some(match key {
            " di" => Self::Dict,
            " t" => Self::Tuple,
            " b" => Self::Bytes,
            " m" => Self::Markup,
            " u" => Self::Uuid,
            " d" => Self::DateTime,
            _ => return None,
        })
    }

    /// Converts a string to the value that the tag indicates.
    pub(crate) fn of_text(self, text: String) -> Result<Value> {
        match self {
            Self::Bytes => bytes_of(&text).map(Value::Bytes),
            Self::Markup => Ok(Value::Markup(Markup::new(text))),
            Self::Uuid => uuid_of(&text).map(Value::Uuid),
            Self::DateTime => match date_parse::parse(&text) {
                Parsed::Date(local) => {
                    local.in_utc().map(|date| Value::DateTime(DateTime::at(date))).ok_or(OUT_OF_RANGE)
                }
                Parsed::Unreadable => Ok(Value::Null),
                Parsed::OutOfRange => Err(BEYOND),
            },
            Self::Dict | Self::Tuple => Err(MISFIT),
        }
    }
}

/// Returns the key of an escaped dict without its last two characters, without checking that they are underscores.
pub(crate) fn unescape_key(key: &str) -> &str {
    let mut characters = key.chars();
    characters.next_back();
    characters.next_back();
    characters.as_str()
}

/// Decodes a string into bytes like Flask's bytes tag.
pub(crate) fn bytes_of(text: &str) -> Result<Vec<u8>> {
    if !text.is_ascii() {
        return Err(NO_BASE64);
    }
    base64::decode_standard(text.as_bytes()).ok_or(NO_BASE64)
}

/// Parses a string as a UUID like Flask's UUID tag.
pub(crate) fn uuid_of(text: &str) -> Result<Uuid> {
    // Python also accepts digits of other scripts.
    let others = text.chars().any(|c| !c.is_ascii() && c.is_numeric());
    let fault = if others { Fault::ours } else { Fault::malformed };
    text.parse().map_err(|_| fault("a tagged UUID must have 32 hexadecimal digits"))
}
