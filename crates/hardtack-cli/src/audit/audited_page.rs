use hardtack_jar::{Finding, Severity};
use serde_json::{Value as Json, json};
use url::Url;

use crate::output::findings;

/// A response from a site, and the findings about its cookies.
pub(super) struct AuditedPage {
    pub(super) url: Url,
    pub(super) status: u16,
    pub(super) cookies: Vec<AuditedCookie>,
    /// Findings that do not follow from a single `Set-Cookie` line, such as a redirect from HTTPS to HTTP.
    pub(super) findings: Vec<PageFinding>,
}

/// A finding about a page, and the cookie that it concerns, if any.
pub(super) struct PageFinding {
    pub(super) cookie: Option<String>,
    pub(super) finding: Finding,
}

/// A cookie that a response sets. Its value is not recorded.
pub(super) struct AuditedCookie {
    pub(super) name: String,
    /// Whether the jar accepted the cookie.
    pub(super) kept: bool,
    pub(super) findings: Vec<Finding>,
}

impl AuditedPage {
    /// Returns the severity of each finding.
    pub(super) fn severities(&self) -> impl Iterator<Item = Severity> {
        let of_cookies = self.cookies.iter().flat_map(|cookie| &cookie.findings);
        of_cookies.chain(self.findings.iter().map(|one| &one.finding)).map(Finding::severity)
    }

    pub(super) fn json(&self) -> Json {
        let cookies = self.cookies.iter().map(|cookie| {
            json!({
                "name": cookie.name,
                "kept": cookie.kept,
                "findings": cookie.findings.iter().map(findings::json).collect::<Vec<_>>(),
            })
        });
        json!({
            "url": self.url.as_str(),
            "status": self.status,
            "cookies": cookies.collect::<Vec<_>>(),
            "findings": self.findings.iter().map(PageFinding::json).collect::<Vec<_>>(),
        })
    }
}

impl PageFinding {
    fn json(&self) -> Json {
        let mut json = findings::json(&self.finding);
        json["cookie"] = self.cookie.as_deref().into();
        json
    }
}
