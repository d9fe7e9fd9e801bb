use std::pin::Pin;

use hardtack_chromium::Scripts;
use tour::{Kind, pages};

use crate::ACTS;
use crate::fixture::{Tour, Visitor};

/// What a visitor does on a page, with all assertions. It ends on that page, with a result to show.
pub(crate) type Act =
    for<'a> fn(&'a Visitor) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Generates `ACTS` from a table of pages and acts, and a test of each act for each kind of session and without
/// scripts.
macro_rules! acts {
    ($($path:literal => acts :: $group:ident :: $act:ident,)*) => {
        /// Each page with its act.
        pub(crate) const ACTS: &[(&str, $crate::table::Act)] =
            &[$(($path, |visitor| Box::pin(acts::$group::$act(visitor)))),*];

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
                    let tour = $crate::fixture::Tour::start(::tour::Kind::$kind);
                    let scripts = hardtack_chromium::Scripts::$scripts;
                    let visitor = $crate::fixture::Visitor::new(&tour, scripts).await;
                    $crate::table::use_page(&visitor, $path).await;
                    tour.is_content();
                }
            )*
        }
    };
}

mod chromium {
    use super::*;

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn pages_without_an_act_open() {
        for (kind, scripts) in [
            (Kind::Signed, Scripts::On),
            (Kind::Encrypted, Scripts::On),
            (Kind::Stored, Scripts::On),
            (Kind::Stored, Scripts::Off),
        ] {
            let tour = Tour::start(kind);
            for page in pages().filter(|page| act_at(page.path).is_none()) {
                let visitor = Visitor::new(&tour, scripts).await;
                use_page(&visitor, page.path).await;
            }
            tour.is_content();
        }
    }
}

/// Does everything that there is to do on a page. A page without an act is opened.
pub(crate) async fn use_page(visitor: &Visitor, path: &str) {
    match act_at(path) {
        Some(act) => act(visitor).await,
        None => {
            let page = pages().find(|page| page.path == path).unwrap();
            let status = if page.requires_login { 401 } else { 200 };
            visitor.open_for(path, status).await;
        }
    }
}

fn act_at(path: &str) -> Option<Act> {
    ACTS.iter().find(|(known, _)| *known == path).map(|(_, act)| *act)
}

#[test]
fn every_act_has_its_page() {
    for (path, _) in ACTS {
        assert!(pages().any(|page| page.path == *path), "the tour has no page {path}");
    }
    println!(
        "summary: the tour in Chromium: {} pages used, and {} opened, on 3 kinds of session and without scripts",
        ACTS.len(),
        pages().count() - ACTS.len()
    );
}
