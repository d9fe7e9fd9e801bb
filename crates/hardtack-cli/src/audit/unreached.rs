use std::error::Error as StdError;
use std::time::Duration;

use serde_json::{Value as Json, json};
use url::Url;

use crate::arguments::Span;

/// A page that could not be visited, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unreached {
    pub(super) url: Url,
    /// The page at which the visit started, if redirects led from it to this page.
    pub(super) from: Option<Url>,
    /// A message for the user: what happened and, if known, what to do.
    pub(super) reason: String,
}

impl Unreached {
    /// Creates the report on a page that did not respond.
    pub(super) fn unanswered(url: Url, error: &reqwest::Error, timeout: Duration) -> Self {
        let reason = if error.is_timeout() {
            format!("no response within {}: try again, or increase --timeout", Span(timeout))
        } else {
            let cause = cause(error);
            let advice = if cause.contains("certificate") || cause.contains("UnknownIssuer") {
                ": use --insecure for a server on this machine"
            } else if error.is_connect() {
                ": check the URL, and that the server is running"
            } else {
                ""
            };
            format!("{cause}{advice}")
        };
        Self { url, from: None, reason }
    }

    /// Records the page at which the visit started, if it is not this page.
    pub(super) fn from(mut self, target: &Url) -> Self {
        self.from = (self.url != *target).then(|| target.clone());
        self
    }

    pub(super) fn json(&self) -> Json {
        json!({
            "url": self.url.as_str(),
            "from": self.from.as_ref().map(Url::as_str),
            "reason": self.reason,
        })
    }
}

/// Returns the message of the innermost error. The outer errors only say that a request failed.
fn cause(error: &dyn StdError) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
