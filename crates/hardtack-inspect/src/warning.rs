use std::collections::BTreeMap;

use hardtack_jar::{Advice, Severity};
use serde::Serialize;

use crate::tone::Tone;

/// Something that should be otherwise, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Warning {
    /// How bad it is; `Plain` for what is good to know.
    pub tone: Tone,
    /// What it is about: a cookie's name.
    pub about: String,
    /// What is the matter.
    pub sentence: String,
    /// What to do.
    pub fix: String,
}

/// Warnings, each once: by what it is about and says.
pub(crate) type Warnings = BTreeMap<(String, String), Warned>;

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

impl Warned {
    /// Counts a warning of an exchange.
    pub(crate) fn count(all: &mut Warnings, warning: &Warning, number: u64, route: &str) {
        const MOST: usize = 200;
        let key = (warning.about.clone(), warning.sentence.clone());
        if all.len() >= MOST && !all.contains_key(&key) {
            return;
        }
        let warned = all.entry(key).or_insert_with(|| Self {
            warning: warning.clone(),
            times: 0,
            number: 0,
            route: String::new(),
        });
        warned.times += 1;
        warned.number = number;
        route.clone_into(&mut warned.route);
    }
}

impl Warning {
    /// What an advisor says of a cookie.
    pub(crate) fn advised(about: &str, advice: &Advice) -> Self {
        let tone = match advice.severity() {
            Severity::Notice => Tone::Plain,
            Severity::Warning => Tone::Warn,
            Severity::Error => Tone::Bad,
        };
        let sentence = capitalized(&advice.sentence());
        Self::new(tone, about, sentence, format!("{}.", capitalized(advice.fix())))
    }

    pub(crate) fn new(tone: Tone, about: &str, sentence: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { tone, about: about.to_owned(), sentence: sentence.into(), fix: fix.into() }
    }
}

fn capitalized(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
