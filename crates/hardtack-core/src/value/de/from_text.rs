use std::borrow::Cow;

use serde::de::value::SeqDeserializer;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, IgnoredAny, Visitor};

use crate::Error;
use crate::value::de::access::{Content, EnumVisitor, EscapedMember, Items, Members, SpecialAccess, special};
use crate::value::de::parser::Parser;
use crate::value::fault::Fault;
use crate::value::python_json::python::Python;
use crate::value::text::number::visit_big;
use crate::value::text::read::Number;
use crate::value::text::tag;
use crate::value::text::tags::Tagged;
use crate::value::types::big_int;
use crate::value::value;
use crate::value::value::Special;
use crate::value::{DateTime, Tag, Value};

type Result<T> = std::result::Result<T, Fault>;

/// Deserializes the wire text of one value into a Rust type.
///
/// ```
/// use hardtack_core::value::from_text;
///
/// assert_eq!(from_text::<u8>("42")?, 42);
/// assert_eq!(from_text::<(String, i64)>(r#"{" t":["a",1]}"#)?, ("a".to_owned(), 1));
/// assert!(from_text::<u8>("-1").is_err());
/// # Ok::<(), hardtack_core::Error>(())
/// ```
///
/// # Errors
///
/// Returns an error for text that Flask cannot read, for a value that does not have the requested type (the error names
/// both types, but never the value), and in the cases that the [module documentation](crate::value) lists.
pub fn from_text<T: DeserializeOwned>(text: &str) -> std::result::Result<T, Error> {
    read(text)
        .or_else(|fault| match as_flask_writes(text) {
            Some(usual) => read(&usual),
            None => Err(fault),
        })
        .map_err(Error::from)
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    let mut parser = Parser::new(text);
    let value = T::deserialize(&mut parser)?;
    parser.reader.end()?;
    Ok(value)
}

/// Returns the text that Flask would write after reading `text`, or `None` if the two are equal or `text` cannot be
/// read. They differ, for example, if a tag encloses a value that only Flask accepts there.
#[cold]
#[inline(never)]
fn as_flask_writes(text: &str) -> Option<String> {
    let usual = Python::read(text).and_then(Python::into_value).ok()?.to_text();
    (usual != text).then_some(usual)
}

/// The name and the fields of the struct that serde requests for a [`SystemTime`](std::time::SystemTime).
const SYSTEM_TIME: (&str, &[&str]) = ("SystemTime", &["secs_since_epoch", "nanos_since_epoch"]);

/// The values that the caller accepts in addition to those of serde's data model.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    /// No other values.
    Plain,
    /// Each special type separately, as [`Special`] enums.
    Apart,
    /// Bytes as a sequence of numbers.
    Sequence,
    /// Any integer as a float.
    Float,
    /// An integer as its digits.
    Digits,
}

impl Parser<'_> {
    #[inline]
    fn value<'de, V: Visitor<'de>>(&mut self, visitor: V, mode: Mode) -> Result<V::Value> {
        match self.reader.peek() {
            Some(b'"') => self.string(visitor, mode),
            Some(b'{') => match self.tag() {
                None => self.dict(visitor),
                Some(tagged) => self.tagged(tagged, visitor, mode),
            },
            Some(b'[') => self.list(visitor),
            Some(b'-' | b'0'..=b'9') => self.number(visitor, mode),
            Some(byte) => self.word(byte, visitor),
            None => Err(Fault::malformed("the text is not JSON: a value is missing")),
        }
    }

    fn string<'de, V: Visitor<'de>>(&mut self, visitor: V, mode: Mode) -> Result<V::Value> {
        if mode == Mode::Digits {
            return Err(Fault::malformed("expected an integer, found text"));
        }
        match self.reader.string()? {
            Cow::Borrowed(text) => visitor.visit_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn word<'de, V: Visitor<'de>>(&mut self, first: u8, visitor: V) -> Result<V::Value> {
        match first {
            b't' => self.reader.word("true").and_then(|()| visitor.visit_bool(true)),
            b'f' => self.reader.word("false").and_then(|()| visitor.visit_bool(false)),
            b'N' => self.reader.word("NaN").and_then(|()| visitor.visit_f64(f64::NAN)),
            b'I' => self.reader.word("Infinity").and_then(|()| visitor.visit_f64(f64::INFINITY)),
            _ => self.reader.word("null").and_then(|()| visitor.visit_unit()),
        }
    }

    fn number<'de, V: Visitor<'de>>(&mut self, visitor: V, mode: Mode) -> Result<V::Value> {
        if self.reader.text()[self.reader.at()..].starts_with("-I") {
            self.reader.word("-Infinity")?;
            return visitor.visit_f64(f64::NEG_INFINITY);
        }
        match (self.reader.number()?, mode) {
            (Number::Int(number), _) => visitor.visit_i64(number),
            (Number::Float(number), _) => visitor.visit_f64(number),
            (Number::Big(digits), Mode::Apart) => {
                visitor.visit_enum(special(Special::BigInt, digits.to_owned()))
            }
            (Number::Big(digits), Mode::Digits) => visitor.visit_str(digits),
            (Number::Big(digits), Mode::Float) => visitor.visit_f64(digits.parse().unwrap_or(f64::INFINITY)),
            (Number::Big(digits), _) => visit_big(digits, visitor),
        }
    }

    fn list<'de, V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        self.nest()?;
        self.reader.expect(b'[')?;
        let mut items = Items { parser: self, first: true, done: false };
        let value = visitor.visit_seq(&mut items)?;
        if !items.done && !self.reader.take(b']') {
            return Err(Fault::malformed("the list or tuple is longer than the requested type"));
        }
        self.depth -= 1;
        Ok(value)
    }

    fn dict<'de, V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        self.nest()?;
        self.reader.expect(b'{')?;
        let mut members = Members { parser: self, first: true, done: false };
        let value = visitor.visit_map(&mut members)?;
        if !members.done && !self.reader.take(b'}') {
            return Err(Fault::malformed("the dict has more entries than the requested type"));
        }
        self.depth -= 1;
        Ok(value)
    }

    fn tagged<'de, V: Visitor<'de>>(&mut self, tagged: Tagged, visitor: V, mode: Mode) -> Result<V::Value> {
        self.enter_tag(tagged)?;
        let value = match (tagged.tag, self.reader.peek()) {
            (Tag::Tuple, Some(b'[')) if mode == Mode::Apart => {
                visitor.visit_enum(SpecialAccess { special: Special::Tuple, content: Content::Items(self) })
            }
            (Tag::Tuple, Some(b'[')) => self.list(visitor),
            (Tag::Dict, Some(b'{')) => self.escaped(visitor),
            (tag, Some(b'"')) => {
                let text = self.reader.string()?.into_owned();
                hand_over(tag.of_text(text)?, visitor, mode)
            }
            _ => Err(tag::MISFIT),
        }?;
        self.reader.expect(b'}')?;
        self.depth -= 1;
        Ok(value)
    }

    /// Moves to the value of a tag whose `{` comes next. If the key is repeated, skips the values that are replaced.
    fn enter_tag(&mut self, tagged: Tagged) -> Result<()> {
        self.nest()?;
        self.reader.expect(b'{')?;
        loop {
            self.reader.string()?;
            self.reader.expect(b':')?;
            self.reader.peek();
            if self.reader.at() >= tagged.value {
                return Ok(());
            }
            IgnoredAny::deserialize(&mut *self)?;
            self.reader.expect(b',')?;
        }
    }

    fn inner_tag(&mut self) -> Option<Tagged> {
        if self.reader.peek() == Some(b'{') { self.tag() } else { None }
    }

    /// Reads the content of a `" di"` tag: a dict with one member, whose key is shortened by two characters.
    fn escaped<'de, V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        if self.inner_tag().is_some() {
            return Err(tag::MISFIT);
        }
        self.nest()?;
        self.reader.expect(b'{')?;
        let mut member = EscapedMember { parser: self, done: false };
        let value = visitor.visit_map(&mut member)?;
        if !member.done {
            return Err(Fault::malformed("the dict has more entries than the requested type"));
        }
        self.reader.expect(b'}')?;
        self.depth -= 1;
        Ok(value)
    }
}

