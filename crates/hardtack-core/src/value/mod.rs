//! What a session can hold, and how it is written: Flask's tagged JSON.
//!
//! [`to_text`] writes any [`Serialize`](serde::Serialize) type byte for byte as Flask 3.1 would write the same value,
//! and [`from_text`] reads it back. [`Value`] is the type for data whose shape is not known beforehand.
//!
//! JSON knows neither tuples nor bytes nor dates. Flask keeps them apart by a *tag*, a dict of one key:
//!
//! | Rust | Python | wire text |
//! |---|---|---|
//! | tuple, tuple struct, [`Value::Tuple`] | `tuple` | `{" t":[1,2]}` |
//! | [`Bytes`], `serialize_bytes`, [`Value::Bytes`] | `bytes` | `{" b":"aGk="}` |
//! | [`Markup`] | `markupsafe.Markup` | `{" m":"<b>hi</b>"}` |
//! | [`Uuid`] | `uuid.UUID` | `{" u":"12345678123446789234567812345678"}` |
//! | [`DateTime`] | `datetime.datetime` | `{" d":"Tue, 02 Jan 2024 03:04:05 GMT"}` |
//! | a map or struct whose only key is a tag | `dict` | `{" di":{" t__":1}}` |
//!
//! Everything else is JSON: keys sorted, everything but ASCII escaped, floats as Python prints them, `NaN` and
//! `Infinity` bare. Enums take serde's externally tagged form; map keys may be text, integers, floats, bools or unit
//! variants and are written as Python writes them.
//!
//! ```
//! use hardtack_core::value::{from_text, to_text};
//!
//! let flashes = vec![("message", "Saved."), ("error", "Nope \u{e9}")];
//! let text = to_text(&flashes)?;
//! assert_eq!(text, r#"[{" t":["message","Saved."]},{" t":["error","Nope \u00e9"]}]"#);
//!
//! let back: Vec<(String, String)> = from_text(&text)?;
//! assert_eq!(back[1].1, "Nope \u{e9}");
//! # Ok::<(), hardtack_core::Error>(())
//! ```
//!
//! # What is read
//!
//! What Python's `json` and Flask's tags read: a tag may also enclose values that Flask never writes there, so that a
//! tuple's tag around a dict gives its keys. Everything else is an error, and so are these, which Flask can read: half a
//! surrogate pair (no Rust string can hold it), nesting deeper than [`MAX_DEPTH`], digits of other scripts in a UUID or
//! datetime, and a datetime that is outside the years 1 to 9999 once it is in UTC. A datetime's offset is applied, not
//! kept.
//!
//! A type asked for may be wider than what is there: `Vec<T>` also reads a tuple or bytes, a tuple also a list, a float
//! also an integer, a `String` also Markup, a UUID (hyphenated) and a datetime (as an HTTP date). A tag that is not one
//! of the six is a dict like any other.
//!
//! Through `#[serde(flatten)]` and `#[serde(untagged)]`, which look at a value before they know its type, a tuple
//! arrives as a list and a UUID, datetime or Markup as text.

mod access;
mod big_int;
mod bytes;
mod date_parse;
mod date_time;
mod de;
mod fault;
mod from;
mod map_key;
mod markup;
mod members;
mod number;
mod parser;
mod python;
mod python_text;
mod read;
mod scan;
mod ser;
mod tag;
mod tags;
mod text_serializer;
mod tree;
mod truth;
mod uuid;
mod write;

pub use big_int::BigInt;
pub use bytes::Bytes;
pub use date_time::DateTime;
pub use de::from_text;
pub use markup::Markup;
pub use ser::to_text;
pub use tree::Value;
pub use truth::{breaks_flask, is_truthy};
pub use uuid::Uuid;

pub(crate) use python::Python;
pub(crate) use read::Reader;
pub(crate) use scan::{plain_end, skip_space, string_end, value_end};
pub(crate) use tag::{Tag, unescape_key};
pub(crate) use write::write_string;

/// How many brackets may be open at once in one value's text: 512.
///
/// A tuple takes two, its tag's and its own. Flask itself fails to read back a few hundred levels, when Python's
/// recursion limit is reached; the limit here keeps a hostile value from exhausting the stack.
pub const MAX_DEPTH: usize = 512;

/// How many decimal digits an integer may have: 4300, Python's own limit for reading and printing one.
pub const MAX_DIGITS: usize = 4300;
