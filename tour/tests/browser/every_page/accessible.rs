use hardtack_chromium::{Axe, Scripts};

use tour::Kind;

use super::sweep::{after_the_act, all_pages, looks};
use crate::fixture::{Tour, Visitor};
use crate::inspector::states::{STATES, kind_of, who_sees};

mod chromium {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "needs Chromium and axe-core, which ./test installs"]
    async fn axe_finds_nothing_on_any_page() {
        let axe = Axe::from_env().unwrap();
        let mut found = all_pages(|path| judged(axe.clone(), path)).await;
        found.push(judged_elsewhere(&axe).await);
        let looked: usize = found.iter().map(|(looked, _)| looked).sum();
        let violations: Vec<_> =
            found.iter().flat_map(|(_, violations)| violations).collect();
        println!(
            "summary: axe-core: {} pages in {looked} states (logged in, logged out and used; two themes, two widths), \
             {} violations",
            found.len() - 1 + ELSEWHERE.len(),
            violations.len()
        );
        assert!(violations.is_empty(), "{violations:#?}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "needs Chromium and axe-core, which ./test installs"]
    async fn axe_finds_nothing_in_any_state_of_the_inspector() {
        let axe = Axe::from_env().unwrap();
        let (mut looked, mut violations) = (0, Vec::new());
        for (state, act) in STATES {
            let tour = Tour::start(kind_of(state));
            let visitor = who_sees(&tour, *act).await;
            looked +=
                judge(&axe, &visitor, "the inspector", state, &mut violations).await;
            tour.is_content();
        }
        println!(
            "summary: axe-core: the inspector in {} states, two themes and two widths ({looked} looks), {} violations",
            STATES.len(),
            violations.len()
        );
        assert!(violations.is_empty(), "{violations:#?}");
    }
}

/// Checks a page, and returns how many of its states were checked and the problems in them.
async fn judged(axe: Axe, path: &'static str) -> (usize, Vec<String>) {
    let tour = Tour::start(Kind::Stored);
    let mut violations = Vec::new();
    let mut looked = 0;
    for (state, visitor) in [
        ("logged out", arrived(&tour, path).await),
        ("logged in", logged_in(&tour, path).await),
        ("used", after_the_act(&tour, path).await),
    ] {
        looked += judge(&axe, &visitor, path, state, &mut violations).await;
    }
    tour.is_content();
    (looked, violations)
}

/// Pages that are not in the contents: responses to wrong addresses.
const ELSEWHERE: [&str; 3] = ["/nothing", "/tips/elsewhere", "/token/none"];

async fn judged_elsewhere(axe: &Axe) -> (usize, Vec<String>) {
    let tour = Tour::start(Kind::Stored);
    let (mut looked, mut violations) = (0, Vec::new());
    for path in ELSEWHERE {
        let visitor = arrived(&tour, path).await;
        looked += judge(axe, &visitor, path, "logged out", &mut violations).await;
    }
    (looked, violations)
}

/// Checks a page in both sizes and themes, and returns the number of checks.
async fn judge(
    axe: &Axe,
    visitor: &Visitor,
    path: &str,
    state: &str,
    violations: &mut Vec<String>,
) -> usize {
    for (viewport, theme) in looks() {
        visitor.page.set_viewport(viewport).await.unwrap();
        visitor.page.set_theme(theme).await.unwrap();
        for violation in axe.check(&visitor.page).await.unwrap() {
            let look = format!("{}, {}", viewport.name, theme.name());
            violations.push(format!("{path}, {state}, {look}: {violation}"));
        }
    }
    looks().count()
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
