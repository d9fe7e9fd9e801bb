use hardtack_chromium::{Axe, Scripts};

use tour::Backend;

use super::sweep::{after_use, appearances, for_each_page};
use crate::fixture::{Tour, Visitor};
use crate::inspector::states::{STATES, backend_of, visitor_in_state};

mod chromium {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "needs Chromium and axe-core, which ./test installs"]
    async fn axe_finds_nothing_on_any_page() {
        let axe = Axe::from_env().unwrap();
        let mut found = for_each_page(|path| check_page(axe.clone(), path)).await;
        found.push(check_other_paths(&axe).await);
        let checked: usize = found.iter().map(|(checked, _)| checked).sum();
        let violations: Vec<_> =
            found.iter().flat_map(|(_, violations)| violations).collect();
        println!(
            "summary: axe-core: {} pages in {checked} states (logged in, logged out, and used; two themes, two widths), \
             {} violations",
            found.len() - 1 + OTHER_PATHS.len(),
            violations.len()
        );
        assert!(violations.is_empty(), "{violations:#?}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "needs Chromium and axe-core, which ./test installs"]
    async fn axe_finds_nothing_in_any_state_of_the_inspector() {
        let axe = Axe::from_env().unwrap();
        let (mut checked, mut violations) = (0, Vec::new());
        for (state, act) in STATES {
            let tour = Tour::start(backend_of(state));
            let visitor = visitor_in_state(&tour, *act).await;
            checked += check_appearances(
                &axe,
                &visitor,
                "the inspector",
                state,
                &mut violations,
            )
            .await;
            tour.assert_no_errors();
        }
        println!(
            "summary: axe-core: the inspector in {} states, two themes and two widths ({checked} checks), {} violations",
            STATES.len(),
            violations.len()
        );
        assert!(violations.is_empty(), "{violations:#?}");
    }
}

/// Checks a page in all of its states. Returns the number of checks, and the problems that they found.
async fn check_page(axe: Axe, path: &'static str) -> (usize, Vec<String>) {
    let tour = Tour::start(Backend::Stored);
    let mut violations = Vec::new();
    let mut checked = 0;
    for (state, visitor) in [
        ("logged out", opened(&tour, path).await),
        ("logged in", logged_in(&tour, path).await),
        ("used", after_use(&tour, path).await),
    ] {
        checked +=
            check_appearances(&axe, &visitor, path, state, &mut violations).await;
    }
    tour.assert_no_errors();
    (checked, violations)
}

/// Pages that are not in the contents: the response to an unknown address, the page of another site, and the response
/// to an invalid token.
const OTHER_PATHS: [&str; 3] = ["/nothing", "/tips/elsewhere", "/token/none"];

async fn check_other_paths(axe: &Axe) -> (usize, Vec<String>) {
    let tour = Tour::start(Backend::Stored);
    let (mut checked, mut violations) = (0, Vec::new());
    for path in OTHER_PATHS {
        let visitor = opened(&tour, path).await;
        checked +=
            check_appearances(axe, &visitor, path, "logged out", &mut violations).await;
    }
    (checked, violations)
}

/// Checks a page in both window sizes and both themes, and returns the number of checks. Adds the problems to
/// `violations`.
async fn check_appearances(
    axe: &Axe,
    visitor: &Visitor,
    path: &str,
    state: &str,
    violations: &mut Vec<String>,
) -> usize {
    for (viewport, theme) in appearances() {
        visitor.page.set_viewport(viewport).await.unwrap();
        visitor.page.set_theme(theme).await.unwrap();
        for violation in axe.check(&visitor.page).await.unwrap() {
            let appearance = format!("{}, {}", viewport.name, theme.name());
            violations.push(format!("{path}, {state}, {appearance}: {violation}"));
        }
    }
    appearances().count()
}

async fn opened(tour: &Tour, path: &str) -> Visitor {
    let visitor = Visitor::new(tour, Scripts::On).await;
    visitor.page.open(&format!("{}{path}", visitor.url())).await.unwrap();
    visitor
}

async fn logged_in(tour: &Tour, path: &str) -> Visitor {
    let visitor = opened(tour, "/login").await;
    visitor.log_in("jane", "secret123").await;
    visitor.page.open(&format!("{}{path}", visitor.url())).await.unwrap();
    visitor
}
