use std::ops::ControlFlow;
use std::time::SystemTime;

use clap::Args;
use hardtack::store::{Listed, SessionListing};
use hardtack_stores::AnyStore;

use crate::arguments::Span;
use crate::failure::Failure;

/// Selects sessions by age.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct AgeFilter {
    /// Select sessions created longer ago than this: `90s`, `15m`, `12h`, `30d`, or `4w`
    #[arg(long, value_name = "SPAN")]
    older_than: Option<Span>,
    /// Select sessions last used longer ago than this
    #[arg(long, value_name = "SPAN")]
    idle_longer_than: Option<Span>,
}

impl AgeFilter {
    /// Returns whether no condition was given.
    pub(super) fn is_empty(&self) -> bool {
        self.older_than.is_none() && self.idle_longer_than.is_none()
    }

    /// Returns whether a session meets all given conditions.
    pub(super) fn fit(&self, listed: &Listed, now: SystemTime) -> bool {
        let is_before = |time: SystemTime, span: Option<Span>| {
            span.is_none_or(|span| now.duration_since(time).is_ok_and(|age| age > span.0))
        };
        is_before(listed.summary.created_at, self.older_than)
            && is_before(listed.summary.last_seen, self.idle_longer_than)
    }
}

/// The number of sessions on one page.
const PAGE_SIZE: usize = 500;

/// Calls `visit` with each page of the sessions in a store, until `visit` returns `Break`.
pub(super) async fn each_page(
    store: &AnyStore,
    mut visit: impl AsyncFnMut(Vec<Listed>) -> Result<ControlFlow<()>, Failure>,
) -> Result<(), Failure> {
    let mut next = None;
    loop {
        let page = store.page(next.as_ref(), PAGE_SIZE).await.map_err(|error| Failure::of_store(&error))?;
        next = page.next;
        if visit(page.records).await?.is_break() || next.is_none() {
            return Ok(());
        }
    }
}
