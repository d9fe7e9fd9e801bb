use std::collections::BTreeSet;
use std::pin::Pin;

use crate::visitor::Visitor;

/// What a visitor does on a page, with all assertions. It ends on that page, with a result to show.
pub(crate) type Act =
    for<'a> fn(&'a Visitor) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Generates `ACTS` from a table of pages and acts, and a test of each act for each kind of session and without
/// scripts.
macro_rules! acts {
    ($($path:literal => $family:ident :: $act:ident,)*) => {
        /// Each page with its act.
        pub(crate) const ACTS: &[(&str, $crate::table::Act)] =
            &[$(($path, |visitor| Box::pin($family::$act(visitor)))),*];

        mod chromium {
            acts!(@each signed, Signed, On; $($path => $act,)*);
            acts!(@each encrypted, Encrypted, On; $($path => $act,)*);
            acts!(@each stored, Stored, On; $($path => $act,)*);
            acts!(@each without_scripts, Stored, Off; $($path => $act,)*);
        }
    };
    (@each $name:ident, $kind:ident, $scripts:ident; $($path:literal => $act:ident,)*) => {
        mod $name {
            $(
                #[tokio::test]
                #[ignore = "needs Chromium, which ./test installs"]
                async fn $act() {
                    let tour = $crate::tour::Tour::start(::tour::Kind::$kind);
                    let scripts = hardtack_chromium::Scripts::$scripts;
                    let visitor = $crate::visitor::Visitor::new(&tour, scripts).await;
                    $crate::table::act_at($path)(&visitor).await;
                    tour.is_content();
                }
            )*
        }
    };
}

/// Returns the act of a page.
pub(crate) fn act_at(path: &str) -> Act {
    let found = crate::ACTS.iter().find(|(known, _)| *known == path);
    found.unwrap_or_else(|| panic!("{path} has no act in tests/browser/main.rs")).1
}

#[test]
fn every_page_has_its_act() {
    let pages: BTreeSet<_> = tour::pages().map(|page| page.path).collect();
    let acts: BTreeSet<_> = crate::ACTS.iter().map(|(path, _)| *path).collect();
    assert_eq!(pages, acts, "tests/browser/main.rs lists every page and nothing else");
    println!(
        "summary: the tour in Chromium: {} pages used, on 3 kinds of session and without scripts",
        acts.len()
    );
}
