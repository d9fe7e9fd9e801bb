use hardtack::inspect::SessionTrace;

use crate::exchange::Exchange;
use crate::inspector_state::{InspectorState, ResponseHead};
use crate::level::Level;
use crate::read_trace::{count, read_trace, settings};
use crate::record_set_cookies::sent_value;
use crate::session_history::SessionHistory;
use crate::session_report::SessionReport;
use crate::visitors::Visitor;
use crate::warning::Warning;

/// The maximum number of sessions that are tracked for one browser.
const MAX_HISTORIES: usize = 12;

/// The number of consecutive exchanges that write a session before a warning says so.
const MIN_HABITUAL_WRITES: u32 = 5;

impl InspectorState {
    /// Adds what happened to the sessions to the exchange and to their histories.
    pub(crate) fn record_sessions(
        &mut self,
        number: u64,
        response: &ResponseHead<'_>,
        exchange: &mut Exchange,
    ) {
        let route = exchange.route_or_path().to_owned();
        for trace in &response.traces {
            let name = trace.layer.as_ref().map_or("", |layer| &layer.cookie_name);
            let sent = sent_value(response.headers, name);
            let mut report = read_trace(trace, self.redaction, exchange.status, sent.as_deref());
            add_session_warnings(&mut exchange.warnings, trace, &report);
            let user = trace.user.as_ref().map(|user| self.visitors.digest(b"user", user.as_bytes()));
            if let Some(visitor) = self.visitors.get_mut(number)
                && (report.was_opened || report.was_written)
            {
                let history = history_for(visitor, &report, trace);
                history.record_keys(&mut report, exchange.number, &route);
                if history.consecutive_writes >= MIN_HABITUAL_WRITES {
                    exchange.warnings.push(Warning::new(
                        Level::Warning,
                        &report.cookie,
                        format!("The session was written by each of the last {MIN_HABITUAL_WRITES} exchanges that opened it"),
                        "Write only what has changed: a session that is only read costs neither a write nor a cookie.",
                    ));
                }
                history.user = user.filter(|_| !report.is_absent);
                history.record(&report, exchange);
            }
            exchange.sessions.push(report);
        }
    }
}

fn history_for<'a>(
    visitor: &'a mut Visitor,
    report: &SessionReport,
    trace: &SessionTrace,
) -> &'a mut SessionHistory {
    let at = match visitor.sessions.iter().position(|history| history.is_of(report)) {
        Some(at) => at,
        None => {
            if visitor.sessions.len() >= MAX_HISTORIES {
                visitor.sessions.remove(0);
            }
            visitor.sessions.push(SessionHistory::new(report, settings(trace)));
            visitor.sessions.len() - 1
        }
    };
    &mut visitor.sessions[at]
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
