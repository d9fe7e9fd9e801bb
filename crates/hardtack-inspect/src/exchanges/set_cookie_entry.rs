use serde::Serialize;

use crate::level::Level;
use crate::redact::RedactedValue;
use crate::warnings::Warning;

/// A cookie that a response sets, and what a browser does with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SetCookieEntry {
    /// The name.
    pub name: String,
    /// The value.
    pub value: RedactedValue,
    /// The size of the name and value in bytes.
    pub size: usize,
    /// The attributes as browsers read them.
    pub attributes: Vec<String>,
    /// What a browser does with the cookie.
    pub decision: Decision,
    /// The findings about the cookie, including those that are merely informative.
    pub advice: Vec<Warning>,
}

/// A browser's decision about a cookie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Decision {
    /// How good or bad the decision is.
    pub level: Level,
    /// The decision in a word: `kept`, `replaced`, `unchanged`, `removed`, `refused`, or `undecided`.
    pub short: &'static str,
    /// The decision in a sentence, without the final period.
    pub sentence: String,
    /// If the cookie is refused, the document and section that contain the rule.
    pub section: Option<&'static str>,
}

impl Decision {
    /// Returns whether the browser stores the cookie because of this response.
    pub(crate) fn is_stored(&self) -> bool {
        self.level == Level::Good
    }
}

impl SetCookieEntry {
    pub(crate) fn estimated_bytes(&self) -> usize {
        let value = self.value.text.as_ref().map_or(0, String::len);
        let attributes = self.attributes.iter().map(|attribute| size_of::<String>() + attribute.len());
        size_of::<Self>() + self.name.len() + value + attributes.sum::<usize>() + 300 * self.advice.len()
    }
}
