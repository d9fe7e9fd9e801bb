//! Reading wire text like Flask: first all of the JSON, and then the tags, from the inside out.
//!
//! [`from_text`](crate::value::from_text) reads the text that Flask writes, in one pass. This module handles text that
//! Flask never writes but can read, such as a tag around a value of another type, or a repeated key. The module parses
//! such text into a tree, and writes the tree in the usual form.

use std::collections::BTreeMap;

use crate::base64;
use crate::value::fault::Fault;
use crate::value::python_json::date_parse::{self, Local, Parsed};
use crate::value::text::read::Number;
use crate::value::text::write::write_float;
use crate::value::{BigInt, DateTime, MAX_DEPTH, Markup, Reader, Tag, Uuid, Value, unescape_key};

type Result<T> = std::result::Result<T, Fault>;

/// A value with its members in the order of the text, and with the details of Python's types that a [`Value`] does not
/// have.
#[derive(Debug)]
pub(crate) enum Python {
    None,
    Bool(bool),
    Int(i64),
    BigInt(BigInt),
    Float(f64),
    String(String),
    Bytes(Vec<u8>),
    List(Vec<Python>),
    Tuple(Vec<Python>),
    /// A dict with unique keys.
    Dict(Vec<(String, Python)>),
    Markup(String),
    Uuid(Uuid),
    DateTime(Local),
}

impl Python {
    /// Reads the complete text of a value.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let mut reader = Reader::new(text);
        let value = json(&mut reader, 0)?;
        reader.end()?;
        untag(value)
    }

    /// Returns whether Python accepts the text as JSON, regardless of whether its tags match their values. Also returns
    /// `true` for text that Python may accept but this reader does not support.
    pub(crate) fn may_be_json(text: &str) -> bool {
        let mut reader = Reader::new(text);
        match json(&mut reader, 0).and_then(|_| reader.end()) {
            Ok(()) => true,
            Err(fault) => fault.is_ours(),
        }
    }

    /// Converts to a [`Value`], which does not keep the order of dicts, and has datetimes in UTC.
    pub(crate) fn into_value(self) -> Result<Value> {
        let all = |items: Vec<Self>| items.into_iter().map(Self::into_value).collect::<Result<Vec<_>>>();
        Ok(match self {
            Self::None => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::Int(number) => Value::Int(number),
            Self::BigInt(number) => Value::BigInt(number),
            Self::Float(number) => Value::Float(number),
            Self::String(text) => Value::String(text),
            Self::Bytes(bytes) => Value::Bytes(bytes),
            Self::List(items) => Value::List(all(items)?),
            Self::Tuple(items) => Value::Tuple(all(items)?),
            Self::Dict(members) => {
                let member = |(key, value): (String, Self)| Ok((key, value.into_value()?));
                Value::Dict(members.into_iter().map(member).collect::<Result<_>>()?)
            }
            Self::Markup(text) => Value::Markup(Markup::new(text)),
            Self::Uuid(uuid) => Value::Uuid(uuid),
            Self::DateTime(local) => {
                Value::DateTime(DateTime::at(local.in_utc().ok_or(crate::value::text::tag::OUT_OF_RANGE)?))
            }
        })
    }

    /// Returns the members of the dict that Python's `dict(…)` creates from the value, or `None` if it creates no dict
    /// with string keys. If a key is repeated, the last value applies.
    pub(crate) fn into_members(self) -> Option<Vec<(String, Python)>> {
        match self {
            Self::None => Some(Vec::new()),
            Self::Dict(members) => Some(members),
            Self::List(items) | Self::Tuple(items) => items.into_iter().map(pair).collect(),
            Self::String(text) | Self::Markup(text) => text.is_empty().then(Vec::new),
            Self::Bytes(bytes) => bytes.is_empty().then(Vec::new),
            _ => None,
        }
    }

    /// Returns the result of Python's `bool(…)` for the value.
    pub(crate) fn is_truthy(&self) -> bool {
        match self {
            Self::None => false,
            Self::Bool(value) => *value,
            Self::Int(number) => *number != 0,
            // Zero is never a big integer.
            Self::BigInt(_) | Self::Uuid(_) | Self::DateTime(_) => true,
            Self::Float(number) => *number != 0.0,
            Self::String(text) | Self::Markup(text) => !text.is_empty(),
            Self::Bytes(bytes) => !bytes.is_empty(),
            Self::List(items) | Self::Tuple(items) => !items.is_empty(),
            Self::Dict(members) => !members.is_empty(),
        }
    }
}

/// Returns the two items of a value, or `None` unless it has exactly two and the first is a string.
fn pair(item: Python) -> Option<(String, Python)> {
    let items = match item {
        Python::List(items) | Python::Tuple(items) => items,
        Python::Dict(members) => members.into_iter().map(|(key, _)| Python::String(key)).collect(),
        Python::String(text) | Python::Markup(text) => characters(&text),
        _ => return None,
    };
    match <[Python; 2]>::try_from(items) {
        Ok([Python::String(key) | Python::Markup(key), value]) => Some((key, value)),
        _ => None,
    }
}

