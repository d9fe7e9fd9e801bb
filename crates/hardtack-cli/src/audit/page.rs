use hardtack_jar::{Advice, Severity};
use serde_json::{Value as Json, json};
use url::Url;

use crate::advice;

/// One answer of a site, and what is to say of its cookies.
pub(super) struct Page {
    pub(super) url: Url,
    pub(super) status: u16,
    pub(super) cookies: Vec<Judged>,
    /// Whether it sends the visitor from https to http.
    pub(super) downgrade: bool,
}

/// A cookie that was set, without its value.
pub(super) struct Judged {
    pub(super) name: String,
    /// Whether the jar took it.
    pub(super) kept: bool,
    pub(super) advice: Vec<Advice>,
}

/// What a redirect from https to http is called.
pub(super) const DOWNGRADE: &str =
    "it sends the visitor from https to http, where anybody on the way reads and sets cookies";
pub(super) const DOWNGRADE_FIX: &str = "redirect to https only";
pub(super) const DOWNGRADE_SECTION: &str = "NIST SP 800-63B, session secrets";

impl Page {
    /// How bad each finding is.
    pub(super) fn severities(&self) -> impl Iterator<Item = Severity> {
        let of_cookies = self.cookies.iter().flat_map(|cookie| &cookie.advice).map(Advice::severity);
        of_cookies.chain(self.downgrade.then_some(Severity::Error))
    }

    pub(super) fn json(&self) -> Json {
        let cookies = self.cookies.iter().map(|cookie| {
            json!({
                "name": cookie.name,
                "kept": cookie.kept,
                "advice": cookie.advice.iter().map(advice::json).collect::<Vec<_>>(),
            })
        });
        let mut json = json!({
            "url": self.url.as_str(),
            "status": self.status,
            "cookies": cookies.collect::<Vec<_>>(),
        });
        if self.downgrade {
            json["downgrade"] = json!({
                "severity": Severity::Error.as_str(),
                "sentence": DOWNGRADE,
                "fix": DOWNGRADE_FIX,
                "section": DOWNGRADE_SECTION,
            });
        }
        json
    }
}
