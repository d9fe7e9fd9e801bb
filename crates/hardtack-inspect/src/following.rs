use hardtack::inspect::SessionTrace;

use crate::exchange::Exchange;
use crate::ledger::Ledger;
use crate::record::{Answered, Record};
use crate::session_seen::SessionSeen;
use crate::setting::sent_value;
use crate::tone::Tone;
use crate::trace_reading::{self, count};
use crate::visitors::Visitor;
use crate::warning::Warning;

/// The maximum number of sessions that are tracked for one browser.
const MAX_HISTORIES: usize = 12;

/// The number of consecutive exchanges that write a session before a warning says so.
const HABIT: u32 = 5;

impl Record {
    /// Adds what happened to the sessions to the exchange and to their ledgers.
    pub(crate) fn follow_sessions(&mut self, number: u64, answered: &Answered<'_>, exchange: &mut Exchange) {
        let place = exchange.place().to_owned();
        for trace in &answered.traces {
            let name = trace.layer.as_ref().map_or("", |layer| &layer.cookie_name);
            let sent = sent_value(answered.headers, name);
            let mut seen = trace_reading::read(trace, self.veil, exchange.status, sent.as_deref());
            warn_of_session(&mut exchange.warnings, trace, &seen);
            let user = trace.user.as_ref().map(|user| self.visitors.digest(b"user", user.as_bytes()));
            if let Some(visitor) = self.visitors.get_mut(number)
                && (seen.was_opened || seen.was_written)
            {
                let ledger = ledger_of(visitor, &seen, trace);
                ledger.note_authors(&mut seen, exchange.number, &place);
                if ledger.written_in_a_row >= HABIT {
                    exchange.warnings.push(Warning::new(
                        Tone::Warn,
                        &seen.cookie,
                        format!("The session was written by each of the last {HABIT} exchanges that opened it"),
                        "Write only what has changed: a session that is only read costs neither a write nor a cookie.",
                    ));
                }
                ledger.user = user.filter(|_| !seen.is_over);
                ledger.note(&seen, exchange);
            }
            exchange.sessions.push(seen);
        }
    }
}

fn ledger_of<'a>(visitor: &'a mut Visitor, seen: &SessionSeen, trace: &SessionTrace) -> &'a mut Ledger {
    let at = match visitor.ledgers.iter().position(|ledger| ledger.is_of(seen)) {
        Some(at) => at,
        None => {
            if visitor.ledgers.len() >= MAX_HISTORIES {
                visitor.ledgers.remove(0);
            }
            visitor.ledgers.push(Ledger::new(seen, trace_reading::settings(trace)));
            visitor.ledgers.len() - 1
        }
    };
    &mut visitor.ledgers[at]
}

fn warn_of_session(warnings: &mut Vec<Warning>, trace: &SessionTrace, seen: &SessionSeen) {
    let mut warn = |sentence: String, fix: &str| {
        warnings.push(Warning::new(Tone::Warn, &seen.cookie, sentence, fix));
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
