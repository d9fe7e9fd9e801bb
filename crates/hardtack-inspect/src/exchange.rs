use std::time::SystemTime;

use serde::Serialize;

use crate::field::Field;
use crate::received::Received;
use crate::session_seen::SessionSeen;
use crate::tag::Tag;
use crate::told::Told;
use crate::tone::Tone;
use crate::warning::Warning;

/// A request and its response, reduced to what concerns state.
///
/// It is created when the response is ready, and holds only what may be shown.
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
    pub visitor: Tag,
    /// The request method.
    pub method: String,
    /// The path that was requested. If values are redacted, its route instead, or `/…` if no route matched.
    pub path: String,
    /// The query. If values are redacted, only the names in it.
    pub query: Option<String>,
    /// The route that matched, if axum reports one.
    pub route: Option<String>,
    /// The scheme and the host.
    pub origin: String,
    /// The relation of the request to other sites, in words, if there is one.
    pub context: Option<&'static str>,
    /// The headers in which the browser states where the request comes from, such as `Sec-Fetch-Site`.
    pub fetch: Vec<Field>,
    /// The status code, or 0 if there was no response.
    pub status: u16,
    /// The reason phrase of the status.
    pub reason: String,
    /// The target of a redirect. If values are redacted, its path is left out.
    pub location: Option<String>,
    /// The cookies that the request sent.
    pub received: Vec<Received>,
    /// The number of further cookies that are not listed.
    pub received_left_out: usize,
    /// The cookies that the response set.
    #[serde(rename = "set")]
    pub told: Vec<Told>,
    /// What happened to the session of each layer that the request passed through.
    pub sessions: Vec<SessionSeen>,
    /// Problems that this exchange revealed.
    pub warnings: Vec<Warning>,
    /// Whether the exchange set no cookie, wrote no session, rejected nothing, and caused no warning.
    pub is_quiet: bool,
    /// Whether a session changed.
    pub has_changes: bool,
    /// Whether a received cookie was rejected, or a browser would refuse a cookie that the response set.
    pub has_refusals: bool,
}

impl Exchange {
    /// Returns the route, or the path if there is no route.
    pub fn place(&self) -> &str {
        self.route.as_deref().unwrap_or(&self.path)
    }

    /// Sets the fields that summarize the exchange.
    pub(crate) fn sum_up(&mut self) {
        let is_bad = |tone| tone == Tone::Bad;
        let was_written = self.sessions.iter().any(|seen| seen.was_written);
        self.has_changes = was_written || self.sessions.iter().any(|seen| !seen.changes.is_empty());
        self.has_refusals = self.told.iter().any(|told| is_bad(told.decision.tone))
            || self.received.iter().any(|received| is_bad(received.verdict.tone));
        let is_calm = !self.has_refusals && self.warnings.is_empty();
        self.is_quiet = self.told.is_empty() && !was_written && is_calm;
    }

    /// Returns the approximate size in bytes.
    pub(crate) fn weight(&self) -> usize {
        let received = self.received.iter().map(Received::weight).sum::<usize>();
        let told = self.told.iter().map(Told::weight).sum::<usize>();
        let sessions = self.sessions.iter().map(SessionSeen::weight).sum::<usize>();
        size_of::<Self>() + 2 * self.path.len() + received + told + sessions + 200 * self.warnings.len()
    }
}
