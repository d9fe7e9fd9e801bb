//! Saving early.

use axum::Router;
use axum::routing::get;
use hardtack::{MemoryStore, SaveError, Saved, Session};
use hardtack_jar::Browser;
use http::StatusCode;

use crate::observed;
use crate::support::{Spy, Visits, browser, kinds, session_cookie};

#[tokio::test]
async fn an_early_save_is_kept_and_the_cookie_still_told() {
    for (kind, layer) in kinds() {
        let browser = browser();
        let saved = browser
            .visit(&layer, |session| async move {
                session.insert("a", 1);
                let saved = session.save().await.unwrap();
                session.update("a", |n: &mut i64| *n += 1);
                saved
            })
            .await;
        assert_eq!(saved.value, Some(Saved::Clean), "{kind}");
        let seen = browser.visit(&layer, |session| async move { session.get::<i64>("a") }).await;
        assert_eq!(seen.value.flatten(), Some(2), "{kind}");
    }
}

#[tokio::test]
async fn an_early_save_survives_a_server_error() {
    let layer = observed::stored(MemoryStore::new());
    let failing = async |session: Session| {
        session.insert("a", 1);
        session.save().await.unwrap();
        session.insert("b", 2);
        StatusCode::INTERNAL_SERVER_ERROR
    };
    let browser = Browser::new(Router::new().route("/", get(failing)).layer(layer.clone()));
    assert_eq!(browser.get("/").await.unwrap().status(), StatusCode::INTERNAL_SERVER_ERROR);
    let seen = browser.visit(&layer, |session| async move { session.keys() }).await;
    assert_eq!(seen.value, Some(vec!["a".to_owned()]));
}

#[tokio::test]
async fn an_early_login_is_one() {
    let layer = observed::stored(MemoryStore::new());
    let browser = browser();
    browser.visit(&layer, |session| async move { session.insert("cart", 1) }).await;
    let before = browser.thief();
    browser
        .visit(&layer, |session| async move {
            session.log_in("jane");
            session.save().await.unwrap();
            assert_eq!(session.devices().await.unwrap().len(), 1);
            session.insert("after", 1);
        })
        .await;
    assert_ne!(session_cookie(&browser), session_cookie(&before));
    let seen = browser.visit(&layer, |session| async move { (session.user(), session.keys().len()) }).await;
    assert_eq!(seen.value, Some((Some("jane".to_owned()), 3)));
    let seen = before.late(&layer, |session| async move { session.user() }).await;
    assert_eq!(seen.value.flatten(), None);
}

#[tokio::test]
async fn an_early_save_tells_what_it_met() {
    let layer = observed::stored(MemoryStore::new());
    let browser = browser();
    browser.visit(&layer, |session| async move { session.insert("a", 0) }).await;
    let other = browser.thief();
    let reply = other
        .late(&layer, |session| {
            let (layer, browser) = (&layer, &browser);
            async move {
                assert_eq!(session.save().await.unwrap(), Saved::Clean);
                session.insert("b", 1);
                browser.visit(layer, |session| async move { session.insert("a", 5) }).await;
                assert_eq!(session.save().await.unwrap(), Saved::Merged);
                assert_eq!(session.get::<i64>("a"), Some(5));
                session.insert("c", 1);
                browser.visit(layer, |session| async move { session.log_out() }).await;
                assert_eq!(session.save().await.unwrap(), Saved::Dropped);
                assert!(session.is_empty());
                session.insert("d", 1);
            }
        })
        .await;
    assert!(reply.page.set_cookies().is_empty());
    assert_eq!(layer.metrics().dropped, 2);
}

#[tokio::test]
async fn a_failed_early_save_makes_the_response_a_503() {
    let spy = Spy::default();
    let layer = observed::stored(spy.clone());
    let reply = browser()
        .visit(&layer, |session| async move {
            session.insert("a", 1);
            spy.break_down(true);
            let failed = matches!(session.save().await, Err(SaveError::Store(_)));
            spy.break_down(false);
            failed && matches!(session.save().await, Err(SaveError::Busy))
        })
        .await;
    assert_eq!(reply.value, Some(true));
    assert_eq!(reply.page.status(), StatusCode::SERVICE_UNAVAILABLE);
}
