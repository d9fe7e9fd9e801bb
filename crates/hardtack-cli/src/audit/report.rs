use std::collections::HashSet;

use hardtack_jar::Severity;
use serde_json::{Value as Json, json};

use super::page::{DOWNGRADE, DOWNGRADE_FIX, DOWNGRADE_SECTION, Page};
use crate::advice;
use crate::failure::Failure;
use crate::output::{BAD, DIM, GOOD, HEAD, Output, plain, styled};

/// What was found on all pages.
pub(super) struct Report {
    pages: Vec<Page>,
}

impl Report {
    pub(super) fn new(pages: Vec<Page>) -> Self {
        Self { pages }
    }

    /// The worst of all findings.
    pub(super) fn worst(&self) -> Option<Severity> {
        self.severities().max()
    }

    pub(super) fn print(&self, out: &mut Output) -> Result<(), Failure> {
        let mut told = HashSet::new();
        for page in &self.pages {
            out.line(format_args!("{}  {}", styled(HEAD, &page.url), styled(DIM, page.status)))?;
            if page.downgrade {
                out.line(format_args!("  {} {DOWNGRADE}", advice::label(Severity::Error)))?;
                out.line(format_args!("             {DOWNGRADE_FIX}  {}", styled(DIM, DOWNGRADE_SECTION)))?;
            }
            for cookie in &page.cookies {
                // What is wrong with a cookie on every page is said once.
                let mut fresh = cookie.advice.clone();
                fresh.retain(|one| told.insert((page.url.origin(), cookie.name.clone(), one.flaw())));
                let name = if cookie.name.is_empty() { "(no name)".to_owned() } else { plain(&cookie.name) };
                let verdict = match (cookie.kept, cookie.advice.is_empty(), fresh.is_empty()) {
                    (false, ..) => styled(BAD, "not kept"),
                    (_, true, _) => styled(GOOD, "as it should be"),
                    (.., true) => styled(DIM, "as above"),
                    _ => String::new(),
                };
                out.line(format_args!("  {}  {verdict}", styled(HEAD, name)).to_string().trim_end())?;
                advice::print(&fresh, out)?;
            }
        }
        let count = |severity| self.severities().filter(|one| *one == severity).count();
        out.line(format_args!(
            "{} pages, {} cookies: {} errors, {} warnings, {} notices",
            self.pages.len(),
            self.pages.iter().map(|page| page.cookies.len()).sum::<usize>(),
            count(Severity::Error),
            count(Severity::Warning),
            count(Severity::Notice),
        ))
    }

    pub(super) fn json(&self, failed: bool) -> Json {
        let count = |severity| self.severities().filter(|one| *one == severity).count();
        json!({
            "pages": self.pages.iter().map(Page::json).collect::<Vec<_>>(),
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
