//! Findings about cookies and pages, as text and as JSON.

use hardtack_jar::{Finding, Severity};
use serde_json::{Value as Json, json};

use super::output::{BAD, DIM, Output, WARN, plain, styled};
use crate::failure::Failure;

/// Prints a finding on two lines. `about` is the name of the cookie that the finding concerns, or `None` if the line
/// above shows the cookie.
pub(crate) fn print(finding: &Finding, about: Option<&str>, out: &mut Output) -> Result<(), Failure> {
    let label = label(finding.severity());
    let about = about.map(|cookie| format!("{}: ", plain(cookie))).unwrap_or_default();
    out.line(format_args!("  {label} {about}{}", plain(finding.message())))?;
    out.line(format_args!("             {}  {}", finding.fix(), styled(DIM, finding.reference())))
}

/// Formats a finding as JSON, with the members that all findings have.
pub(crate) fn json(finding: &Finding) -> Json {
    json!({
        "rule": finding.rule().to_string(),
        "severity": finding.severity().as_str(),
        "message": finding.message(),
        "fix": finding.fix(),
        "reference": finding.reference(),
    })
}

/// Returns the name of a severity, padded to the width of the labels in a report.
fn label(severity: Severity) -> String {
    let style = match severity {
        Severity::Error => BAD,
        Severity::Warning => WARN,
        Severity::Notice => DIM,
    };
    styled(style, format_args!("{severity:<10}"))
}
