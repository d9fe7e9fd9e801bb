use std::collections::HashSet;

use hardtack_jar::Severity;
use serde_json::{Value as Json, json};

use super::page::Page;
use super::unreached::Unreached;
use crate::advice;
use crate::failure::Failure;
use crate::output::{BAD, DIM, GOOD, HEAD, Output, plain, styled};

/// The findings of all pages, and the pages that were not reached.
pub(super) struct Report {
    pages: Vec<Page>,
    unreached: Vec<Unreached>,
}

impl Report {
    pub(super) fn new(pages: Vec<Page>, unreached: Vec<Unreached>) -> Self {
        Self { pages, unreached }
    }

    /// Returns whether all pages were reached.
    pub(super) fn is_complete(&self) -> bool {
        self.unreached.is_empty()
    }

    /// Returns the highest severity of all findings.
    pub(super) fn worst(&self) -> Option<Severity> {
        self.severities().max()
    }

    pub(super) fn print(&self, out: &mut Output) -> Result<(), Failure> {
        let mut told = HashSet::new();
        for page in &self.pages {
            out.line(format_args!("{}  {}", styled(HEAD, &page.url), styled(DIM, page.status)))?;
            for finding in &page.findings {
                let cookie =
                    finding.cookie().map(|cookie| format!("{}: ", plain(cookie))).unwrap_or_default();
                let label = advice::label(finding.severity());
                out.line(format_args!("  {label} {cookie}{}", finding.sentence()))?;
                out.line(format_args!("             {}  {}", finding.fix(), styled(DIM, finding.section())))?;
            }
            for cookie in &page.cookies {
                // A flaw of a cookie is reported once, even if every page has it.
                let mut fresh = cookie.advice.clone();
                fresh.retain(|one| told.insert((page.url.origin(), cookie.name.clone(), one.flaw())));
                let name = if cookie.name.is_empty() { "(no name)".to_owned() } else { plain(&cookie.name) };
                let verdict = match (cookie.kept, cookie.advice.is_empty(), fresh.is_empty()) {
                    (false, ..) => styled(BAD, "rejected by browsers"),
                    (_, true, _) => styled(GOOD, "no findings"),
                    (.., true) => styled(DIM, "same as above"),
                    _ => String::new(),
                };
                out.line(format_args!("  {}  {verdict}", styled(HEAD, name)).to_string().trim_end())?;
                advice::print(&fresh, out)?;
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
            "pages": self.pages.iter().map(Page::json).collect::<Vec<_>>(),
            "unreached": self.unreached.iter().map(Unreached::json).collect::<Vec<_>>(),
            "errors": count(Severity::Error),
            "warnings": count(Severity::Warning),
            "notices": count(Severity::Notice),
            "failed": failed,
        })
    }

    fn severities(&self) -> impl Iterator<Item = Severity> {
        self.pages.iter().flat_map(Page::severities)
    }
}

/// Formats as `1 page` or `2 pages`.
fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
