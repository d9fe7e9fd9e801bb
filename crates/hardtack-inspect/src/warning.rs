use serde::Serialize;

use crate::exchange::Tone;

/// Something that should be otherwise, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Warning {
    /// How bad it is.
    pub tone: Tone,
    /// What it is about: a cookie's name.
    pub about: String,
    /// What is the matter.
    pub sentence: String,
    /// What to do.
    pub fix: String,
}

/// A warning, and how often it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Warned {
    /// The warning.
    #[serde(flatten)]
    pub warning: Warning,
    /// How often.
    pub times: u64,
    /// In which exchange it was given last.
    pub number: u64,
    /// Of which route that was.
    pub route: String,
}

impl Warning {
    pub(crate) fn new(tone: Tone, about: &str, sentence: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { tone, about: about.to_owned(), sentence: sentence.into(), fix: fix.into() }
    }
}
