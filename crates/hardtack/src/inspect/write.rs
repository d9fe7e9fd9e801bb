use hardtack_core::protocol::{CookieAction, Settled, StoreAction};
use hardtack_core::store::Outcome;

/// The decision on how to write a session, and its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Write {
    /// Whether this is an early save, before the response was ready.
    pub is_early: bool,
    /// The action that was decided on.
    pub action: StoreAction,
    /// The planned change to the cookie.
    pub cookie: CookieAction,
    /// The outcome in the store; `None` if the store was not called, or failed.
    pub outcome: Option<Outcome>,
    /// The number of times that another request wrote the session first, so that the commit was retried.
    pub conflicts: u32,
    /// The number of keys that were overwritten although another request had changed them.
    pub overwritten: usize,
    /// The error, if the store or an `update` failed.
    pub failure: Option<Box<str>>,
}

impl Write {
    pub(crate) fn early(settled: Settled) -> Self {
        Self { is_early: true, ..Self::last(settled) }
    }

    pub(super) fn last(settled: Settled) -> Self {
        Self {
            is_early: false,
            action: settled.action,
            cookie: settled.cookie,
            outcome: None,
            conflicts: 0,
            overwritten: 0,
            failure: None,
        }
    }
}
