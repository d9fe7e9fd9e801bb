use serde::Serialize;

use crate::tone::Tone;
use crate::veil::Shown;

/// A cookie that a request sent, and what is known about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Received {
    /// The name.
    pub name: String,
    /// The value.
    pub value: Shown,
    /// The size of name and value in bytes.
    pub size: usize,
    /// The verdict on this cookie.
    pub verdict: Verdict,
}

/// The verdict on a received cookie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// The severity.
    pub tone: Tone,
    /// The verdict in one or two words.
    pub short: &'static str,
    /// The verdict in a sentence.
    pub sentence: String,
}

impl Verdict {
    pub(crate) fn new(tone: Tone, short: &'static str, sentence: impl Into<String>) -> Self {
        Self { tone, short, sentence: sentence.into() }
    }
}

impl Received {
    pub(crate) fn weight(&self) -> usize {
        let value = self.value.text.as_ref().map_or(0, String::len);
        size_of::<Self>() + self.name.len() + value + self.verdict.sentence.len()
    }
}
