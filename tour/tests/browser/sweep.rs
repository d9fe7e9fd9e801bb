use std::sync::Arc;

use hardtack_chromium::{Scripts, Theme, Viewport};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tour::pages;

use crate::table::act_at;
use crate::tour::Tour;
use crate::visitor::Visitor;

/// How many pages are looked at side by side.
const AT_ONCE: usize = 2;

/// Looks at all pages, some side by side. Gives what `look` gave for each, in their order.
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

/// Somebody who has done on a page what there is to do, and still sees it.
pub(crate) async fn after_the_act(tour: &Tour, path: &'static str) -> Visitor {
    let visitor = Visitor::new(tour, Scripts::On).await;
    act_at(path)(&visitor).await;
    let here = visitor.path().await;
    let here = here.split('?').next().unwrap_or_default();
    if here != path
        && !here.strip_prefix(path).is_some_and(|below| below.starts_with('/'))
    {
        visitor.page.open(&format!("{}{path}", visitor.url())).await.unwrap();
    }
    visitor
}

/// Both sizes of window in both themes.
pub(crate) fn looks() -> impl Iterator<Item = (Viewport, Theme)> {
    [Viewport::DESKTOP, Viewport::PHONE]
        .into_iter()
        .flat_map(|viewport| Theme::ALL.map(|theme| (viewport, theme)))
}
