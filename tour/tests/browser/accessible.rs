use hardtack_chromium::{Axe, Scripts};

use tour::Kind;

use crate::sweep::{after_the_act, all_pages, looks};
use crate::tour::Tour;
use crate::visitor::Visitor;

mod chromium {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "needs Chromium and axe-core, which ./test installs"]
    async fn axe_finds_nothing_on_any_page() {
        let axe = Axe::from_env().unwrap();
        let found = all_pages(|path| judged(axe.clone(), path)).await;
        let looked: usize = found.iter().map(|(looked, _)| looked).sum();
        let violations: Vec<_> =
            found.iter().flat_map(|(_, violations)| violations).collect();
        println!(
            "summary: axe-core: {} pages in {looked} states (logged in, logged out and used; two themes, two widths), \
             {} violations",
            found.len(),
            violations.len()
        );
        assert!(violations.is_empty(), "{violations:#?}");
    }
}

/// How many states of a page were looked at, and what is wrong with them.
async fn judged(axe: Axe, path: &'static str) -> (usize, Vec<String>) {
    let tour = Tour::start(Kind::Stored);
    let mut violations = Vec::new();
    let mut looked = 0;
    for (state, visitor) in [
        ("logged out", arrived(&tour, path).await),
        ("logged in", logged_in(&tour, path).await),
        ("used", after_the_act(&tour, path).await),
    ] {
        for (viewport, theme) in looks() {
            visitor.page.set_viewport(viewport).await.unwrap();
            visitor.page.set_theme(theme).await.unwrap();
            looked += 1;
            for violation in axe.check(&visitor.page).await.unwrap() {
                violations.push(format!(
                    "{path}, {state}, {}, {}: {violation}",
                    viewport.name,
                    theme.name()
                ));
            }
        }
    }
    tour.is_content();
    (looked, violations)
}

async fn arrived(tour: &Tour, path: &str) -> Visitor {
    let visitor = Visitor::new(tour, Scripts::On).await;
    visitor.page.open(&format!("{}{path}", visitor.url())).await.unwrap();
    visitor
}

async fn logged_in(tour: &Tour, path: &str) -> Visitor {
    let visitor = arrived(tour, "/login").await;
    visitor.log_in("jane", "secret123").await;
    visitor.page.open(&format!("{}{path}", visitor.url())).await.unwrap();
    visitor
}
