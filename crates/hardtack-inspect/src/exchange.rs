use std::time::SystemTime;

use serde::Serialize;

use crate::field::Field;
use crate::received::Received;
use crate::session_seen::SessionSeen;
use crate::tag::Tag;
use crate::told::Told;
use crate::tone::Tone;
use crate::warning::Warning;

/// A request and its answer, as far as they are about state.
///
/// It is made when the response is ready, and holds nothing that may not be shown.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Exchange {
    /// Its number, from 1 in the order of the answers.
    pub number: u64,
    /// When the request came.
    #[serde(skip)]
    pub at: SystemTime,
    /// The same for people: hours, minutes and seconds of UTC.
    pub time: String,
    /// The same in milliseconds since 1970.
    pub millis: u64,
    /// How long the answer took, in microseconds.
    pub micros: u64,
    /// Whose it is.
    pub visitor: Tag,
    /// The method.
    pub method: String,
    /// The path as it was asked for. Where values are left out, its route instead, or `/…` where no route has answered.
    pub path: String,
    /// The query, with its values left out if they are to be.
    pub query: Option<String>,
    /// The route that answered, if axum knows one.
    pub route: Option<String>,
    /// Scheme and host.
    pub origin: String,
    /// What the request has to do with other sites, in words, where it has.
    pub context: Option<&'static str>,
    /// What the browser says about that by itself.
    pub fetch: Vec<Field>,
    /// The status; 0 if there was no answer.
    pub status: u16,
    /// The status in words.
    pub reason: String,
    /// Where a redirect leads; without its path where values are left out.
    pub location: Option<String>,
    /// The cookies that came.
    pub received: Vec<Received>,
    /// How many more came, which are not listed.
    pub received_left_out: usize,
    /// The cookies that were set.
    #[serde(rename = "set")]
    pub told: Vec<Told>,
    /// What happened to the session of each layer that the request passed.
    pub sessions: Vec<SessionSeen>,
    /// What should be otherwise.
    pub warnings: Vec<Warning>,
    /// Whether nothing was set, written, refused or warned of.
    pub is_quiet: bool,
    /// Whether a session was changed.
    pub has_changes: bool,
    /// Whether a cookie was not believed, or is one that a browser does not keep.
    pub has_refusals: bool,
}

impl Exchange {
    /// The route, or the path where there is none.
    pub fn place(&self) -> &str {
        self.route.as_deref().unwrap_or(&self.path)
    }

    /// Says of the whole what its parts say.
    pub(crate) fn sum_up(&mut self) {
        let is_bad = |tone| tone == Tone::Bad;
        let was_written = self.sessions.iter().any(|seen| seen.was_written);
        self.has_changes = was_written || self.sessions.iter().any(|seen| !seen.changes.is_empty());
        self.has_refusals = self.told.iter().any(|told| is_bad(told.decision.tone))
            || self.received.iter().any(|received| is_bad(received.verdict.tone));
        let is_calm = !self.has_refusals && self.warnings.is_empty();
        self.is_quiet = self.told.is_empty() && !was_written && is_calm;
    }

    /// How much room it takes, roughly.
    pub(crate) fn weight(&self) -> usize {
        let received = self.received.iter().map(Received::weight).sum::<usize>();
        let told = self.told.iter().map(Told::weight).sum::<usize>();
        let sessions = self.sessions.iter().map(SessionSeen::weight).sum::<usize>();
        size_of::<Self>() + 2 * self.path.len() + received + told + sessions + 200 * self.warnings.len()
    }
}
