use std::collections::HashSet;

use hardtack_jar::Severity;
use serde_json::{Value as Json, json};

use super::audited_page::AuditedPage;
use super::unreached::Unreached;
use crate::failure::Failure;
use crate::output::{BAD, DIM, GOOD, HEAD, Output, findings, plain, styled};

/// The findings on all pages, and the pages that were not reached.
pub(super) struct AuditReport {
    pages: Vec<AuditedPage>,
    unreached: Vec<Unreached>,
}

impl AuditReport {
    pub(super) fn new(pages: Vec<AuditedPage>, unreached: Vec<Unreached>) -> Self {
        Self { pages, unreached }
    }

    /// Returns whether all pages were reached.
    pub(super) fn is_complete(&self) -> bool {
        self.unreached.is_empty()
    }

    /// Returns the severity of the worst finding, or `None` if there are no findings.
    pub(super) fn worst(&self) -> Option<Severity> {
        self.severities().max()
    }

    pub(super) fn print(&self, out: &mut Output) -> Result<(), Failure> {
        let mut printed = HashSet::new();
        for page in &self.pages {
            out.line(format_args!("{}  {}", styled(HEAD, &page.url), styled(DIM, page.status)))?;
            for one in &page.findings {
                findings::print(&one.finding, one.cookie.as_deref(), out)?;
            }
            for cookie in &page.cookies {
                // A finding about a cookie is printed once per origin, even if several pages set the cookie.
                let mut new = cookie.findings.clone();
                new.retain(|one| printed.insert((page.url.origin(), cookie.name.clone(), one.rule())));
                let name = if cookie.name.is_empty() { "(no name)".to_owned() } else { plain(&cookie.name) };
                let verdict = match (cookie.kept, cookie.findings.is_empty(), new.is_empty()) {
                    (false, ..) => styled(BAD, "refused by browsers"),
                    (_, true, _) => styled(GOOD, "no findings"),
                    (.., true) => styled(DIM, "same as above"),
                    _ => String::new(),
                };
                out.line(format_args!("  {}  {verdict}", styled(HEAD, name)).to_string().trim_end())?;
                new.iter().try_for_each(|finding| findings::print(finding, None, out))?;
            }
        }
        for unreached in &self.unreached {
            let from = unreached.from.as_ref().map(|from| format!(" (redirected from {from})"));
            out.line(format_args!(
                "{}  {}{}",
                styled(HEAD, &unreached.url),
                styled(BAD, "not reached"),
                from.unwrap_or_default()
            ))?;
            out.line(format_args!("  {}", plain(&unreached.reason)))?;
        }
        let count = |severity| self.severities().filter(|one| *one == severity).count();
        let cookies = self.pages.iter().map(|page| page.cookies.len()).sum();
        let unreached = match self.unreached.len() {
            0 => String::new(),
            count => format!("; {} not reached", counted(count, "page")),
        };
        out.line(format_args!(
            "{}, {}: {}, {}, {}{unreached}",
            counted(self.pages.len(), "page"),
            counted(cookies, "cookie"),
            counted(count(Severity::Error), "error"),
            counted(count(Severity::Warning), "warning"),
            counted(count(Severity::Notice), "notice"),
        ))
    }

    pub(super) fn json(&self, failed: bool) -> Json {
        let count = |severity| self.severities().filter(|one| *one == severity).count();
        json!({
            "pages": self.pages.iter().map(AuditedPage::json).collect::<Vec<_>>(),
            "unreached": self.unreached.iter().map(Unreached::json).collect::<Vec<_>>(),
            "errors": count(Severity::Error),
            "warnings": count(Severity::Warning),
            "notices": count(Severity::Notice),
            "failed": failed,
        })
    }

    fn severities(&self) -> impl Iterator<Item = Severity> {
        self.pages.iter().flat_map(AuditedPage::severities)
    }
}

/// Formats a count with its noun, as in `1 page` or `2 pages`.
fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
