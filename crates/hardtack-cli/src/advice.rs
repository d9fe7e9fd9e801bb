//! Advice on the security of a cookie, as text and as JSON.

use hardtack_jar::{Advice, Severity};
use serde_json::{Value as Json, json};

use crate::failure::Failure;
use crate::output::{BAD, DIM, Output, WARN, plain, styled};

/// Prints each piece of advice on one or two lines.
pub(crate) fn print(advice: &[Advice], out: &mut Output) -> Result<(), Failure> {
    for piece in advice {
        out.line(format_args!("  {} {}", label(piece.severity()), plain(&*piece.sentence())))?;
        out.line(format_args!("             {}  {}", piece.fix(), styled(DIM, piece.section())))?;
    }
    Ok(())
}

pub(crate) fn json(piece: &Advice) -> Json {
    json!({
        "severity": piece.severity().as_str(),
        "flaw": format!("{:?}", piece.flaw()),
        "sentence": piece.sentence(),
        "fix": piece.fix(),
        "section": piece.section(),
    })
}

/// Returns the name of a severity, padded to the width of the labels in a report.
pub(crate) fn label(severity: Severity) -> String {
    let style = match severity {
        Severity::Error => BAD,
        Severity::Warning => WARN,
        Severity::Notice => DIM,
    };
    styled(style, format_args!("{severity:<10}"))
}
