//! The values that a session can contain, and their wire format: Flask's tagged JSON.
//!
//! [`to_text`] writes any [`Serialize`](serde::Serialize) type exactly as Flask 3.1 writes the same value, byte for
//! byte. [`from_text`] reads the text back. Use [`Value`] for data whose shape is not known in advance.
//!
//! JSON has no tuples, bytes, or dates. Flask marks such values with a *tag*, which is a dict with a single key:
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
//! Everything else is plain JSON: keys are sorted, non-ASCII characters are escaped, floats are written as Python
//! prints them, and `NaN` and `Infinity` are written without quotes. Enums use serde's externally tagged form. Map keys
//! may be strings, integers, floats, bools, `None`, or unit variants, and are written as Python writes them.
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
//! # Accepted input
//!
//! All text that Python's `json` and Flask's tags accept can be read, including tags around values for which Flask
//! never writes them; for example, a tuple tag around a dict produces the dict's keys. All other text is an error. The
//! following are errors too, although Flask can read them:
//!
//! - an unpaired surrogate, which no Rust string can contain
//! - nesting deeper than [`MAX_DEPTH`]
//! - digits of other scripts in a UUID or datetime
//! - a datetime that is outside the years 1 to 9999 in UTC
//!
//! The offset of a datetime is applied, but not preserved.
//!
//! The requested type may be more general than the value. `Vec<T>` also accepts a tuple or bytes, a tuple accepts a
//! list, a float accepts an integer, and a `String` accepts Markup, a UUID (hyphenated), and a datetime (as an HTTP
//! date). A key that looks like a tag but is not one of the six is the key of an ordinary dict.
//!
//! With `#[serde(flatten)]` or `#[serde(untagged)]`, serde reads a value before the requested type is known. A tuple is
//! then read as a list, and a UUID, datetime, or Markup as a string.

mod de;
mod fault;
mod from;
mod map_key;
mod python_json;
mod ser;
mod text;
mod truth;
mod types;
#[expect(clippy::module_inception, reason = "the file is named for the type that it holds")]
mod value;

pub use de::from_text::from_text;
pub use ser::to_text::to_text;
#[doc(hidden)]
pub use truth::breaks_flask;
pub use truth::is_truthy;
pub use types::big_int::BigInt;
pub use types::bytes::Bytes;
pub use types::date_time::DateTime;
pub use types::markup::Markup;
pub use types::uuid::Uuid;
pub use value::Value;

pub(crate) use python_json::python::Python;
pub(crate) use text::read::Reader;
pub(crate) use text::scan::{plain_end, skip_space, string_end, value_end};
pub(crate) use text::tag::{Tag, unescape_key};
pub(crate) use text::write::write_string;

/// The maximum number of open brackets in the text of a value: 512.
///
/// A tuple takes two brackets, one for its tag and one for its list. Flask itself cannot read back a value with a few
/// hundred levels, because it reaches Python's recursion limit. The limit here keeps a malicious value from exhausting
/// the stack.
pub const MAX_DEPTH: usize = 512;

/// The maximum number of decimal digits of an integer: 4300, which is Python's own limit for parsing and printing.
pub const MAX_DIGITS: usize = 4300;
