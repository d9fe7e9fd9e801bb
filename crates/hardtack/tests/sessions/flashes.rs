//! Messages for the next page.

use hardtack::{MemoryStore, SessionLayer};

use crate::support::{Visits, browser, kinds};

#[tokio::test]
async fn messages_are_shown_once_in_order_with_their_categories() {
    for (kind, layer) in kinds() {
        let browser = browser();
        browser
            .visit(&layer, |session| async move {
                session.flash("hi");
                session.flash_as("error", "bad");
            })
            .await;
        let shown =
            browser.visit(&layer, |session| async move { (session.flashes(), session.flashes()) }).await;
        let (first, again) = shown.value.unwrap();
        let pairs: Vec<_> =
            first.iter().map(|flash| (flash.category.as_str(), flash.message.as_str())).collect();
        assert_eq!(pairs, [("message", "hi"), ("error", "bad")], "{kind}");
        assert_eq!(first, again, "{kind}");
        let gone = browser.visit(&layer, |session| async move { session.flashes() }).await;
        assert_eq!(gone.value, Some(vec![]), "{kind}");
    }
}

#[tokio::test]
async fn a_message_left_while_others_are_shown_waits() {
    let layer = SessionLayer::stored(MemoryStore::new());
    let browser = browser();
    browser.visit(&layer, |session| async move { session.flash("first") }).await;
    let other = browser.thief();
    other
        .late(&layer, |session| {
            let (layer, browser) = (&layer, &browser);
            async move {
                assert_eq!(session.flashes().len(), 1);
                browser.visit(layer, |session| async move { session.flash("second") }).await;
            }
        })
        .await;
    let seen = browser.visit(&layer, |session| async move { session.flashes() }).await.value.unwrap();
    assert_eq!(seen.iter().map(|flash| flash.message.as_str()).collect::<Vec<_>>(), ["second"]);
}

#[tokio::test]
async fn a_message_left_after_the_first_look_waits_for_the_next_page() {
    for (kind, layer) in kinds() {
        let browser = browser();
        let now = browser
            .visit(&layer, |session| async move {
                session.flashes();
                session.flash("late");
                session.flashes().len()
            })
            .await;
        assert_eq!(now.value, Some(0), "{kind}");
        let next = browser.visit(&layer, |session| async move { session.flashes().len() }).await;
        assert_eq!(next.value, Some(1), "{kind}");
    }
}
