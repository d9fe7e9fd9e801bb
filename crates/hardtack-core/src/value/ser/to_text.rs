use std::fmt::Write;

use serde::ser::{self, Serialize};

use crate::value::Tag;
use crate::value::fault::Fault;
use crate::value::ser::members::Members;
use crate::value::ser::text_serializer::TextSerializer;
use crate::value::text::write::{write_float, write_string};
use crate::value::types::big_int;
use crate::value::types::date_time;
use crate::value::types::markup;
use crate::value::types::uuid;
use crate::{Error, base64};

type Result<T> = std::result::Result<T, Fault>;

/// Serializes a value to its wire text, as Flask would write it.
///
/// ```
/// use std::collections::HashMap;
/// use hardtack_core::value::to_text;
///
/// let map = HashMap::from([(10, 'b'), (9, 'a')]);
/// assert_eq!(to_text(&map)?, r#"{"9":"a","10":"b"}"#);
/// # Ok::<(), hardtack_core::Error>(())
/// ```
///
/// # Errors
///
/// Returns an error if the value is nested deeper than [`MAX_DEPTH`](crate::value::MAX_DEPTH), has map keys other than
/// strings, numbers, bools, `None`, and unit variants, or has a map whose keys Python cannot sort, such as both strings
/// and numbers. Also returns an error if the value's own `Serialize` implementation fails.
pub fn to_text<T: Serialize + ?Sized>(value: &T) -> std::result::Result<String, Error> {
    let mut serializer = TextSerializer { out: String::new(), depth: 0 };
    value.serialize(&mut serializer)?;
    Ok(serializer.out)
}

impl TextSerializer {
    fn display(&mut self, number: impl std::fmt::Display) -> Result<()> {
        write!(self.out, "{number}").map_err(|_| Fault::malformed("a number cannot be formatted"))
    }

