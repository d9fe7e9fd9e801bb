use serde::Serialize;

use crate::tone::Tone;
use crate::veil::Shown;
use crate::warning::Warning;

/// A cookie that a response sets, and what a browser does with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Told {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Shown,
    /// How many bytes name and value have.
    pub size: usize,
    /// Its attributes as browsers read them.
    pub attributes: Vec<String>,
    /// What a browser does with it.
    pub decision: Decision,
    /// What could be better about it, also what is no more than good to know.
    pub advice: Vec<Warning>,
}

/// What a browser does with a cookie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Decision {
    /// How that is to be taken.
    pub tone: Tone,
    /// In a word: `kept`, `replaced`, `unchanged`, `removed`, `refused`.
    pub short: &'static str,
    /// In a sentence, without its full stop.
    pub sentence: String,
    /// Where the rule is written, if it is refused.
    pub section: Option<&'static str>,
}

impl Told {
    pub(crate) fn weight(&self) -> usize {
        let value = self.value.text.as_ref().map_or(0, String::len);
        let attributes = self.attributes.iter().map(|attribute| size_of::<String>() + attribute.len());
        size_of::<Self>() + self.name.len() + value + attributes.sum::<usize>() + 300 * self.advice.len()
    }
}