/// Passes the value that a tag has produced from a string to the visitor.
fn hand_over<'de, V: Visitor<'de>>(value: Value, visitor: V, mode: Mode) -> Result<V::Value> {
    match (value, mode) {
        (Value::Bytes(bytes), Mode::Sequence) => visitor.visit_seq(SeqDeserializer::new(bytes.into_iter())),
        (Value::Bytes(bytes), _) => visitor.visit_byte_buf(bytes),
        (Value::Markup(text), Mode::Apart) => {
            visitor.visit_enum(special(Special::Markup, text.into_string()))
        }
        (Value::Markup(text), _) => visitor.visit_string(text.into_string()),
        (Value::Uuid(uuid), Mode::Apart) => visitor.visit_enum(special(Special::Uuid, uuid.to_string())),
        (Value::Uuid(uuid), _) => visitor.visit_string(uuid.to_string()),
        (Value::DateTime(date), Mode::Apart) => {
            visitor.visit_enum(special(Special::DateTime, date.to_string()))
        }
        (Value::DateTime(date), _) => visitor.visit_string(date.to_string()),
        // An unreadable datetime.
        _ => visitor.visit_unit(),
    }
}

impl<'de> Deserializer<'de> for &mut Parser<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.value(visitor, Mode::Plain)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.value(visitor, Mode::Float)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.value(visitor, Mode::Float)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.reader.peek() == Some(b'n') {
            self.reader.word("null")?;
            return visitor.visit_none();
        }
        // An unreadable date is read as Python's `None`.
        if self.inner_tag().is_some_and(|tagged| tagged.tag == Tag::DateTime) {
            let start = self.reader.at();
            if Value::deserialize(&mut *self)? == Value::Null {
                return visitor.visit_none();
            }
            self.reader.go_to(start);
        }
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        match name {
            value::NAME => self.value(visitor, Mode::Apart),
            big_int::NAME => self.value(visitor, Mode::Digits),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.value(visitor, Mode::Sequence)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        self.value(visitor, Mode::Sequence)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.value(visitor, Mode::Sequence)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        // serde requests a `SystemTime` as a struct. A datetime can also be read as a `SystemTime`.
        if (name, fields) == SYSTEM_TIME && self.inner_tag().is_some_and(|tagged| tagged.tag == Tag::DateTime)
        {
            let seconds = DateTime::deserialize(self)?.unix_seconds();
            return match u64::try_from(seconds) {
                Ok(seconds) => visitor.visit_seq(SeqDeserializer::<_, Fault>::new([seconds, 0].into_iter())),
                Err(_) => {
                    Err(Fault::malformed("expected a time since 1970, found an earlier one: read a DateTime"))
                }
            };
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.value(EnumVisitor(visitor), Mode::Plain)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.value(visitor, Mode::Apart)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 char str string bytes byte_buf unit unit_struct map
        identifier
    }
}
