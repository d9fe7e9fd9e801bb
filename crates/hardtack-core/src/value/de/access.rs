//! The forms in which the parser presents lists, dicts, enums, and types outside serde's data model to serde.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{
    DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use crate::value::de::parser::Parser;
use crate::value::fault::Fault;
use crate::value::map_key::KeyDeserializer;
use crate::value::text::tag::unescape_key;
use crate::value::value::Special;

type Result<T> = std::result::Result<T, Fault>;

/// The items of a list.
pub(crate) struct Items<'p, 'a> {
    pub(crate) parser: &'p mut Parser<'a>,
    pub(crate) first: bool,
    pub(crate) done: bool,
}

impl<'de> SeqAccess<'de> for Items<'_, '_> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        if self.done || self.parser.reader.take(b']') {
            self.done = true;
            return Ok(None);
        }
        if !std::mem::take(&mut self.first) {
            self.parser.reader.expect(b',')?;
        }
        seed.deserialize(&mut *self.parser).map(Some)
    }
}

/// The members of a dict.
pub(crate) struct Members<'p, 'a> {
    pub(crate) parser: &'p mut Parser<'a>,
    pub(crate) first: bool,
    pub(crate) done: bool,
}

impl<'de> MapAccess<'de> for Members<'_, '_> {
    type Error = Fault;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        if self.done || self.parser.reader.take(b'}') {
            self.done = true;
            return Ok(None);
        }
        if !std::mem::take(&mut self.first) {
            self.parser.reader.expect(b',')?;
        }
        let key = self.parser.reader.string()?;
        seed.deserialize(KeyDeserializer { key }).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value> {
        self.parser.reader.expect(b':')?;
        seed.deserialize(&mut *self.parser)
    }
}

/// The only member of an escaped dict.
pub(crate) struct EscapedMember<'p, 'a> {
    pub(crate) parser: &'p mut Parser<'a>,
    pub(crate) done: bool,
}

impl<'de> MapAccess<'de> for EscapedMember<'_, '_> {
    type Error = Fault;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        if std::mem::replace(&mut self.done, true) {
            return Ok(None);
        }
        let key = self.parser.reader.string()?;
        seed.deserialize(KeyDeserializer { key: Cow::Borrowed(unescape_key(&key)) }).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value> {
        self.parser.reader.expect(b':')?;
        seed.deserialize(&mut *self.parser)
    }
}

/// A visitor that presents a variant to an enum's visitor. A variant is a string, or a dict with one member.
pub(crate) struct EnumVisitor<V>(pub(crate) V);

impl<'de, V: Visitor<'de>> Visitor<'de> for EnumVisitor<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_str<E: serde::de::Error>(self, variant: &str) -> std::result::Result<V::Value, E> {
        self.0.visit_enum(variant.into_deserializer())
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> std::result::Result<V::Value, A::Error> {
        self.0.visit_enum(MapAccessDeserializer::new(members))
    }
}

pub(crate) fn special<'p, 'a>(special: Special, text: String) -> SpecialAccess<'p, 'a> {
    SpecialAccess { special, content: Content::Text(text) }
}

/// An enum access that presents a type outside serde's data model to the visitor of [`Value`].
pub(crate) struct SpecialAccess<'p, 'a> {
    pub(crate) special: Special,
    pub(crate) content: Content<'p, 'a>,
}

pub(crate) enum Content<'p, 'a> {
    Items(&'p mut Parser<'a>),
    Text(String),
}

impl<'de, 'p, 'a> EnumAccess<'de> for SpecialAccess<'p, 'a> {
    type Error = Fault;
    type Variant = Content<'p, 'a>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Content<'p, 'a>)> {
        let index = seed.deserialize(IntoDeserializer::<Fault>::into_deserializer(self.special as u32))?;
        Ok((index, self.content))
    }
}

impl<'de> VariantAccess<'de> for Content<'_, '_> {
    type Error = Fault;

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value> {
        match self {
            Self::Items(parser) => seed.deserialize(parser),
            Self::Text(text) => seed.deserialize(IntoDeserializer::<Fault>::into_deserializer(text)),
        }
    }

    fn unit_variant(self) -> Result<()> {
        Err(NO_SHAPE)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value> {
        Err(NO_SHAPE)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value> {
        Err(NO_SHAPE)
    }
}

const NO_SHAPE: Fault = Fault::malformed("only a value of any type is distinguished");
