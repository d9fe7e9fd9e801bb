use serde::Serialize;

use crate::tone::Tone;
use crate::veil::Shown;

/// A cookie that came with a request, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Received {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Shown,
    /// How many bytes name and value have.
    pub size: usize,
    /// What is thought of it.
    pub verdict: Verdict,
}

/// What is thought of a cookie that came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// How that is to be taken.
    pub tone: Tone,
    /// In a word or two.
    pub short: &'static str,
    /// In a sentence.
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
