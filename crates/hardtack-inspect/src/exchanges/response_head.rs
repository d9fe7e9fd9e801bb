use axum::http::{HeaderMap, StatusCode, header};
use hardtack::inspect::SessionTrace;

/// The parts of a response that are recorded.
pub(crate) struct ResponseHead<'a> {
    /// The status, or `None` if the service failed or the client disconnected.
    pub(crate) status: Option<StatusCode>,
    pub(crate) headers: &'a HeaderMap,
    /// What happened to the sessions during the exchange: one trace for each session layer.
    pub(crate) traces: Vec<SessionTrace>,
    /// The time until the response was ready, in microseconds.
    pub(crate) micros: u64,
}

impl ResponseHead<'_> {
    /// Returns the value of the last cookie with the given name that the response sets.
    pub(crate) fn cookie_value(&self, name: &str) -> Option<String> {
        let mut lines = self.headers.get_all(header::SET_COOKIE).iter().rev();
        lines.find_map(|line| {
            let (own, value) = name_and_value(line.as_bytes());
            (own == name.as_bytes()).then(|| String::from_utf8_lossy(value).into_owned())
        })
    }
}

/// Returns the name and the value in a `Set-Cookie` line, even if the line is malformed.
pub(crate) fn name_and_value(line: &[u8]) -> (&[u8], &[u8]) {
    let pair = line.split(|byte| *byte == b';').next().unwrap_or_default();
    match pair.iter().position(|byte| *byte == b'=') {
        Some(at) => (pair[..at].trim_ascii(), pair[at + 1..].trim_ascii()),
        None => (b"", pair.trim_ascii()),
    }
}
