use hardtack_jar::{Finding, Severity};
use serde::{Serialize, Serializer};

/// A problem with a cookie or a session, and how to fix it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Warning {
    /// The rule that is broken: the name of a [`Rule`](hardtack_jar::Rule), or one of `Misconfigured`, `ShortKey`,
    /// `SeveralCookies`, and `HabitualWrites`.
    pub rule: String,
    /// The severity. A notice is merely informative.
    #[serde(serialize_with = "serialize_name")]
    pub severity: Severity,
    /// The name of the cookie that the warning is about.
    pub subject: String,
    /// What is wrong.
    pub message: String,
    /// How to fix the problem.
    pub fix: String,
    /// The document and section that the rule comes from.
    pub reference: &'static str,
}

impl Warning {
    /// Converts a finding about a cookie to a warning. `subject` is the name of the cookie.
    pub(crate) fn from_finding(subject: &str, finding: &Finding) -> Self {
        Self::new(
            &format!("{:?}", finding.rule()),
            finding.severity(),
            subject,
            finding.message(),
            finding.fix(),
            finding.reference(),
        )
    }

    /// Creates a warning. `message` and `fix` are clauses. Both are capitalized, and `fix` also gets a period.
    pub(crate) fn new(
        rule: &str,
        severity: Severity,
        subject: &str,
        message: &str,
        fix: &str,
        reference: &'static str,
    ) -> Self {
        Self {
            rule: rule.to_owned(),
            severity,
            subject: subject.to_owned(),
            message: capitalized(message),
            fix: format!("{}.", capitalized(fix)),
            reference,
        }
    }

    /// Returns whether the warning is merely informative.
    pub(crate) fn is_notice(&self) -> bool {
        self.severity == Severity::Notice
    }
}

fn capitalized(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn serialize_name<S: Serializer>(severity: &Severity, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(severity.as_str())
}