/// Reads JSON like `json.loads`. `depth` is the number of open brackets.
fn json(reader: &mut Reader<'_>, depth: usize) -> Result<Python> {
    Ok(match reader.peek() {
        Some(b'{' | b'[') if depth == MAX_DEPTH => return Err(Fault::too_deep()),
        Some(b'{') => Python::Dict(object(reader, depth + 1)?),
        Some(b'[') => Python::List(array(reader, depth + 1)?),
        Some(b'"') => Python::String(reader.string()?.into_owned()),
        Some(b'-') if reader.text()[reader.at()..].starts_with("-I") => {
            reader.word("-Infinity")?;
            Python::Float(f64::NEG_INFINITY)
        }
        Some(b'-' | b'0'..=b'9') => match reader.number()? {
            Number::Int(number) => Python::Int(number),
            Number::Big(digits) => Python::BigInt(BigInt::from_canonical(digits)),
            Number::Float(number) => Python::Float(number),
        },
        Some(b't') => reader.word("true").map(|()| Python::Bool(true))?,
        Some(b'f') => reader.word("false").map(|()| Python::Bool(false))?,
        Some(b'N') => reader.word("NaN").map(|()| Python::Float(f64::NAN))?,
        Some(b'I') => reader.word("Infinity").map(|()| Python::Float(f64::INFINITY))?,
        _ => reader.word("null").map(|()| Python::None)?,
    })
}

fn array(reader: &mut Reader<'_>, depth: usize) -> Result<Vec<Python>> {
    reader.expect(b'[')?;
    let mut items = Vec::new();
    if reader.take(b']') {
        return Ok(items);
    }
    loop {
        items.push(json(reader, depth)?);
        if !reader.take(b',') {
            reader.expect(b']')?;
            return Ok(items);
        }
    }
}

/// Reads an object. If a key is repeated, it keeps its first position and its last value.
fn object(reader: &mut Reader<'_>, depth: usize) -> Result<Vec<(String, Python)>> {
    reader.expect(b'{')?;
    let mut members: Vec<(String, Python)> = Vec::new();
    let mut places = BTreeMap::new();
    if reader.take(b'}') {
        return Ok(members);
    }
    loop {
        let key = reader.string()?.into_owned();
        reader.expect(b':')?;
        let value = json(reader, depth)?;
        match places.get(&key) {
            Some(&place) => {
                let (_, before): &mut (String, Python) = &mut members[place];
                *before = value;
            }
            None => {
                places.insert(key.clone(), members.len());
                members.push((key, value));
            }
        }
        if !reader.take(b',') {
            reader.expect(b'}')?;
            return Ok(members);
        }
    }
}

/// Converts tags, like Flask's `_untag_scan`.
fn untag(value: Python) -> Result<Python> {
    match value {
        Python::List(items) => Ok(Python::List(items.into_iter().map(untag).collect::<Result<_>>()?)),
        Python::Dict(members) => {
            let member = |(key, value)| Ok((key, untag(value)?));
            let mut members = members.into_iter().map(member).collect::<Result<Vec<_>>>()?;
            let tag = members.first().filter(|_| members.len() == 1).and_then(|(key, _)| Tag::of(key));
            match (tag, members.pop()) {
                (Some(tag), Some((_, value))) => to_python(tag, value),
                (_, last) => {
                    members.extend(last);
                    Ok(Python::Dict(members))
                }
            }
        }
        other => Ok(other),
    }
}

/// Converts a value, like Flask's class for the tag.
fn to_python(tag: Tag, value: Python) -> Result<Python> {
    match (tag, value) {
        (Tag::Tuple, Python::List(items) | Python::Tuple(items)) => Ok(Python::Tuple(items)),
        (Tag::Tuple, Python::String(text) | Python::Markup(text)) => Ok(Python::Tuple(characters(&text))),
        (Tag::Tuple, Python::Bytes(bytes)) => {
            Ok(Python::Tuple(bytes.into_iter().map(|byte| Python::Int(byte.into())).collect()))
        }
        (Tag::Tuple, Python::Dict(members)) => {
            Ok(Python::Tuple(members.into_iter().map(|(key, _)| Python::String(key)).collect()))
        }
        (Tag::Bytes, Python::String(text) | Python::Markup(text)) => {
            crate::value::text::tag::bytes_of(&text).map(Python::Bytes)
        }
        (Tag::Bytes, Python::Bytes(bytes)) => {
            base64::decode_standard(&bytes).map(Python::Bytes).ok_or(crate::value::text::tag::NO_BASE64)
        }
        (Tag::Markup, value) => Ok(Python::Markup(python_str(value))),
        (Tag::Uuid, Python::String(text) | Python::Markup(text)) => {
            crate::value::text::tag::uuid_of(&text).map(Python::Uuid)
        }
        (Tag::DateTime, Python::String(text) | Python::Markup(text)) => match date_parse::parse(&text) {
            Parsed::Date(local) => Ok(Python::DateTime(local)),
            Parsed::Unreadable => Ok(Python::None),
            Parsed::OutOfRange => Err(crate::value::text::tag::BEYOND),
        },
        // Python's date parser splits any true value that has a `split` method. For bytes, the parser raises a
        // `TypeError`.
        (Tag::DateTime, value) if !value.is_truthy() || matches!(value, Python::Bytes(_)) => Ok(Python::None),
        // Flask uses the first key in the text.
        (Tag::Dict, Python::Dict(members)) if !members.is_empty() => Ok(Python::Dict(
            members.into_iter().take(1).map(|(key, value)| (unescape_key(&key).to_owned(), value)).collect(),
        )),
        _ => Err(crate::value::text::tag::MISFIT),
    }
}

