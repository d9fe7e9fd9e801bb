use std::collections::BTreeMap;

use hardtack_jar::{Finding, Severity};
use serde::Serialize;

use crate::tone::Tone;

/// A problem, and how to fix it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Warning {
    /// The severity. `Plain` means merely informative.
    pub tone: Tone,
    /// The subject: the name of a cookie.
    pub about: String,
    /// What is wrong.
    pub sentence: String,
    /// How to fix it.
    pub fix: String,
}

/// Warnings without duplicates, by subject and sentence.
pub(crate) type Warnings = BTreeMap<(String, String), Warned>;

/// A warning, and the number of times that it occurred.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Warned {
    /// The warning.
    #[serde(flatten)]
    pub warning: Warning,
    /// The number of times that it occurred.
    pub times: u64,
    /// The number of the last exchange in which it occurred.
    pub number: u64,
    /// The route of that exchange.
    pub route: String,
}

impl Warned {
    /// Metrics a warning of an exchange.
    pub(crate) fn count(all: &mut Warnings, warning: &Warning, number: u64, route: &str) {
        const MAX_WARNINGS: usize = 200;
        let key = (warning.about.clone(), warning.sentence.clone());
        if all.len() >= MAX_WARNINGS && !all.contains_key(&key) {
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
    /// Converts an advisor's finding about a cookie.
    pub(crate) fn advised(about: &str, finding: &Finding) -> Self {
        let tone = match finding.severity() {
            Severity::Notice => Tone::Plain,
            Severity::Warning => Tone::Warn,
            Severity::Error => Tone::Bad,
        };
        let sentence = capitalized(finding.message());
        Self::new(tone, about, sentence, format!("{}.", capitalized(finding.fix())))
    }

    pub(crate) fn new(tone: Tone, about: &str, sentence: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { tone, about: about.to_owned(), sentence: sentence.into(), fix: fix.into() }
    }
}

fn capitalized(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
