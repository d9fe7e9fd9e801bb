use std::collections::{BTreeMap, btree_map};
use std::fmt;
use std::slice;

use serde::de::{self, Deserialize, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeTuple, Serializer};

use crate::value::text::write::{write_float, write_string};
use crate::value::{BigInt, Bytes, DateTime, Markup, Tag, Uuid, from_text};
use crate::{Error, base64};

/// The newtype name that requests a [`Value`] from this crate's deserializer, with Python's types kept distinct.
pub(crate) const NAME: &str = "$hardtack::Value";

/// A type that serde's data model does not have. The deserializer announces a value of the type with the variant's
/// index.
#[derive(Clone, Copy)]
pub(crate) enum Special {
    Tuple,
    BigInt,
    Markup,
    Uuid,
    DateTime,
}

/// Any value that a session can contain, with Python's types kept distinct.
///
/// `From` converts common Rust types. A `Vec<u8>` becomes a list of numbers, while [`Bytes`] becomes bytes.
///
/// ```
/// use hardtack_core::value::Value;
///
/// let value = Value::from((1, "two", [3.0]));
/// assert_eq!(value.to_text(), r#"{" t":[1,"two",[3.0]]}"#);
/// assert_eq!(Value::from_text(&value.to_text())?, value);
/// # Ok::<(), hardtack_core::Error>(())
/// ```
///
/// # Security
///
/// `Debug` shows the value, like that of the types that it contains. Code that takes a value out of a session decides
/// whether the value may be logged. `Dictionary`, the complete content of a session, has a `Debug` that shows no
/// values.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Python's `None`.
    Null,
    /// A bool.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// Any other integer.
    BigInt(BigInt),
    /// A float, including NaN and the infinities.
    Float(f64),
    /// A string.
    String(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A list.
    List(Vec<Value>),
    /// A tuple, which is a list in JSON but a separate type in Python.
    Tuple(Vec<Value>),
    /// A dict. Its keys are strings, because Python's JSON converts all other keys to strings.
    Dict(BTreeMap<String, Value>),
    /// Text that is safe HTML.
    Markup(Markup),
    /// A UUID.
    Uuid(Uuid),
    /// A date and time in UTC.
    DateTime(DateTime),
}

impl Value {
    /// Returns the kind of this value as a word for display, such as `text`, `integer`, or `tuple`.
    ///
    /// ```
    /// use hardtack_core::value::Value;
    ///
    /// assert_eq!(Value::from_text(r#"{" t":["tea",2]}"#)?.kind(), "tuple");
    /// # Ok::<(), hardtack_core::Error>(())
    /// ```
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "truth",
            Self::Int(_) | Self::BigInt(_) => "integer",
            Self::Float(_) => "float",
            Self::String(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Tuple(_) => "tuple",
            Self::Dict(_) => "dictionary",
            Self::Markup(_) => "markup",
            Self::Uuid(_) => "UUID",
            Self::DateTime(_) => "datetime",
        }
    }

    /// Returns the wire text of this value, as Flask would write it.
    ///
    /// Writing never fails, but a value that is nested deeper than [`MAX_DEPTH`](crate::value::MAX_DEPTH) cannot be
    /// read back, either here or in Flask.
    pub fn to_text(&self) -> String {
        if let Self::Int(number) = self {
            return number.to_string();
        }
        let mut out = String::new();
        // Uses an explicit stack, because a value that was built in code may be nested more deeply than the thread's
        // stack allows.
        let mut open = Vec::new();
        write(self, &mut out, &mut open);
        while let Some(innermost) = open.last_mut() {
            match innermost.next(&mut out) {
                Some(value) => write(value, &mut out, &mut open),
                None => {
                    if let Some(Open { close, .. }) = open.pop() {
                        out.push_str(close);
                    }
                }
            }
        }
        out
    }

    /// Parses the wire text of a value.
    ///
    /// # Errors
    ///
    /// Returns an error for text that Flask cannot read, and in the cases that the [module documentation](super) lists.
    pub fn from_text(text: &str) -> Result<Self, Error> {
        from_text(text)
    }
}

/// A container with values that are still to be written.
struct Open<'a> {
    rest: Rest<'a>,
    first: bool,
    close: &'static str,
}