fn characters(text: &str) -> Vec<Python> {
    text.chars().map(|character| Python::String(character.into())).collect()
}

/// Returns the result of Python's `str()` for a value.
fn python_str(value: Python) -> String {
    match value {
        Python::String(text) | Python::Markup(text) => text,
        Python::Uuid(uuid) => uuid.to_string(),
        Python::DateTime(local) => local.to_string(),
        other => {
            let mut out = String::new();
            repr(&other, &mut out);
            out
        }
    }
}

/// Appends the result of Python's `repr()` for a value.
fn repr(value: &Python, out: &mut String) {
    match value {
        Python::None => out.push_str("None"),
        Python::Bool(true) => out.push_str("True"),
        Python::Bool(false) => out.push_str("False"),
        Python::Int(number) => out.push_str(&number.to_string()),
        Python::BigInt(number) => out.push_str(number.as_str()),
        Python::Float(number) if number.is_nan() => out.push_str("nan"),
        Python::Float(f64::INFINITY) => out.push_str("inf"),
        Python::Float(f64::NEG_INFINITY) => out.push_str("-inf"),
        Python::Float(number) => write_float(*number, out),
        Python::String(text) => repr_str(text, out),
        Python::Bytes(bytes) => repr_bytes(bytes, out),
        Python::List(items) => {
            out.push('[');
            repr_items(items, out);
            out.push(']');
        }
        Python::Tuple(items) => {
            out.push('(');
            repr_items(items, out);
            out.push_str(if items.len() == 1 { ",)" } else { ")" });
        }
        Python::Dict(members) => {
            out.push('{');
            for (place, (key, value)) in members.iter().enumerate() {
                out.push_str(if place > 0 { ", " } else { "" });
                repr_str(key, out);
                out.push_str(": ");
                repr(value, out);
            }
            out.push('}');
        }
        Python::Markup(text) => {
            out.push_str("Markup(");
            repr_str(text, out);
            out.push(')');
        }
        Python::Uuid(uuid) => out.push_str(&format!("UUID('{uuid}')")),
        Python::DateTime(local) => repr_datetime(*local, out),
    }
}

fn repr_items(items: &[Python], out: &mut String) {
    for (place, item) in items.iter().enumerate() {
        out.push_str(if place > 0 { ", " } else { "" });
        repr(item, out);
    }
}

fn repr_str(text: &str, out: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            _ if c == quote => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            _ if is_printable(c) => out.push(c),
            ..='\u{ff}' => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            ..='\u{ffff}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => out.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    out.push(quote);
}

/// Returns the result of Python's `str.isprintable` for a character. Rust's debug output escapes the same categories.
/// It also escapes combining marks, but only if nothing precedes them.
fn is_printable(c: char) -> bool {
    let mut text = String::from("a");
    text.push(c);
    !text.escape_debug().skip(1).eq(c.escape_unicode())
}

fn repr_bytes(bytes: &[u8], out: &mut String) {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { b'"' } else { b'\'' };
    out.extend(['b', char::from(quote)]);
    for &byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            _ if byte == quote => out.extend(['\\', char::from(byte)]),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push(char::from(quote));
}

fn repr_datetime(local: Local, out: &mut String) {
    let [year, month, day, hour, minute, second] = local.fields();
    out.push_str(&format!("datetime.datetime({year}, {month}, {day}, {hour}, {minute}"));
    if second != 0 {
        out.push_str(&format!(", {second}"));
    }
    out.push_str(", tzinfo=datetime.timezone");
    let (days, seconds) = (local.offset().div_euclid(86_400), local.offset().rem_euclid(86_400));
    out.push_str(&match (days, seconds) {
        (0, 0) => ".utc)".to_owned(),
        (0, _) => format!("(datetime.timedelta(seconds={seconds})))"),
        (_, 0) => format!("(datetime.timedelta(days={days})))"),
        _ => format!("(datetime.timedelta(days={days}, seconds={seconds})))"),
    });
}
