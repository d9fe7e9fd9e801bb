use std::sync::Arc;

use hardtack_chromium::{Scripts, Theme, Viewport};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tour::pages;

use crate::fixture::{Tour, Visitor};
use crate::table::use_page;

/// The number of pages that are checked at the same time.
const AT_ONCE: usize = 2;

/// Checks all pages, several at the same time. Returns the results of `look` in the order of the pages.
pub(crate) async fn all_pages<T, F>(look: impl Fn(&'static str) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut looks = JoinSet::new();
    for (at, page) in pages().enumerate() {
        let (look, room) = (look(page.path), Arc::clone(&room));
        looks.spawn(async move {
            let _place = room.acquire_owned().await.unwrap();
            (at, look.await)
        });
    }
    let mut seen = looks.join_all().await;
    seen.sort_unstable_by_key(|(at, _)| *at);
    seen.into_iter().map(|(_, given)| given).collect()
}

/// Returns a visitor who has done everything on a page, and still sees it.
pub(crate) async fn after_the_act(tour: &Tour, path: &'static str) -> Visitor {
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

/// Returns both window sizes in both themes.
pub(crate) fn looks() -> impl Iterator<Item = (Viewport, Theme)> {
    [Viewport::DESKTOP, Viewport::PHONE]
        .into_iter()
        .flat_map(|viewport| Theme::ALL.map(|theme| (viewport, theme)))
}