    fn sequence(&mut self, opening: &str, close: &'static str, levels: usize) -> Result<Sequence<'_>> {
        self.nest(levels)?;
        self.out.push_str(opening);
        Ok(Sequence { serializer: self, first: true, close, levels })
    }

    fn members(&mut self, close: &'static str, levels: usize) -> Result<Members<'_>> {
        self.nest(levels)?;
        self.out.push('{');
        Ok(Members::new(self, close, levels))
    }

    /// Opens the dict of an enum's variant. Returns the number of levels that the dict takes, and the text that closes
    /// it.
    fn variant(&mut self, variant: &str) -> Result<(usize, Variant)> {
        let escaped = Tag::of(variant).is_some();
        let levels = if escaped { 2 } else { 1 };
        self.nest(levels)?;
        self.out.push_str(if escaped { "{\" di\":{" } else { "{" });
        write_string(variant, &mut self.out);
        if escaped {
            self.out.pop();
            self.out.push_str("__\"");
        }
        self.out.push(':');
        Ok((levels, if escaped { Variant::Escaped } else { Variant::Plain }))
    }

    /// Writes the text of a tag and its value, for a newtype that serializes as a string.
    fn tagged<T: Serialize + ?Sized>(&mut self, tag: &str, value: &T) -> Result<()> {
        self.nest(1)?;
        self.out.push_str(tag);
        value.serialize(&mut *self)?;
        self.out.push('}');
        self.depth -= 1;
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Variant {
    Plain,
    Escaped,
}

impl<'s> ser::Serializer for &'s mut TextSerializer {
    type Ok = ();
    type Error = Fault;
    type SerializeSeq = Sequence<'s>;
    type SerializeTuple = Sequence<'s>;
    type SerializeTupleStruct = Sequence<'s>;
    type SerializeTupleVariant = Sequence<'s>;
    type SerializeMap = Members<'s>;
    type SerializeStruct = Members<'s>;
    type SerializeStructVariant = Members<'s>;

    fn serialize_bool(self, value: bool) -> Result<()> {
        self.out.push_str(if value { "true" } else { "false" });
        Ok(())
    }

    fn serialize_i8(self, number: i8) -> Result<()> {
        self.display(number)
    }

    fn serialize_i16(self, number: i16) -> Result<()> {
        self.display(number)
    }

    fn serialize_i32(self, number: i32) -> Result<()> {
        self.display(number)
    }

    fn serialize_i64(self, number: i64) -> Result<()> {
        self.display(number)
    }

    fn serialize_i128(self, number: i128) -> Result<()> {
        self.display(number)
    }

    fn serialize_u8(self, number: u8) -> Result<()> {
        self.display(number)
    }

    fn serialize_u16(self, number: u16) -> Result<()> {
        self.display(number)
    }

    fn serialize_u32(self, number: u32) -> Result<()> {
        self.display(number)
    }

    fn serialize_u64(self, number: u64) -> Result<()> {
        self.display(number)
    }

    fn serialize_u128(self, number: u128) -> Result<()> {
        self.display(number)
    }

    /// Widens the number without loss, because Python has no shorter float.
    fn serialize_f32(self, number: f32) -> Result<()> {
        self.serialize_f64(number.into())
    }

    fn serialize_f64(self, number: f64) -> Result<()> {
        write_float(number, &mut self.out);
        Ok(())
    }

    fn serialize_char(self, c: char) -> Result<()> {
        self.serialize_str(c.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<()> {
        write_string(text, &mut self.out);
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<()> {
        self.nest(1)?;
        self.out.push_str("{\" b\":\"");
        base64::encode_standard_into(bytes, &mut self.out);
        self.out.push_str("\"}");
        self.depth -= 1;
        Ok(())
    }

    fn serialize_none(self) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<()> {
        self.out.push_str("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<()> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<()> {
        match name {
            markup::NAME => self.tagged("{\" m\":", value),
            date_time::NAME => self.tagged("{\" d\":", value),
            uuid::NAME => {
                let start = self.out.len();
                self.tagged("{\" u\":", value)?;
                let hyphenated = self.out.split_off(start);
                self.out.extend(hyphenated.chars().filter(|&c| c != '-'));
                Ok(())
            }
            big_int::NAME => {
                let start = self.out.len();
                value.serialize(&mut *self)?;
                let quoted = self.out.split_off(start);
                self.out.push_str(quoted.trim_matches('"'));
                Ok(())
            }
            _ => value.serialize(self),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<()> {
        let (levels, kind) = self.variant(variant)?;
        value.serialize(&mut *self)?;
        self.out.push_str(match kind {
            Variant::Plain => "}",
            Variant::Escaped => "}}",
        });
        self.depth -= levels;
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Sequence<'s>> {
        self.sequence("[", "]", 1)
    }

    fn serialize_tuple(self, _: usize) -> Result<Sequence<'s>> {
        self.sequence("{\" t\":[", "]}", 2)
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Sequence<'s>> {
        self.serialize_tuple(length)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Sequence<'s>> {
        let (levels, kind) = self.variant(variant)?;
        let close = match kind {
            Variant::Plain => "]}",
            Variant::Escaped => "]}}",
        };
        let mut sequence = self.sequence("[", close, 1)?;
        sequence.levels += levels;
        Ok(sequence)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'s>> {
        self.members("}", 1)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members<'s>> {
        self.members("}", 1)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members<'s>> {
        let (levels, kind) = self.variant(variant)?;
        let close = match kind {
            Variant::Plain => "}}",
            Variant::Escaped => "}}}",
        };
        let mut members = self.members(close, 1)?;
        members.levels += levels;
        Ok(members)
    }
}

/// A list or tuple that is being written.
pub(crate) struct Sequence<'s> {
    serializer: &'s mut TextSerializer,
    first: bool,
    close: &'static str,
    levels: usize,
}

impl Sequence<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        if !std::mem::take(&mut self.first) {
            self.serializer.out.push(',');
        }
        value.serialize(&mut *self.serializer)
    }

    fn finish(self) -> Result<()> {
        self.serializer.out.push_str(self.close);
        self.serializer.depth -= self.levels;
        Ok(())
    }
}

macro_rules! sequence {
    ($($family:ident $method:ident;)*) => {$(
        impl ser::$family for Sequence<'_> {
            type Ok = ();
            type Error = Fault;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                self.item(value)
            }

            fn end(self) -> Result<()> {
                self.finish()
            }
        }
    )*};
}
sequence! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}
