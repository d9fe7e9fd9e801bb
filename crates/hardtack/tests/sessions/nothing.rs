//! Unused features cost nothing and have no visible effect.

use hardtack::{BackendSettings, Metrics, SessionLayer};
use hardtack_jar::Browser;
use http::{HeaderMap, Method};

use crate::observed;
use crate::support::{Spy, Visits, browser, kinds};

/// Returns the response headers of a route that does not use the session.
async fn ignoring(layer: &SessionLayer<impl BackendSettings>, browser: &Browser) -> HeaderMap {
    let (page, _) = browser.try_within(layer, async |_: Method| ()).await.unwrap();
    page.headers().clone()
}

#[tokio::test]
async fn a_route_without_a_session_verifies_nothing_and_says_nothing() {
    for (kind, layer) in kinds() {
        let browser = browser();
        browser.visit(&layer, |session| async move { session.insert("a", 1) }).await;
        let before = layer.metrics();
        assert!(ignoring(&layer, &browser).await.is_empty(), "{kind}");
        assert_eq!(layer.metrics(), before, "{kind}");
        assert_ne!(before, Metrics::default(), "{kind}");
    }
}

#[tokio::test]
async fn a_route_without_a_session_calls_no_store() {
    let spy = Spy::default();
    let layer = observed::stored(spy.clone());
    let browser = browser();
    browser.visit(&layer, |session| async move { session.insert("a", 1) }).await;
    let before = spy.calls();
    assert!(before > 0);
    assert!(ignoring(&layer, &browser).await.is_empty());
    assert_eq!(spy.calls(), before);
}

#[tokio::test]
async fn a19_a_hundred_anonymous_visits_leave_no_row() {
    let spy = Spy::default();
    let layer = observed::stored(spy.clone());
    for _ in 0..100 {
        let reply = browser().visit(&layer, |session| async move { session.get::<i64>("a") }).await;
        assert!(reply.page.set_cookies().is_empty());
        assert_eq!(reply.page.header("vary"), Some("Cookie"));
    }
    assert_eq!((spy.calls(), spy.store().metrics().live), (0, 0));
}

#[tokio::test]
async fn a_session_taken_but_not_used_says_nothing() {
    for (kind, layer) in kinds() {
        let browser = browser();
        browser.visit(&layer, |session| async move { session.insert("a", 1) }).await;
        let reply = browser.visit(&layer, |_| async {}).await;
        assert!(reply.page.headers().is_empty(), "{kind}");
    }
}

#[tokio::test]
async fn a_read_never_sends_a_cookie() {
    for (kind, layer) in kinds() {
        let browser = browser();
        browser.visit(&layer, |session| async move { session.insert("a", 1) }).await;
        let reply = browser.visit(&layer, |session| async move { session.get::<i64>("a") }).await;
        assert_eq!(reply.value.flatten(), Some(1), "{kind}");
        assert!(reply.page.set_cookies().is_empty(), "{kind}");
        assert_eq!(reply.page.header("vary"), Some("Cookie"), "{kind}");
        assert_eq!(reply.page.header("cache-control"), Some("private"), "{kind}");
    }
}

#[tokio::test]
async fn what_is_set_and_taken_back_leaves_no_trace() {
    for (kind, layer) in kinds() {
        let browser = browser();
        let reply = browser
            .visit(&layer, |session| async move {
                session.insert("a", 1);
                session.remove("a");
                session.flash("shown at once");
                session.flashes();
            })
            .await;
        assert!(reply.page.set_cookies().is_empty(), "{kind}");
        assert_eq!(layer.metrics().created, 0, "{kind}");
    }
}

#[tokio::test]
async fn an_equal_value_is_not_written() {
    for (kind, layer) in kinds() {
        let browser = browser();
        browser.visit(&layer, |session| async move { session.insert("a", 1) }).await;
        let before = layer.metrics().written;
        let reply = browser.visit(&layer, |session| async move { session.insert("a", 1) }).await;
        assert!(reply.page.set_cookies().is_empty(), "{kind}");
        assert_eq!(layer.metrics().written, before, "{kind}");
    }
}
