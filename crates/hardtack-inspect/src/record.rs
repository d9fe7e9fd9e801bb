use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode, header};
use hardtack::inspect::SessionTrace;
use hardtack_core::session::SessionId;

use crate::asked::{Asked, shown_location, words_of};
use crate::exchange::Exchange;
use crate::lifetimes::{clock_time, millis};
use crate::received::Received;
use crate::ring::Ring;
use crate::told::Told;
use crate::tone::Tone;
use crate::veil::{MAX_SECRET_CHARS, Shown, Veil};
use crate::visitors::Visitors;
use crate::warning::{Warned, Warnings};

/// The inspector's state, behind one mutex.
pub(crate) struct Record {
    pub(crate) veil: Veil,
    pub(crate) total: u64,
    pub(crate) ring: Ring,
    pub(crate) visitors: Visitors,
    pub(crate) warnings: Warnings,
    /// The names of session cookies. At most the beginning of their values is ever stored.
    pub(crate) secrets: BTreeSet<String>,
}

/// The parts of a response that are recorded.
pub(crate) struct Answered<'a> {
    /// The status, or `None` if the service failed or the client disconnected.
    pub(crate) status: Option<StatusCode>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) traces: Vec<SessionTrace>,
    pub(crate) micros: u64,
}

/// The maximum number of cookies listed for one message.
pub(crate) const MAX_COOKIES_LISTED: usize = 60;

impl Record {
    pub(crate) fn new(veil: Veil, ring: Ring) -> Self {
        Self {
            veil,
            total: 0,
            ring,
            visitors: Visitors::new(),
            warnings: Warnings::new(),
            secrets: BTreeSet::new(),
        }
    }

    /// Builds an exchange from a request and its response, and stores it.
    pub(crate) fn note(&mut self, asked: &Asked, answered: &Answered<'_>) -> Arc<Exchange> {
        self.total += 1;
        for layer in answered.traces.iter().filter_map(|trace| trace.layer.as_ref()) {
            if !self.secrets.contains(&*layer.cookie_name) {
                self.secrets.insert(layer.cookie_name.to_string());
            }
        }
        let number = self.visitors.find_or_meet(asked);
        let access = asked.access();
        let (received, received_left_out) = self.receive(number, asked, access.as_ref(), answered);
        let told = self.tell(number, asked, access.as_ref(), answered.headers);
        let mut exchange = self.exchange(asked, answered, number, received, told);
        exchange.received_left_out = received_left_out;
        self.follow_sessions(number, answered, &mut exchange);
        exchange.sum_up();
        self.warn(number, &exchange);
        let exchange = Arc::new(exchange);
        self.ring.push(Arc::clone(&exchange));
        exchange
    }

    /// Returns the number of warnings, without those that are merely informative.
    pub(crate) fn count_warnings(&self) -> usize {
        self.warnings.values().filter(|warned| warned.warning.tone != Tone::Plain).count()
    }

    /// Returns the value of a cookie, redacted as needed.
    pub(crate) fn shown(&self, name: &str, value: &[u8]) -> Shown {
        let text = String::from_utf8_lossy(value);
        if self.is_secret(name, value) {
            return self.veil.secret("session", &text);
        }
        self.veil.value("text", &text)
    }

    /// Returns whether the value grants access to anyone who has it.
    pub(crate) fn is_secret(&self, name: &str, value: &[u8]) -> bool {
        const USUAL: [&str; 3] = ["__Host-session", "__Secure-session", "session"];
        self.secrets.contains(name) || USUAL.contains(&name) || SessionId::parse(value).is_some()
    }

    /// Returns a stand-in for a value that is not stored. It has the same length, and equal values have equal
    /// stand-ins.
    pub(crate) fn stand_in(&self, name: &str, value: &[u8]) -> Vec<u8> {
        let clear = match (self.veil, self.is_secret(name, value)) {
            (Veil::Lifted, false) => return value.to_vec(),
            (Veil::Lifted, true) => value.len().min(MAX_SECRET_CHARS),
            (Veil::Drawn, _) => 0,
        };
        let digest = self.visitors.digest(name.as_bytes(), value).to_be_bytes();
        let letters = digest.iter().map(|byte| b"abcdefghijklmnop"[usize::from(byte & 15)]);
        let filler = letters.cycle().take(value.len() - clear);
        value[..clear].iter().copied().chain(filler).collect()
    }

    fn exchange(
        &self,
        asked: &Asked,
        answered: &Answered<'_>,
        visitor: u64,
        received: Vec<Received>,
        told: Vec<Told>,
    ) -> Exchange {
        let status = answered.status.map_or(0, |status| status.as_u16());
        let reason = match answered.status {
            Some(status) => status.canonical_reason().unwrap_or_default(),
            None => "no answer",
        };
        let advice = told.iter().flat_map(|told| &told.advice);
        let warnings = advice.filter(|advice| advice.tone != Tone::Plain).cloned().collect();
        let tag = self.visitors.get(visitor).map(|visitor| visitor.tag.clone());
        Exchange {
            number: self.total,
            at: asked.at,
            time: clock_time(asked.at),
            millis: millis(asked.at),
            micros: answered.micros,
            visitor: tag.unwrap_or_else(|| self.visitors.nobody()),
            method: asked.method(),
            path: asked.path(self.veil),
            query: asked.query(self.veil),
            route: asked.route.clone(),
            origin: asked.origin(),
            context: words_of(asked.context()),
            fetch: asked.fetch(),
            status,
            reason: reason.to_owned(),
            location: answered.headers.get(header::LOCATION).map(|to| shown_location(to, self.veil)),
            received,
            received_left_out: 0,
            told,
            sessions: Vec::new(),
            warnings,
            is_quiet: true,
            has_changes: false,
            has_refusals: false,
        }
    }

    fn warn(&mut self, number: u64, exchange: &Exchange) {
        let notices = exchange.told.iter().flat_map(|told| &told.advice);
        let notices = notices.filter(|advice| advice.tone == Tone::Plain);
        for warning in exchange.warnings.iter().chain(notices) {
            Warned::count(&mut self.warnings, warning, exchange.number, exchange.place());
            if let Some(visitor) = self.visitors.get_mut(number) {
                Warned::count(&mut visitor.warnings, warning, exchange.number, exchange.place());
            }
        }
    }
}
