//! The keys of maps, which are always strings on the wire.

use std::borrow::Cow;

use serde::de::{self, DeserializeSeed, EnumAccess, IntoDeserializer, VariantAccess, Visitor};
use serde::ser::{self, Impossible, Serialize};

use crate::value::Reader;
use crate::value::fault::Fault;
use crate::value::text::number::visit_number;
use crate::value::text::write::{write_float, write_string};

type Result<T> = std::result::Result<T, Fault>;

/// The value by which a key is sorted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Order {
    Text,
    Int(i128),
    Float(f64),
    Null,
}

/// The serializer for types that cannot be keys.
type NoKey = Impossible<Order, Fault>;

/// A serializer that writes keys as Python's JSON does: numbers, bools, and `None` are written as their JSON text.
pub(crate) struct KeySerializer<'s> {
    pub(crate) out: &'s mut String,
}

impl KeySerializer<'_> {
    fn integer(self, number: i128) -> Result<Order> {
        self.quoted(&number.to_string());
        Ok(Order::Int(number))
    }

    fn quoted(self, word: &str) {
        self.out.push('"');
        self.out.push_str(word);
        self.out.push('"');
    }
}

const NOT_A_KEY: Fault = Fault::malformed("a map key must be a string, a number, or a bool");

macro_rules! integers {
    ($($method:ident $integer:ty;)*) => {$(
        fn $method(self, number: $integer) -> Result<Order> {
            self.integer(number.into())
        }
    )*};
}

impl ser::Serializer for KeySerializer<'_> {
    type Ok = Order;
    type Error = Fault;
    type SerializeSeq = NoKey;
    type SerializeTuple = NoKey;
    type SerializeTupleStruct = NoKey;
    type SerializeTupleVariant = NoKey;
    type SerializeMap = NoKey;
    type SerializeStruct = NoKey;
    type SerializeStructVariant = NoKey;

    integers! {
        serialize_i8 i8;
        serialize_i16 i16;
        serialize_i32 i32;
        serialize_i64 i64;
        serialize_i128 i128;
        serialize_u8 u8;
        serialize_u16 u16;
        serialize_u32 u32;
        serialize_u64 u64;
    }

    fn serialize_u128(self, number: u128) -> Result<Order> {
        self.integer(number.try_into().map_err(|_| NOT_A_KEY)?)
    }

    /// Sorts a boolean as a number, because Python treats `True` as 1.
    fn serialize_bool(self, value: bool) -> Result<Order> {
        self.quoted(if value { "true" } else { "false" });
        Ok(Order::Int(value.into()))
    }

    fn serialize_f32(self, number: f32) -> Result<Order> {
        self.serialize_f64(number.into())
    }

    fn serialize_f64(self, number: f64) -> Result<Order> {
        self.out.push('"');
        write_float(number, self.out);
        self.out.push('"');
        Ok(Order::Float(number))
    }

    fn serialize_char(self, c: char) -> Result<Order> {
        self.serialize_str(c.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<Order> {
        write_string(text, self.out);
        Ok(Order::Text)
    }

    fn serialize_none(self) -> Result<Order> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Order> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Order> {
        self.quoted("null");
        Ok(Order::Null)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Order> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Order> {
        value.serialize(self)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<Order> {
        Err(NOT_A_KEY)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Order> {
        Err(NOT_A_KEY)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Order> {
        Err(NOT_A_KEY)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<NoKey> {
        Err(NOT_A_KEY)
    }

    fn serialize_tuple(self, _: usize) -> Result<NoKey> {
        Err(NOT_A_KEY)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<NoKey> {
        Err(NOT_A_KEY)
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<NoKey> {
        Err(NOT_A_KEY)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<NoKey> {
        Err(NOT_A_KEY)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<NoKey> {
        Err(NOT_A_KEY)
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<NoKey> {
        Err(NOT_A_KEY)
    }
}

/// A deserializer that reads keys as strings, unless the requested type is a number or a bool.
pub(crate) struct KeyDeserializer<'a> {
    pub(crate) key: Cow<'a, str>,
}

impl KeyDeserializer<'_> {
    fn visit_text<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.key {
            Cow::Borrowed(key) => visitor.visit_str(key),
            Cow::Owned(key) => visitor.visit_string(key),
        }
    }

    fn visit_number<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let special = match &*self.key {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        };
        if let Some(float) = special {
            return visitor.visit_f64(float);
        }
        let mut reader = Reader::new(&self.key);
        match reader.number() {
            Ok(number) if reader.end().is_ok() && !self.key.ends_with([' ', '\t', '\r', '\n']) => {
                visit_number(number, visitor)
            }
            _ => self.visit_text(visitor),
        }
    }
}

macro_rules! numbers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            self.visit_number(visitor)
        }
    )*};
}

impl<'de> de::Deserializer<'de> for KeyDeserializer<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.visit_text(visitor)
    }

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match &*self.key {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => self.visit_text(visitor),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match &*self.key {
            "null" => visitor.visit_unit(),
            _ => self.visit_text(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match &*self.key {
            "null" => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        if name == crate::value::types::big_int::NAME {
            self.visit_text(visitor)
        } else {
            visitor.visit_newtype_struct(self)
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_enum(self)
    }

    serde::forward_to_deserialize_any! {
        char str string bytes byte_buf unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for KeyDeserializer<'_> {
    type Error = Fault;
    type Variant = UnitKey;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, UnitKey)> {
        let variant = seed.deserialize(IntoDeserializer::<Fault>::into_deserializer(self.key))?;
        Ok((variant, UnitKey))
    }
}

/// The content of an enum variant that is a key. It is always empty.
pub(crate) struct UnitKey;

impl<'de> VariantAccess<'de> for UnitKey {
    type Error = Fault;

    fn unit_variant(self) -> Result<()> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, _: S) -> Result<S::Value> {
        Err(NOT_A_KEY)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value> {
        Err(NOT_A_KEY)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value> {
        Err(NOT_A_KEY)
    }
}
