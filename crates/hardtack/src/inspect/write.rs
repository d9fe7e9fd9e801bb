use hardtack_core::session::{Act, CookieAct, Settled};
use hardtack_core::store::{Committed, Outcome, StoreError};

/// What was decided about writing a session, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Write {
    /// Whether the application saved early, before the response was ready.
    pub is_early: bool,
    /// What was to be done.
    pub act: Act,
    /// What was to be told to the browser.
    pub cookie: CookieAct,
    /// What the store made of it; `None` if it was not asked, or did not answer.
    pub outcome: Option<Outcome>,
    /// How often another request came first.
    pub conflicts: u32,
    /// How many keys were written over although another request had changed them.
    pub overwritten: usize,
    /// What the store failed to do.
    pub failure: Option<Box<str>>,
}

impl Write {
    pub(crate) fn early(settled: Settled) -> Self {
        Self { is_early: true, ..Self::last(settled) }
    }

    pub(super) fn last(settled: Settled) -> Self {
        Self {
            is_early: false,
            act: settled.act,
            cookie: settled.cookie,
            outcome: None,
            conflicts: 0,
            overwritten: 0,
            failure: None,
        }
    }

    pub(super) fn note(&mut self, committed: &Result<Committed, StoreError>) {
        match committed {
            Ok(committed) => {
                self.outcome = Some(committed.outcome);
                self.conflicts = committed.conflicts;
                self.overwritten = committed.overwritten;
            }
            Err(error) => self.failure = Some(error.to_string().into()),
        }
    }
}
