use std::fmt;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// The newtype name by which this crate's serializer recognizes a Markup.
pub(crate) const NAME: &str = "$hardtack::Markup";

/// A string that is already safe HTML: MarkupSafe's `Markup`, with the tag `" m"` on the wire.
///
/// A template engine that supports `Markup` does not escape it again. Other formats receive a plain string.
///
/// # Security
///
/// This type escapes and checks nothing. Code that creates a `Markup` must ensure that it is safe.
///
/// ```
/// use hardtack_core::value::{Markup, to_text};
///
/// assert_eq!(to_text(&Markup::new("<b>hi</b>"))?, r#"{" m":"<b>hi</b>"}"#);
/// # Ok::<(), hardtack_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Markup(String);

impl Markup {
    /// Marks `html` as safe. The caller must ensure that the HTML is safe.
    pub fn new(html: impl Into<String>) -> Self {
        Self(html.into())
    }

    /// Returns the HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the HTML as an owned string.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Markup {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(NAME, &self.0)
    }
}

impl<'de> Deserialize<'de> for Markup {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(NAME, MarkupVisitor)
    }
}

struct MarkupVisitor;

impl<'de> Visitor<'de> for MarkupVisitor {
    type Value = Markup;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("markup")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Markup, D::Error> {
        deserializer.deserialize_string(self)
    }

    fn visit_str<E>(self, html: &str) -> Result<Markup, E> {
        Ok(Markup(html.to_owned()))
    }

    fn visit_string<E>(self, html: String) -> Result<Markup, E> {
        Ok(Markup(html))
    }
}
