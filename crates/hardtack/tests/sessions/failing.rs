//! A broken store, a server error, a mistake: each is seen, and none is an empty session.

use std::time::Duration;

use hardtack::{MemoryStore, SameSite, SessionLayer};
use http::{StatusCode, header};

use crate::support::{Browser, Spy, keys, kinds};

#[tokio::test]
async fn a_store_that_cannot_load_is_a_503_and_not_an_empty_session() {
    let spy = Spy::default();
    let layer = SessionLayer::stored(spy.clone());
    let mut browser = Browser::default();
    browser.send(&layer, |session| async move { session.insert("a", 1) }).await;
    spy.break_down(true);
    let reply = browser.send(&layer, |session| async move { session.get::<i64>("a") }).await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(reply.value.is_none());
    spy.break_down(false);
    let reply = browser.send(&layer, |session| async move { session.get::<i64>("a") }).await;
    assert_eq!(reply.value.flatten(), Some(1));
}

#[tokio::test]
async fn a_store_that_cannot_save_is_a_503_with_nothing_of_the_page() {
    let spy = Spy::default();
    let layer = SessionLayer::stored(spy.clone());
    let mut browser = Browser::default();
    let reply = browser
        .send(&layer, |session| {
            let spy = spy.clone();
            async move {
                session.insert("a", 1);
                spy.break_down(true);
            }
        })
        .await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(reply.headers[header::RETRY_AFTER], "1");
    assert!(reply.set_cookie().is_empty());
    assert_eq!(layer.counts().failed, 1);
}

#[tokio::test]
async fn a_server_error_is_not_saved() {
    for (kind, layer) in kinds() {
        let mut browser = Browser::default();
        let failed = StatusCode::INTERNAL_SERVER_ERROR;
        let reply = browser.send_for(failed, &layer, |session| async move { session.insert("a", 1) }).await;
        assert!(reply.set_cookie().is_empty(), "{kind}");
        let refused = StatusCode::NOT_FOUND;
        let reply = browser.send_for(refused, &layer, |session| async move { session.insert("a", 1) }).await;
        assert_eq!(reply.set_cookie().len(), 1, "{kind}");
    }
}

#[tokio::test]
async fn forged_damaged_and_oversized_cookies_give_a_fresh_session() {
    for (kind, layer) in kinds() {
        let mut good = Browser::default();
        good.send(&layer, |session| async move { session.insert("a", 1) }).await;
        let (name, value) = good.cookie.as_deref().unwrap().split_once('=').unwrap();
        let mut forged = value.to_owned();
        let last = forged.pop().unwrap();
        let middle = forged.len() / 2;
        forged.replace_range(middle..=middle, if &forged[middle..=middle] == "A" { "B" } else { "A" });
        forged.push(last);
        let before = layer.counts();
        for value in [&forged, &value[..middle], "", "junk", &"A".repeat(8000), "..", "%00", "\"\""] {
            let browser = Browser { cookie: Some(format!("{name}={value}")) };
            let reply =
                browser.late(StatusCode::OK, &layer, |session| async move { session.is_empty() }).await;
            assert_eq!((reply.status, reply.value), (StatusCode::OK, Some(true)), "{kind} {value}");
        }
        let after = layer.counts();
        assert!(after.rejected + after.missed > before.rejected + before.missed, "{kind}");
    }
}

#[tokio::test]
async fn a_session_too_large_for_its_cookie_is_an_error_and_not_a_lost_cookie() {
    for (kind, layer) in kinds() {
        // Numbers that no compression makes small.
        let large: Vec<u32> = (1..2000_u32).map(|n| n.wrapping_mul(2_654_435_761)).collect();
        let reply = Browser::default()
            .send(&layer, |session| async move {
                session.insert("large", large);
                session.save().await.is_err()
            })
            .await;
        let fits = kind == "stored";
        assert_eq!(reply.value, Some(!fits), "{kind}");
        assert_eq!(
            reply.status,
            if fits { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR },
            "{kind}"
        );
    }
}

#[tokio::test]
async fn a_mistake_in_the_setup_is_a_sentence_that_names_the_fix() {
    let stored = || SessionLayer::stored(MemoryStore::new());
    let hour = Duration::from_secs(3600);
    let mistakes = [
        (SessionLayer::signed(keys()).idle_timeout(hour), "max_age"),
        (SessionLayer::signed(keys()).absolute_timeout(hour), "max_age"),
        (SessionLayer::encrypted(keys()).idle_timeout(hour), "max_age"),
        (SessionLayer::encrypted(keys()).like_flask(), "SessionLayer::signed"),
        (stored().max_age(hour), "idle_timeout"),
        (stored().like_flask(), "SessionLayer::signed"),
        (stored().cookie_name("__Host-session").domain("example.com"), "__Secure-"),
        (stored().cookie_name("__Host-session").path("/shop"), "Path=/"),
        (stored().same_site(SameSite::None).insecure_http(), "SameSite=None"),
        (stored().cookie_name("a b"), "name"),
        (stored().domain("exam ple"), "domain"),
    ];
    for (layer, fix) in mistakes {
        let sentence = layer.clone().check().unwrap_err().to_string();
        assert!(sentence.contains(fix), "{sentence}");
        let reply = Browser::default().send(&layer, |session| async move { session.insert("a", 1) }).await;
        assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR, "{sentence}");
    }
}

#[tokio::test]
async fn a_write_after_the_response_head_is_told_and_does_nothing() {
    for (kind, layer) in kinds() {
        let mut browser = Browser::default();
        let reply = browser.send(&layer, |session| async move { session }).await;
        let session = reply.value.unwrap();
        session.insert("a", 1);
        assert_eq!(session.get::<i64>("a"), None, "{kind}");
        assert!(session.save().await.is_err(), "{kind}");
        assert_eq!(layer.counts().late, 2, "{kind}");
    }
}
