use serde::Serialize;

use crate::level::Level;
use crate::redact::RedactedValue;

/// A cookie that a request contained, with a verdict on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RequestCookie {
    /// The name.
    pub name: String,
    /// The value.
    pub value: RedactedValue,
    /// The size of the name and value in bytes.
    pub size: usize,
    /// The verdict on this cookie.
    pub verdict: CookieVerdict,
}

/// The verdict on a received cookie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CookieVerdict {
    /// How good or bad the verdict is.
    pub level: Level,
    /// The verdict in one or two words.
    pub short: &'static str,
    /// The verdict in a sentence.
    pub sentence: String,
}

impl CookieVerdict {
    pub(crate) fn new(level: Level, short: &'static str, sentence: impl Into<String>) -> Self {
        Self { level, short, sentence: sentence.into() }
    }
}

impl RequestCookie {
    pub(crate) fn estimated_bytes(&self) -> usize {
        let value = self.value.text.as_ref().map_or(0, String::len);
        size_of::<Self>() + self.name.len() + value + self.verdict.sentence.len()
    }
}
