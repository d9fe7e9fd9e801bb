use std::time::SystemTime;

use axum::http::header;
use serde::Serialize;

use crate::exchange_ref::ExchangeRef;
use crate::exchanges::{HeaderField, RequestCookie, RequestHead, ResponseHead, SetCookieEntry, VisitorLabel};
use crate::format::{clock_time, millis};
use crate::level::Level;
use crate::redact::{Redaction, redact_location};
use crate::sessions::SessionReport;
use crate::warnings::Warning;

/// A request and its response, reduced to the parts that concern cookies and sessions.
///
/// An exchange is created when the response is ready. It contains only data that may be shown.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Exchange {
    /// The sequence number, counted from 1 in the order of the responses.
    pub number: u64,
    /// When the request arrived.
    #[serde(skip)]
    pub at: SystemTime,
    /// The time of arrival for display: hours, minutes, and seconds in UTC.
    pub time: String,
    /// The time of arrival in milliseconds since 1970.
    pub millis: u64,
    /// The time until the response was ready, in microseconds.
    pub micros: u64,
    /// The browser that sent the request.
    pub visitor: VisitorLabel,
    /// The request method.
    pub method: String,
    /// The requested path. If values are redacted, this is the route instead, or `/…` if no route matched.
    pub path: String,
    /// The query. If values are redacted, only the names in the query are kept.
    pub query: Option<String>,
    /// The route that matched, if axum reports one.
    pub route: Option<String>,
    /// The scheme and host of the requested URL.
    pub origin: String,
    /// A phrase that says how another site caused the request, such as `from a link on another site`, or `None` if no
    /// other site did.
    pub context: Option<&'static str>,
    /// The headers in which the browser states where the request comes from, such as `Sec-Fetch-Site`.
    pub fetch: Vec<HeaderField>,
    /// The status code, or 0 if there was no response.
    pub status: u16,
    /// The reason phrase of the status code.
    pub reason: String,
    /// The target of a redirect. If values are redacted, the path and the values in the query are left out.
    pub location: Option<String>,
    /// The cookies in the request.
    pub received: Vec<RequestCookie>,
    /// The number of received cookies that are not listed in `received`.
    pub received_left_out: usize,
    /// The cookies that the response sets.
    pub set: Vec<SetCookieEntry>,
    /// For each session layer that the request passed through, what happened to its session.
    pub sessions: Vec<SessionReport>,
    /// Problems that this exchange revealed.
    pub warnings: Vec<Warning>,
    /// Whether the exchange set no cookie, wrote no session, rejected no cookie, and caused no warning.
    pub is_quiet: bool,
    /// Whether a handler changed a session, or a session was written.
    pub has_changes: bool,
    /// Whether a received cookie was rejected, or a browser would refuse a cookie that the response set.
    pub has_refusals: bool,
}

impl Exchange {
    /// Creates an exchange without cookies, sessions, or warnings.
    pub(crate) fn new(
        number: u64,
        visitor: VisitorLabel,
        request: &RequestHead,
        response: &ResponseHead<'_>,
        redaction: Redaction,
    ) -> Self {
        let reason = match response.status {
            Some(status) => status.canonical_reason().unwrap_or_default(),
            None => "no response",
        };
        Self {
            number,
            at: request.at,
            time: clock_time(request.at),
            millis: millis(request.at),
            micros: response.micros,
            visitor,
            method: request.method(),
            path: request.path(redaction),
            query: request.query(redaction),
            route: request.route.clone(),
            origin: request.origin(),
            context: request.describe_site_context(),
            fetch: request.fetch(),
            status: response.status.map_or(0, |status| status.as_u16()),
            reason: reason.to_owned(),
            location: response.headers.get(header::LOCATION).map(|to| redact_location(to, redaction)),
            received: Vec::new(),
            received_left_out: 0,
            set: Vec::new(),
            sessions: Vec::new(),
            warnings: Vec::new(),
            is_quiet: true,
            has_changes: false,
            has_refusals: false,
        }
    }

    /// Returns the route, or the path if there is no route.
    pub fn route_or_path(&self) -> &str {
        self.route.as_deref().unwrap_or(&self.path)
    }

    pub(crate) fn reference(&self) -> ExchangeRef {
        ExchangeRef { route: self.route_or_path().to_owned(), number: self.number }
    }

    /// Sets the fields that summarize the exchange.
    pub(crate) fn summarize(&mut self) {
        let is_bad = |level| level == Level::Bad;
        let was_written = self.sessions.iter().any(|session| session.was_written);
        self.has_changes = was_written || self.sessions.iter().any(|session| !session.changes.is_empty());
        self.has_refusals = self.set.iter().any(|cookie| is_bad(cookie.decision.level))
            || self.received.iter().any(|cookie| is_bad(cookie.verdict.level));
        let is_unremarkable = !self.has_refusals && self.warnings.is_empty();
        self.is_quiet = self.set.is_empty() && !was_written && is_unremarkable;
    }

    /// Returns the approximate size in bytes.
    pub(crate) fn estimated_bytes(&self) -> usize {
        let received = self.received.iter().map(RequestCookie::estimated_bytes).sum::<usize>();
        let set = self.set.iter().map(SetCookieEntry::estimated_bytes).sum::<usize>();
        let sessions = self.sessions.iter().map(SessionReport::estimated_bytes).sum::<usize>();
        size_of::<Self>() + 2 * self.path.len() + received + set + sessions + 200 * self.warnings.len()
    }
}
