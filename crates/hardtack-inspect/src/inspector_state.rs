use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode, header};
use hardtack::inspect::SessionTrace;
use hardtack_core::session::SessionId;

use crate::exchange::Exchange;
use crate::exchange_buffer::ExchangeBuffer;
use crate::level::Level;
use crate::redaction::{MAX_SECRET_CHARS, RedactedValue, Redaction};
use crate::remaining_lifetime::{clock_time, millis};
use crate::request_cookie::RequestCookie;
use crate::request_head::{RequestHead, describe_site_context, redact_location};
use crate::set_cookie_entry::SetCookieEntry;
use crate::visitors::Visitors;
use crate::warning::{CountedWarning, Warnings};

/// The inspector's state, behind one mutex.
pub(crate) struct InspectorState {
    pub(crate) redaction: Redaction,
    pub(crate) total: u64,
    pub(crate) exchanges: ExchangeBuffer,
    pub(crate) visitors: Visitors,
    pub(crate) warnings: Warnings,
    /// The names of session cookies. At most the beginning of their values is ever stored.
    pub(crate) session_cookie_names: BTreeSet<String>,
}

/// The parts of a response that are recorded.
pub(crate) struct ResponseHead<'a> {
    /// The status, or `None` if the service failed or the client disconnected.
    pub(crate) status: Option<StatusCode>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) traces: Vec<SessionTrace>,
    pub(crate) micros: u64,
}

/// The maximum number of cookies listed for one message.
pub(crate) const MAX_COOKIES_LISTED: usize = 60;

impl InspectorState {
    pub(crate) fn new(redaction: Redaction, exchanges: ExchangeBuffer) -> Self {
        Self {
            redaction,
            total: 0,
            exchanges,
            visitors: Visitors::new(),
            warnings: Warnings::new(),
            session_cookie_names: BTreeSet::new(),
        }
    }

    /// Builds an exchange from a request and its response, and stores it.
    pub(crate) fn record(&mut self, request: &RequestHead, response: &ResponseHead<'_>) -> Arc<Exchange> {
        self.total += 1;
        for layer in response.traces.iter().filter_map(|trace| trace.layer.as_ref()) {
            if !self.session_cookie_names.contains(&*layer.cookie_name) {
                self.session_cookie_names.insert(layer.cookie_name.to_string());
            }
        }
        let visitor = self.visitors.find_or_add(request);
        let context = request.jar_context();
        let (received, received_left_out) =
            self.record_request_cookies(visitor, request, context.as_ref(), response);
        let set = self.record_set_cookies(visitor, request, context.as_ref(), response.headers);
        let mut exchange = self.exchange(request, response, visitor, received, set);
        exchange.received_left_out = received_left_out;
        self.record_sessions(visitor, response, &mut exchange);
        exchange.summarize();
        self.record_warnings(visitor, &exchange);
        let exchange = Arc::new(exchange);
        self.exchanges.push(Arc::clone(&exchange));
        exchange
    }

    /// Returns the number of warnings, without those that are merely informative.
    pub(crate) fn count_warnings(&self) -> usize {
        self.warnings.values().filter(|warned| warned.warning.level != Level::Neutral).count()
    }

    /// Returns the value of a cookie, redacted as needed.
    pub(crate) fn shown(&self, name: &str, value: &[u8]) -> RedactedValue {
        let text = String::from_utf8_lossy(value);
        if self.is_secret(name, value) {
            return self.redaction.secret("session", &text);
        }
        self.redaction.text("text", &text)
    }

    /// Returns whether the value grants access to anyone who has it.
    pub(crate) fn is_secret(&self, name: &str, value: &[u8]) -> bool {
        const DEFAULT_NAMES: [&str; 3] = ["__Host-session", "__Secure-session", "session"];
        self.session_cookie_names.contains(name)
            || DEFAULT_NAMES.contains(&name)
            || SessionId::parse(value).is_some()
    }

    /// Returns a stand-in for a value that is not stored. It has the same length, and equal values have equal
    /// stand-ins.
    pub(crate) fn stand_in(&self, name: &str, value: &[u8]) -> Vec<u8> {
        let clear = match (self.redaction, self.is_secret(name, value)) {
            (Redaction::Secrets, false) => return value.to_vec(),
            (Redaction::Secrets, true) => value.len().min(MAX_SECRET_CHARS),
            (Redaction::All, _) => 0,
        };
        let digest = self.visitors.digest(name.as_bytes(), value).to_be_bytes();
        let letters = digest.iter().map(|byte| b"abcdefghijklmnop"[usize::from(byte & 15)]);
        let filler = letters.cycle().take(value.len() - clear);
        value[..clear].iter().copied().chain(filler).collect()
    }

    fn exchange(
        &self,
        request: &RequestHead,
        response: &ResponseHead<'_>,
        visitor: u64,
        received: Vec<RequestCookie>,
        set: Vec<SetCookieEntry>,
    ) -> Exchange {
        let status = response.status.map_or(0, |status| status.as_u16());
        let reason = match response.status {
            Some(status) => status.canonical_reason().unwrap_or_default(),
            None => "no answer",
        };
        let advice = set.iter().flat_map(|cookie| &cookie.advice);
        let warnings = advice.filter(|advice| advice.level != Level::Neutral).cloned().collect();
        let label = self.visitors.get(visitor).map(|visitor| visitor.label.clone());
        Exchange {
            number: self.total,
            at: request.at,
            time: clock_time(request.at),
            millis: millis(request.at),
            micros: response.micros,
            visitor: label.unwrap_or_else(|| self.visitors.unknown_label()),
            method: request.method(),
            path: request.path(self.redaction),
            query: request.query(self.redaction),
            route: request.route.clone(),
            origin: request.origin(),
            context: describe_site_context(request.site_context()),
            fetch: request.fetch(),
            status,
            reason: reason.to_owned(),
            location: response.headers.get(header::LOCATION).map(|to| redact_location(to, self.redaction)),
            received,
            received_left_out: 0,
            set,
            sessions: Vec::new(),
            warnings,
            is_quiet: true,
            has_changes: false,
            has_refusals: false,
        }
    }

    fn record_warnings(&mut self, visitor: u64, exchange: &Exchange) {
        let notices = exchange.set.iter().flat_map(|cookie| &cookie.advice);
        let notices = notices.filter(|advice| advice.level == Level::Neutral);
        for warning in exchange.warnings.iter().chain(notices) {
            CountedWarning::count(&mut self.warnings, warning, exchange.number, exchange.route_or_path());
            if let Some(visitor) = self.visitors.get_mut(visitor) {
                CountedWarning::count(
                    &mut visitor.warnings,
                    warning,
                    exchange.number,
                    exchange.route_or_path(),
                );
            }
        }
    }
}
