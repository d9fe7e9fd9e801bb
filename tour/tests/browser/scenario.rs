use std::pin::Pin;

use hardtack_chromium::Scripts;
use tour::{Backend, pages};

use crate::SCENARIOS;
use crate::fixture::{Tour, Visitor};

/// A function that uses a page as a visitor does, with all assertions. Afterwards, the visitor is still on that page,
/// which shows a result.
pub(crate) type Scenario =
    for<'a> fn(&'a Visitor) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Generates `SCENARIOS` from a table of pages, and a test of each scenario on each backend and without scripts.
macro_rules! scenarios {
    ($($path:literal => scenarios :: $group:ident :: $scenario:ident,)*) => {
        /// The paths of the pages that have a scenario, each with its scenario.
        pub(crate) const SCENARIOS: &[(&str, $crate::scenario::Scenario)] =
            &[$(($path, |visitor| Box::pin(scenarios::$group::$scenario(visitor)))),*];

        mod chromium {
            scenarios!(@each signed, Signed, On; $($path => $scenario,)*);
            scenarios!(@each encrypted, Encrypted, On; $($path => $scenario,)*);
            scenarios!(@each stored, Stored, On; $($path => $scenario,)*);
            scenarios!(@each without_scripts, Stored, Off; $($path => $scenario,)*);
        }
    };
    (@each $name:ident, $backend:ident, $scripts:ident; $($path:literal => $scenario:ident,)*) => {
        mod $name {
            $(
                #[tokio::test]
                #[ignore = "needs Chromium, which ./test installs"]
                async fn $scenario() {
                    let tour = $crate::fixture::Tour::start(::tour::Backend::$backend);
                    let scripts = hardtack_chromium::Scripts::$scripts;
                    let visitor = $crate::fixture::Visitor::new(&tour, scripts).await;
                    $crate::scenario::use_page(&visitor, $path).await;
                    tour.assert_no_errors();
                }
            )*
        }
    };
}

mod chromium {
    use super::*;

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn pages_without_a_scenario_open() {
        for (backend, scripts) in [
            (Backend::Signed, Scripts::On),
            (Backend::Encrypted, Scripts::On),
            (Backend::Stored, Scripts::On),
            (Backend::Stored, Scripts::Off),
        ] {
            let tour = Tour::start(backend);
            for page in pages().filter(|page| scenario_of(page.path).is_none()) {
                let visitor = Visitor::new(&tour, scripts).await;
                use_page(&visitor, page.path).await;
            }
            tour.assert_no_errors();
        }
    }
}

/// Runs the scenario of a page. A page without a scenario is only opened.
pub(crate) async fn use_page(visitor: &Visitor, path: &str) {
    match scenario_of(path) {
        Some(scenario) => scenario(visitor).await,
        None => {
            let page = pages().find(|page| page.path == path).unwrap();
            let status = if page.requires_login { 401 } else { 200 };
            visitor.open_with_status(path, status).await;
        }
    }
}

fn scenario_of(path: &str) -> Option<Scenario> {
    SCENARIOS.iter().find(|(known, _)| *known == path).map(|(_, scenario)| *scenario)
}

#[test]
fn every_scenario_has_its_page() {
    for (path, _) in SCENARIOS {
        assert!(pages().any(|page| page.path == *path), "the tour has no page {path}");
    }
    println!(
        "summary: the tour in Chromium: {} pages used, and {} opened, on 3 backends and without scripts",
        SCENARIOS.len(),
        pages().count() - SCENARIOS.len()
    );
}
