use crate::exchanges::{Exchange, ResponseHead};
use crate::redact::CookieRedactor;
use crate::sessions::SessionReport;
use crate::state::Visitor;
use crate::warnings::{SessionFacts, SessionRule, Warning};

/// Returns a report on each session, and warnings about the sessions. Also adds the reports to the sessions' histories.
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
        let mut consecutive_writes = 0;
        if report.was_opened || report.was_written {
            let user = trace.user.as_ref().map(|user| redactor.digest(b"user", user.as_bytes()));
            let history = visitor.history(&report, trace);
            history.record(&mut report, &reference, exchange.at);
            history.user = user.filter(|_| !report.is_absent);
            consecutive_writes = history.consecutive_writes;
        }
        warnings.extend(SessionRule::check_all(&report.cookie, &SessionFacts { trace, consecutive_writes }));
        reports.push(report);
    }
    (reports, warnings)
}