enum Rest<'a> {
    Items(slice::Iter<'a, Value>),
    Members(btree_map::Iter<'a, String, Value>),
    /// The only member of a dict, if the key is a tag.
    Escaped(btree_map::Iter<'a, String, Value>),
}

impl<'a> Open<'a> {
    fn next(&mut self, out: &mut String) -> Option<&'a Value> {
        let (key, value) = match &mut self.rest {
            Rest::Items(items) => (None, items.next()?),
            Rest::Members(members) | Rest::Escaped(members) => {
                let (key, value) = members.next()?;
                (Some(key), value)
            }
        };
        if !std::mem::take(&mut self.first) {
            out.push(',');
        }
        if let Some(key) = key {
            write_string(key, out);
            if let Rest::Escaped(_) = self.rest {
                out.pop();
                out.push_str("__\"");
            }
            out.push(':');
        }
        Some(value)
    }
}

fn write<'a>(value: &'a Value, out: &mut String, open: &mut Vec<Open<'a>>) {
    let mut begin = |out: &mut String, rest, opening, close| {
        out.push_str(opening);
        open.push(Open { rest, first: true, close });
    };
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::BigInt(number) => out.push_str(number.as_str()),
        Value::Float(number) => write_float(*number, out),
        Value::String(text) => write_string(text, out),
        Value::Bytes(bytes) => {
            out.push_str("{\" b\":\"");
            base64::encode_standard_into(bytes, out);
            out.push_str("\"}");
        }
        Value::List(items) => begin(out, Rest::Items(items.iter()), "[", "]"),
        Value::Tuple(items) => begin(out, Rest::Items(items.iter()), "{\" t\":[", "]}"),
        Value::Dict(dict) if dict.len() == 1 && dict.keys().any(|key| Tag::of(key).is_some()) => {
            begin(out, Rest::Escaped(dict.iter()), "{\" di\":{", "}}");
        }
        Value::Dict(dict) => begin(out, Rest::Members(dict.iter()), "{", "}"),
        Value::Markup(text) => {
            out.push_str("{\" m\":");
            write_string(text.as_str(), out);
            out.push('}');
        }
        Value::Uuid(uuid) => {
            out.push_str(&format!("{{\" u\":\"{:032x}\"}}", u128::from_be_bytes(*uuid.as_bytes())));
        }
        Value::DateTime(date) => out.push_str(&format!("{{\" d\":\"{date}\"}}")),
    }
}

/// Serializes to wire text in a session. In other formats, tuples are lists, and values of types that the format does
/// not have are strings.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::BigInt(number) => number.serialize(serializer),
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::String(text) => serializer.serialize_str(text),
            Self::Bytes(bytes) => serializer.serialize_bytes(bytes),
            Self::List(items) => items.serialize(serializer),
            Self::Tuple(items) => {
                let mut tuple = serializer.serialize_tuple(items.len())?;
                for item in items {
                    tuple.serialize_element(item)?;
                }
                tuple.end()
            }
            Self::Dict(dict) => {
                let mut map = serializer.serialize_map(Some(dict.len()))?;
                for (key, value) in dict {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
            Self::Markup(text) => text.serialize(serializer),
            Self::Uuid(uuid) => uuid.serialize(serializer),
            Self::DateTime(date) => date.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(NAME, ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    /// Reads a special type. Only this crate's deserializer calls this method.
    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Value, A::Error> {
        let (special, content) = data.variant::<u32>()?;
        Ok(match special {
            x if x == Special::Tuple as u32 => Value::Tuple(content.newtype_variant()?),
            x if x == Special::BigInt as u32 => Value::from(content.newtype_variant::<BigInt>()?),
            x if x == Special::Markup as u32 => Value::Markup(content.newtype_variant()?),
            x if x == Special::Uuid as u32 => Value::Uuid(content.newtype_variant()?),
            x if x == Special::DateTime as u32 => Value::DateTime(content.newtype_variant()?),
            _ => {
                return Err(de::Error::custom("expected any value, found an enum from another format"));
            }
        })
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Int(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_i128<E>(self, number: i128) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u128<E>(self, number: u128) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Value, E> {
        Ok(Value::Bytes(bytes.to_owned()))
    }

    fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Value, E> {
        Ok(Value::Bytes(bytes))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut dict = BTreeMap::new();
        while let Some(key) = members.next_key()? {
            dict.insert(key, members.next_value()?);
        }
        Ok(Value::Dict(dict))
    }
}

impl From<Bytes> for Value {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes.into_vec())
    }
}
