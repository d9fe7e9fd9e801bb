use hardtack::inspect::SessionTrace;

use crate::exchanges::{Exchange, ResponseHead};
use crate::format::count;
use crate::level::Level;
use crate::redact::CookieRedactor;
use crate::sessions::SessionReport;
use crate::state::Visitor;
use crate::warnings::Warning;

/// The number of consecutive exchanges that write a session before a warning says so.
const MIN_HABITUAL_WRITES: u32 = 5;

/// Returns what happened to the sessions, and warnings about them. Adds it to the histories of the sessions.
pub(super) fn record_sessions(
    response: &ResponseHead<'_>,
    exchange: &Exchange,
    redactor: &CookieRedactor,
    visitor: &mut Visitor,
) -> (Vec<SessionReport>, Vec<Warning>) {
    let reference = exchange.reference();
    let (mut reports, mut warnings) = (Vec::new(), Vec::new());
    for trace in &response.traces {
        let name = trace.layer.as_ref().map_or("", |layer| &layer.cookie_name);
        let sent = response.cookie_value(name);
        let mut report = SessionReport::new(trace, redactor.redaction(), exchange.status, sent.as_deref());
        add_session_warnings(&mut warnings, trace, &report);
        if report.was_opened || report.was_written {
            let history = visitor.history(&report, trace);
            history.record(&mut report, &reference, exchange.at);
            if history.consecutive_writes >= MIN_HABITUAL_WRITES {
                warnings.push(Warning::new(
                    Level::Warning,
                    &report.cookie,
                    format!("The session was written by each of the last {MIN_HABITUAL_WRITES} exchanges that opened it"),
                    "Write only what has changed: a session that is only read costs neither a write nor a cookie.",
                ));
            }
            let user = trace.user.as_ref().map(|user| redactor.digest(b"user", user.as_bytes()));
            history.user = user.filter(|_| !report.is_absent);
        }
        reports.push(report);
    }
    (reports, warnings)
}

fn add_session_warnings(warnings: &mut Vec<Warning>, trace: &SessionTrace, report: &SessionReport) {
    let mut warn = |sentence: String, fix: &str| {
        warnings.push(Warning::new(Level::Warning, &report.cookie, sentence, fix));
    };
    if let Some(mistake) = &trace.mistake {
        warn(format!("A mistake: {mistake}"), "Change the layer’s settings as the sentence says.");
    }
    let Some(layer) = &trace.layer else { return };
    if let Some(shortest) = layer.key_lengths.iter().min().filter(|length| **length < 32) {
        warn(
            format!("A secret key has only {}", count(*shortest, "byte")),
            "Make one with `openssl rand -hex 32`, and keep the old one as a previous key until its sessions have ended.",
        );
    }
    if trace.candidates.len() > 1 {
        warn(
            "Several cookies of the session’s name came with one request".to_owned(),
            "One of them was set for another path or domain: set it in one place, or use a `__Host-` name.",
        );
    }
}
