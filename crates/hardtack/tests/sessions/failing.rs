//! Broken stores, server errors, and mistakes: each is visible, and none results in an empty session.

use hardtack::protocol::{Purpose, SessionId, StoreKey};
use hardtack::store::{Stored, Swap};
use hardtack::{MemoryStore, SameSite, SessionStore};
use hardtack_jar::Browser;
use http::StatusCode;
use tracing::Level;

use crate::observed;
use crate::support::{Logs, Spy, Visits, answering, browser, kinds, seen_with, session_cookie};

#[tokio::test]
async fn a_store_that_cannot_load_is_a_503_and_not_an_empty_session() {
    let spy = Spy::default();
    let layer = observed::stored(spy.clone());
    let browser = browser();
    browser.visit(&layer, |session| async move { session.insert("a", 1) }).await;
    spy.break_down(true);
    let reply = browser.visit(&layer, |session| async move { session.get::<i64>("a") }).await;
    assert_eq!(reply.page.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(reply.value.is_none());
    spy.break_down(false);
    let reply = browser.visit(&layer, |session| async move { session.get::<i64>("a") }).await;
    assert_eq!(reply.value.flatten(), Some(1));
}

#[tokio::test]
async fn a_store_that_cannot_save_is_a_503_with_nothing_of_the_page() {
    let spy = Spy::default();
    let layer = observed::stored(spy.clone());
    let browser = browser();
    let reply = browser
        .visit(&layer, |session| {
            let spy = spy.clone();
            async move {
                session.insert("a", 1);
                spy.break_down(true);
            }
        })
        .await;
    assert_eq!(reply.page.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(reply.page.header("retry-after"), Some("1"));
    assert!(reply.page.set_cookies().is_empty());
    assert_eq!(layer.metrics().failed, 1);
}

/// Replaces the data in the record of the browser's session.
async fn damage(store: &Spy, browser: &Browser) {
    let mut stored = stored(store, browser).await.unwrap();
    stored.record.data = b"a secret of another program"[..].into();
    let swap = store.replace(&key_of(browser), stored.version, &stored.record).await.unwrap();
    assert_ne!(swap, Swap::Refused);
}

async fn stored(store: &Spy, browser: &Browser) -> Option<Stored> {
    store.load(&key_of(browser)).await.unwrap()
}

fn key_of(browser: &Browser) -> StoreKey {
    let cookie = session_cookie(browser).unwrap();
    SessionId::parse(cookie.as_bytes()).unwrap().store_key(&Purpose::default())
}

#[tokio::test]
async fn a_record_that_nobody_can_read_is_a_fresh_session_and_reported() {
    let logs = Logs::capture();
    let spy = Spy::default();
    for is_decoded in [true, false] {
        let layer = observed::stored(spy.clone());
        let browser = browser();
        browser.visit(&layer, |session| async move { session.log_in("ada") }).await;
        damage(&spy, &browser).await;
        let record = stored(&spy, &browser).await;
        let cookie = session_cookie(&browser).unwrap();
        spy.break_records(!is_decoded);

        // Each page reports the damaged record, and none of them writes it.
        let reply = browser.visit(&layer, |session| async move { session.get::<i64>("a") }).await;
        assert_eq!((reply.page.status(), reply.value.flatten()), (StatusCode::OK, None));
        for leave in [hardtack::Session::log_out, hardtack::Session::destroy] {
            let reply = browser.visit(&layer, |session| async move { leave(&session) }).await;
            assert_eq!(reply.page.status(), StatusCode::OK);
        }
        assert_eq!(layer.metrics().unreadable, 3);
        assert_eq!(session_cookie(&browser).as_ref(), Some(&cookie), "a newer cookie might be removed");
        for writes in [true, false] {
            let late = browser.thief();
            let reply = late
                .visit(&layer, |session| async move {
                    if writes { session.insert("a", 1) } else { session.log_in("bob") }
                })
                .await;
            assert_eq!(reply.page.status(), StatusCode::OK);
            assert_ne!(session_cookie(&late).as_ref(), Some(&cookie));
            spy.break_records(false);
            let reply = late.visit(&layer, |session| async move { session.get::<i64>("a") }).await;
            assert_eq!(reply.value.flatten(), writes.then_some(1));
            spy.break_records(!is_decoded);
        }
        spy.break_records(false);
        assert_eq!(stored(&spy, &browser).await, record, "the record was changed");
        let counts = layer.metrics();
        assert_eq!((counts.unreadable, counts.missed, counts.failed), (5, 0, 0));

        let told = logs.with(Level::ERROR, "a stored session cannot be read");
        assert_eq!(told.len(), if is_decoded { 5 } else { 10 });
        assert!(told.iter().all(|line| !line.contains("secret") && !line.contains(&cookie)), "{told:?}");
    }
}

#[tokio::test]
async fn a_session_that_becomes_unreadable_while_a_request_writes_is_dropped_and_reported() {
    let spy = Spy::default();
    let layer = observed::stored(spy.clone());
    let browser = browser();
    browser.visit(&layer, |session| async move { session.insert("a", 1) }).await;
    let reply = browser
        .visit(&layer, |session| {
            let (spy, browser) = (spy.clone(), &browser);
            async move {
                session.insert("a", 2);
                damage(&spy, browser).await;
            }
        })
        .await;
    assert_eq!(reply.page.status(), StatusCode::OK);
    assert!(reply.page.set_cookies().is_empty());
    let counts = layer.metrics();
    assert_eq!((counts.unreadable, counts.dropped, counts.failed), (1, 1, 0));
    assert_eq!(*stored(&spy, &browser).await.unwrap().record.data, *b"a secret of another program");
}

#[tokio::test]
async fn a_server_error_is_not_saved() {
    for (kind, layer) in kinds() {
        for (status, kept) in [(StatusCode::INTERNAL_SERVER_ERROR, 0), (StatusCode::NOT_FOUND, 1)] {
            let app = answering(status, &layer, |session| session.insert("a", 1));
            let page = Browser::new(app).get("/").await.unwrap();
            assert_eq!((page.status(), page.set_cookies().len()), (status, kept), "{kind}");
        }
    }
}

#[tokio::test]
async fn o5_forged_damaged_and_oversized_cookies_give_a_fresh_session() {
    for (kind, layer) in kinds() {
        let good = browser();
        good.visit(&layer, |session| async move { session.insert("a", 1) }).await;
        let value = session_cookie(&good).unwrap();
        let mut forged = value.clone();
        let last = forged.pop().unwrap();
        let middle = forged.len() / 2;
        forged.replace_range(middle..=middle, if &forged[middle..=middle] == "A" { "B" } else { "A" });
        forged.push(last);
        let before = layer.metrics();
        for value in [&forged, &value[..middle], "", "junk", &"A".repeat(8000), "..", "%00", "\"\""] {
            let seen = seen_with(&format!("__Host-session={value}"), &layer).await;
            assert_eq!(seen, (StatusCode::OK, "None".to_owned()), "{kind} {value}");
        }
        let after = layer.metrics();
        assert!(after.rejected + after.missed > before.rejected + before.missed, "{kind}");
    }
}

#[tokio::test]
async fn a24_a_session_too_large_for_its_cookie_is_an_error_and_not_a_lost_cookie() {
    for (kind, layer) in kinds() {
        // Numbers that do not compress.
        let large: Vec<u32> = (1..2000_u32).map(|n| n.wrapping_mul(2_654_435_761)).collect();
        let reply = browser()
            .visit(&layer, |session| async move {
                session.insert("large", large);
                session.save().await.is_err()
            })
            .await;
        let fits = kind == "stored";
        assert_eq!(reply.value, Some(!fits), "{kind}");
        assert_eq!(
            reply.page.status(),
            if fits { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR },
            "{kind}"
        );
    }
}

#[tokio::test]
async fn a_mistake_in_the_setup_is_a_sentence_that_names_the_fix() {
    let stored = || observed::stored(MemoryStore::new());
    let mistakes = [
        (stored().cookie_name("__Host-session").domain("example.com"), "__Secure-"),
        (stored().cookie_name("__Host-session").path("/shop"), "Path=/"),
        (stored().same_site(SameSite::None).insecure_http(), "SameSite=None"),
        (stored().cookie_name("a b"), "name"),
        (stored().domain("exam ple"), "domain"),
    ];
    for (layer, fix) in mistakes {
        let sentence = layer.clone().check().unwrap_err().to_string();
        assert!(sentence.contains(fix), "{sentence}");
        let reply = browser().visit(&layer, |session| async move { session.insert("a", 1) }).await;
        assert_eq!(reply.page.status(), StatusCode::INTERNAL_SERVER_ERROR, "{sentence}");
    }
}

#[tokio::test]
async fn a_write_after_the_response_head_is_told_and_does_nothing() {
    for (kind, layer) in kinds() {
        let browser = browser();
        let reply = browser.visit(&layer, |session| async move { session }).await;
        let session = reply.value.unwrap();
        session.insert("a", 1);
        assert_eq!(session.get::<i64>("a"), None, "{kind}");
        assert!(session.save().await.is_err(), "{kind}");
        assert_eq!(layer.metrics().late, 2, "{kind}");
    }
}
