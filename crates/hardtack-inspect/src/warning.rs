use std::collections::BTreeMap;

use hardtack_jar::{Advice, Severity};
use serde::Serialize;

use crate::level::Level;

/// A problem, and how to fix it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Warning {
    /// The severity. `Neutral` means merely informative.
    pub level: Level,
    /// The subject: the name of a cookie.
    pub subject: String,
    /// What is wrong.
    pub sentence: String,
    /// How to fix it.
    pub fix: String,
}

/// Warnings without duplicates, by subject and sentence.
pub(crate) type Warnings = BTreeMap<(String, String), CountedWarning>;

/// A warning, and the number of times that it occurred.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CountedWarning {
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

impl CountedWarning {
    /// Counts a warning of an exchange.
    pub(crate) fn count(warnings: &mut Warnings, warning: &Warning, number: u64, route: &str) {
        const MAX_WARNINGS: usize = 200;
        let key = (warning.subject.clone(), warning.sentence.clone());
        if warnings.len() >= MAX_WARNINGS && !warnings.contains_key(&key) {
            return;
        }
        let counted = warnings.entry(key).or_insert_with(|| Self {
            warning: warning.clone(),
            times: 0,
            number: 0,
            route: String::new(),
        });
        counted.times += 1;
        counted.number = number;
        route.clone_into(&mut counted.route);
    }
}

impl Warning {
    /// Converts an advisor's advice on a cookie.
    pub(crate) fn from_advice(subject: &str, advice: &Advice) -> Self {
        let level = match advice.severity() {
            Severity::Notice => Level::Neutral,
            Severity::Warning => Level::Warning,
            Severity::Error => Level::Bad,
        };
        let sentence = capitalized(&advice.sentence());
        Self::new(level, subject, sentence, format!("{}.", capitalized(advice.fix())))
    }

    pub(crate) fn new(
        level: Level,
        subject: &str,
        sentence: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { level, subject: subject.to_owned(), sentence: sentence.into(), fix: fix.into() }
    }
}

fn capitalized(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
