use hardtack_jar::{Advice, Severity};
use serde_json::{Value as Json, json};
use url::Url;

use super::finding::Finding;
use crate::advice;

/// One response of a site, and the findings about its cookies.
pub(super) struct Page {
    pub(super) url: Url,
    pub(super) status: u16,
    pub(super) cookies: Vec<Judged>,
    /// Findings that no single cookie reveals.
    pub(super) findings: Vec<Finding>,
}

/// A cookie that was set, without its value.
pub(super) struct Judged {
    pub(super) name: String,
    /// Whether the jar accepted the cookie.
    pub(super) kept: bool,
    pub(super) advice: Vec<Advice>,
}

impl Page {
    /// Returns the severity of each finding.
    pub(super) fn severities(&self) -> impl Iterator<Item = Severity> {
        let of_cookies = self.cookies.iter().flat_map(|cookie| &cookie.advice).map(Advice::severity);
        of_cookies.chain(self.findings.iter().map(Finding::severity))
    }

    pub(super) fn json(&self) -> Json {
        let cookies = self.cookies.iter().map(|cookie| {
            json!({
                "name": cookie.name,
                "kept": cookie.kept,
                "advice": cookie.advice.iter().map(advice::json).collect::<Vec<_>>(),
            })
        });
        json!({
            "url": self.url.as_str(),
            "status": self.status,
            "cookies": cookies.collect::<Vec<_>>(),
            "findings": self.findings.iter().map(Finding::json).collect::<Vec<_>>(),
        })
    }
}
