use std::sync::Arc;

use hardtack_chromium::{Scripts, Theme, Viewport};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tour::pages;

use crate::fixture::{Tour, Visitor};
use crate::scenario::use_page;

/// The maximum number of pages that are checked at the same time.
const MAX_CONCURRENT: usize = 2;

/// Checks all pages, several at the same time. Returns the results of `check` in the order of the pages.
pub(crate) async fn for_each_page<T, F>(check: impl Fn(&'static str) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let permits = Arc::new(Semaphore::new(MAX_CONCURRENT));
    let mut checks = JoinSet::new();
    for (at, page) in pages().enumerate() {
        let (check, permits) = (check(page.path), Arc::clone(&permits));
        checks.spawn(async move {
            let _permit = permits.acquire_owned().await.unwrap();
            (at, check.await)
        });
    }
    let mut results = checks.join_all().await;
    results.sort_unstable_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Returns a visitor who has used a page, and still has it open.
pub(crate) async fn after_use(tour: &Tour, path: &'static str) -> Visitor {
    let visitor = Visitor::new(tour, Scripts::On).await;
    use_page(&visitor, path).await;
    let here = visitor.path().await;
    let here = here.split('?').next().unwrap_or_default();
    if here != path
        && !here.strip_prefix(path).is_some_and(|below| below.starts_with('/'))
    {
        visitor.page.open(&format!("{}{path}", visitor.url())).await.unwrap();
    }
    visitor
}

/// Returns all combinations of the two window sizes and the two themes.
pub(crate) fn appearances() -> impl Iterator<Item = (Viewport, Theme)> {
    [Viewport::DESKTOP, Viewport::PHONE]
        .into_iter()
        .flat_map(|viewport| Theme::ALL.map(|theme| (viewport, theme)))
}
