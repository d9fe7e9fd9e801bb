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

    /// Returns whether the warning is merely informative.
    pub(crate) fn is_notice(&self) -> bool {
        self.level == Level::Neutral
    }
}

fn capitalized(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
