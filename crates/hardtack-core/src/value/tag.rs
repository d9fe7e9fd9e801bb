use super::date_parse::{self, Parsed};
use super::fault::Fault;
use super::{DateTime, Markup, Value};
use crate::base64;

type Result<T> = std::result::Result<T, Fault>;

/// What the only key of a dict says about it: Flask's way of writing what JSON has no word for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag {
    /// A dict whose only key is a tag; the key has `__` added.
    Dict,
    /// A tuple, of a list.
    Tuple,
    /// Bytes, of base64.
    Bytes,
    /// Markup, of text.
    Markup,
    /// A UUID, of its hexadecimal digits.
    Uuid,
    /// A datetime, of an HTTP date.
    DateTime,
}

impl Tag {
    /// The tag a key is, if it is one.
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

    /// What the tag makes of a value that has already been read, as Flask's classes convert it.
    pub(super) fn apply(self, value: Value) -> Result<Value> {
        match (self, value) {
            (Self::Tuple, Value::List(items) | Value::Tuple(items)) => Ok(Value::Tuple(items)),
            (Self::Tuple, Value::String(text)) => Ok(characters(&text)),
            (Self::Tuple, Value::Markup(text)) => Ok(characters(text.as_str())),
            (Self::Tuple, Value::Bytes(bytes)) => {
                Ok(Value::Tuple(bytes.into_iter().map(Value::from).collect()))
            }
            // Python takes the keys in the order of the text, which is lost here.
            (Self::Tuple, Value::Dict(dict)) if dict.len() <= 1 => {
                Ok(Value::Tuple(dict.into_keys().map(Value::String).collect()))
            }
            (Self::Bytes, Value::String(text)) => from_base64(&text),
            (Self::Bytes, Value::Markup(text)) => from_base64(text.as_str()),
            (Self::Bytes, Value::Bytes(bytes)) => decoded(base64::decode_standard(&bytes)),
            (Self::Markup, value) => python_str(value).map(|text| Value::Markup(Markup::new(text))),
            (Self::Uuid, Value::String(text)) => uuid(&text),
            (Self::Uuid, Value::Markup(text)) => uuid(text.as_str()),
            (Self::DateTime, Value::String(text)) => date(&text),
            (Self::DateTime, Value::Markup(text)) => date(text.as_str()),
            (Self::DateTime, value) if is_falsy(&value) || matches!(value, Value::Bytes(_)) => {
                Ok(Value::Null)
            }
            (Self::Dict, Value::Dict(dict)) if dict.len() == 1 => Ok(Value::Dict(
                dict.into_iter().map(|(key, value)| (unescape_key(&key).to_owned(), value)).collect(),
            )),
            _ => {
                Err(Fault::malformed("a tag that does not fit its value, which Flask could not read either"))
            }
        }
    }
}

/// The key of an escaped dict without its last two characters, whatever they are.
pub(crate) fn unescape_key(key: &str) -> &str {
    let mut characters = key.chars();
    characters.next_back();
    characters.next_back();
    characters.as_str()
}

/// The text's bytes as Flask's bytes tag reads them.
pub(super) fn bytes_of(text: &str) -> Result<Vec<u8>> {
    if !text.is_ascii() {
        return Err(Fault::malformed("tagged bytes have to be base64"));
    }
    base64::decode_standard(text.as_bytes())
        .ok_or(Fault::malformed("tagged bytes have to be base64 with its padding"))
}

fn from_base64(text: &str) -> Result<Value> {
    bytes_of(text).map(Value::Bytes)
}

fn decoded(bytes: Option<Vec<u8>>) -> Result<Value> {
    bytes.map(Value::Bytes).ok_or(Fault::malformed("tagged bytes have to be base64 with its padding"))
}

fn uuid(text: &str) -> Result<Value> {
    text.parse().map(Value::Uuid).map_err(|_| Fault::malformed("a tagged UUID has 32 hexadecimal digits"))
}

fn date(text: &str) -> Result<Value> {
    match date_parse::parse(text) {
        Parsed::Date(date) => Ok(Value::DateTime(DateTime::at(date))),
        Parsed::Unreadable => Ok(Value::Null),
        Parsed::OutOfRange => Err(Fault::malformed("a tagged datetime lies in the years 1 to 9999")),
    }
}

fn characters(text: &str) -> Value {
    Value::Tuple(text.chars().map(Value::from).collect())
}

fn is_falsy(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) | Value::Int(0) => true,
        Value::Float(float) => *float == 0.0,
        Value::List(items) | Value::Tuple(items) => items.is_empty(),
        Value::Dict(dict) => dict.is_empty(),
        _ => false,
    }
}

/// Python's `str()` of a value; not of containers and bytes, whose text is meant for programs, nor of a datetime, which
/// would need its offset.
fn python_str(value: Value) -> Result<String> {
    Ok(match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Float(float) if float.is_nan() => "nan".to_owned(),
        Value::Float(float) if float.is_infinite() => if float > 0.0 { "inf" } else { "-inf" }.to_owned(),
        Value::Int(_) | Value::BigInt(_) | Value::Float(_) => value.to_text(),
        Value::String(text) => text,
        Value::Markup(text) => text.into_string(),
        Value::Uuid(uuid) => uuid.to_string(),
        Value::Bytes(_) | Value::DateTime(_) | Value::List(_) | Value::Tuple(_) | Value::Dict(_) => {
            return Err(Fault::malformed(
                "a Markup tag around a container, bytes or a datetime is not supported",
            ));
        }
    })
}
