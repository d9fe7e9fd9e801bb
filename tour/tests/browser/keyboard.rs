use hardtack_chromium::{Key, Scripts};
use tour::Backend;

use crate::fixture::{Tour, Visitor};

mod chromium {
    use super::*;

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn a_keyboard_is_enough_to_skip_to_the_page_and_log_in() {
        let tour = Tour::start(Backend::Stored);
        let visitor = Visitor::new(&tour, Scripts::Off).await;
        visitor.open("/login").await;
        // The link that skips the header comes first, and leads to the form.
        press_tab(&visitor, "a.skip").await;
        visitor.page.press(Key::Enter).await.unwrap();
        press_tab(&visitor, "#username").await;
        visitor.page.write("john").await.unwrap();
        press_tab(&visitor, "#password").await;
        visitor.page.write("password123").await.unwrap();
        let answer = visitor.page.follow_key(Key::Enter).await.unwrap();
        assert_eq!((answer.status, visitor.path().await.as_str()), (200, "/home"));
        visitor.assert_cookies(&[visitor.session()]).await;
    }

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn every_element_shows_its_keyboard_focus() {
        let tour = Tour::start(Backend::Stored);
        let visitor = Visitor::new(&tour, Scripts::On).await;
        for path in ["/", "/storage", "/cart"] {
            visitor.open(path).await;
            let mut reached = 0;
            loop {
                visitor.page.press(Key::Tab).await.unwrap();
                if visitor.page.evaluate::<bool>(AT_THE_END).await.unwrap() {
                    break;
                }
                let width: f64 = visitor.page.evaluate(OUTLINE).await.unwrap();
                let here: String = visitor.page.evaluate(HERE).await.unwrap();
                assert!(width >= 2.0, "{path}: {here}");
                reached += 1;
                assert!(reached < 500, "{path} has no end");
            }
            let all: usize = visitor.page.evaluate(REACHABLE).await.unwrap();
            assert!(reached > 30 && reached >= all, "{path}: {reached} of {all}");
        }
    }
}

/// A script that returns whether the focus has moved past the last element of the page. The focus then moves to the
/// browser's own controls, or back to the start of the page.
const AT_THE_END: &str = "(() => {
    const here = document.activeElement;
    const again = here === document.body || here === window.first;
    window.first ??= here;
    return again;
})()";
const OUTLINE: &str = "(() => {
    const style = getComputedStyle(document.activeElement);
    return style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth);
})()";
const HERE: &str = "document.activeElement.outerHTML.slice(0, 100)";
const REACHABLE: &str = "[...document.querySelectorAll('a[href], button:enabled')]
    .filter(element => element.checkVisibility()).length";

/// Presses Tab, and checks that the element of a selector has the focus.
async fn press_tab(visitor: &Visitor, selector: &str) {
    visitor.page.press(Key::Tab).await.unwrap();
    let is_there = format!("document.activeElement.matches({selector:?})");
    assert!(visitor.page.evaluate::<bool>(&is_there).await.unwrap(), "{selector}");
}
