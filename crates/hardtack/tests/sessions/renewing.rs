//! Renewals: requests with the old id can read and do only what is necessary.

use std::time::Duration;

use hardtack::{BackendSettings, MemoryStore, Session, SessionLayer, Stored};
use hardtack_jar::{Browser, TestClock};
use http::StatusCode;

use crate::observed;
use crate::support::{Visits, browser, seen_with, session_cookie};

fn layer(clock: &TestClock) -> SessionLayer<Stored> {
    observed::stored(MemoryStore::new()).clock(clock.reader())
}

async fn begun(layer: &SessionLayer<impl BackendSettings>) -> Browser {
    let browser = browser();
    browser.visit(layer, |session| async move { session.insert("a", 1) }).await;
    browser
}

#[tokio::test]
async fn o7_a_renewal_gives_a_new_id_and_keeps_the_data() {
    let layer = layer(&TestClock::new());
    let browser = begun(&layer).await;
    let before = browser.thief();
    browser.visit(&layer, |session| async move { session.renew() }).await;
    assert_ne!(session_cookie(&browser), session_cookie(&before));
    let seen = browser.visit(&layer, |session| async move { session.get::<i64>("a") }).await;
    assert_eq!(seen.value.flatten(), Some(1));
}

#[tokio::test]
async fn a_late_request_after_a_renewal_works_on_the_successor() {
    let layer = layer(&TestClock::new());
    let browser = begun(&layer).await;
    let late = browser.thief();
    browser.visit(&layer, |session| async move { session.renew() }).await;
    let reply = late
        .late(&layer, |session| async move {
            session.insert("b", 2);
            session.renew();
            session.get::<i64>("a")
        })
        .await;
    assert_eq!(reply.value.as_ref().unwrap(), &Some(1));
    assert!(reply.page.set_cookies().is_empty());
    let seen = browser.visit(&layer, |session| async move { session.get::<i64>("b") }).await;
    assert_eq!(seen.value.flatten(), Some(2));
}

#[tokio::test]
async fn o7_the_old_id_is_nobody_once_the_grace_period_is_over() {
    let clock = TestClock::new();
    let layer = layer(&clock);
    let browser = begun(&layer).await;
    let late = browser.thief();
    browser.visit(&layer, |session| async move { session.renew() }).await;
    clock.advance(Duration::from_secs(10));
    let seen = late.visit(&layer, |session| async move { session.get::<i64>("a") }).await;
    assert_eq!(seen.value.flatten(), None);
    let seen = browser.visit(&layer, |session| async move { session.get::<i64>("a") }).await;
    assert_eq!(seen.value.flatten(), Some(1));
}

#[tokio::test]
async fn a_request_under_way_during_a_renewal_writes_to_the_successor() {
    let layer = layer(&TestClock::new());
    let browser = begun(&layer).await;
    let late = browser.thief();
    let reply = late
        .late(&layer, |session| {
            let (layer, browser) = (&layer, &browser);
            async move {
                session.insert("b", 2);
                browser.visit(layer, |session| async move { session.renew() }).await;
            }
        })
        .await;
    assert!(reply.page.set_cookies().is_empty());
    let seen = browser.visit(&layer, |session| async move { session.get::<i64>("b") }).await;
    assert_eq!(seen.value.flatten(), Some(2));
    assert_eq!(layer.metrics().merged, 1);
}

#[tokio::test]
async fn two_renewals_at_once_make_one_session() {
    let layer = layer(&TestClock::new());
    let browser = begun(&layer).await;
    let late = browser.thief();
    let reply = late
        .late(&layer, |session| {
            let (layer, browser) = (&layer, &browser);
            async move {
                session.renew();
                session.insert("b", 2);
                browser.visit(layer, |session| async move { session.renew() }).await;
            }
        })
        .await;
    assert!(reply.page.set_cookies().is_empty());
    let seen = browser.visit(&layer, |session| async move { session.get::<i64>("b") }).await;
    assert_eq!(seen.value.flatten(), Some(2));
}

#[tokio::test]
async fn a7_a_planted_id_sees_and_does_nothing_after_the_login() {
    let layer = layer(&TestClock::new());
    let victim = begun(&layer).await;
    let attacker = victim.thief();
    victim.visit(&layer, |session| async move { session.log_in("jane") }).await;
    assert_ne!(session_cookie(&victim), session_cookie(&attacker));
    let reply = attacker
        .late(&layer, |session: Session| async move {
            session.insert("a", "planted");
            session.permanent();
            (session.user(), session.get::<i64>("a"))
        })
        .await;
    assert_eq!(reply.value.as_ref().unwrap(), &(None, None));
    assert!(reply.page.set_cookies().is_empty());
    assert_eq!(layer.metrics().dropped, 1);
    let seen = victim.visit(&layer, |session| async move { (session.user(), session.get::<i64>("a")) }).await;
    assert_eq!(seen.value, Some((Some("jane".to_owned()), Some(1))));
}

#[tokio::test]
async fn a_login_ends_a_session_that_was_renewed_meanwhile() {
    let layer = layer(&TestClock::new());
    let browser = begun(&layer).await;
    let late = browser.thief();
    let reply = late
        .late(&layer, |session| {
            let (layer, browser) = (&layer, &browser);
            async move {
                session.log_in("jane");
                browser
                    .visit(layer, |session| async move {
                        session.renew();
                        session.insert("b", 2);
                    })
                    .await;
            }
        })
        .await;
    // The login keeps the guest's data, including what was written in the meantime. The renewed id no longer works.
    let user = browser.stranger();
    user.take(&reply);
    let seen = user.visit(&layer, |session| async move { (session.user(), session.get::<i64>("b")) }).await;
    assert_eq!(seen.value, Some((Some("jane".to_owned()), Some(2))));
    let seen = browser.late(&layer, |session| async move { session.get::<i64>("b") }).await;
    assert_eq!(seen.value.flatten(), None);
}

#[tokio::test]
async fn a_double_clicked_login_works() {
    let layer = layer(&TestClock::new());
    let first = begun(&layer).await;
    let second = first.thief();
    let reply = first.late(&layer, |session| async move { session.log_in("jane") }).await;
    let browser = first.thief();
    browser.take(&reply);
    // The second click was sent with the old id, and its response is the last to arrive.
    second.visit(&layer, |session| async move { session.log_in("jane") }).await;
    let seen = second.visit(&layer, |session| async move { session.user() }).await;
    assert_eq!(seen.value.flatten().as_deref(), Some("jane"));
}

#[tokio::test]
async fn another_users_data_is_not_kept() {
    let layer = layer(&TestClock::new());
    let browser = begun(&layer).await;
    browser
        .visit(&layer, |session| async move {
            session.log_in("jane");
            session.insert("secret", "jane's");
        })
        .await;
    browser.visit(&layer, |session| async move { session.log_in("john") }).await;
    let seen = browser.visit(&layer, |session| async move { (session.user(), session.keys()) }).await;
    assert_eq!(seen.value, Some((Some("john".to_owned()), vec!["_user_id".to_owned()])));
}

#[tokio::test]
async fn a_csrf_token_is_not_kept() {
    let layer = layer(&TestClock::new());
    let browser = begun(&layer).await;
    browser.visit(&layer, |session| async move { session.insert("csrf_token", "planted") }).await;
    browser.visit(&layer, |session| async move { session.log_in("john") }).await;
    let seen = browser.visit(&layer, |session| async move { session.contains("csrf_token") }).await;
    assert_eq!(seen.value, Some(false));
}

#[tokio::test]
async fn r12_of_two_cookies_the_one_that_lives_counts() {
    let layer = layer(&TestClock::new());
    let browser = begun(&layer).await;
    let live = session_cookie(&browser).unwrap();
    for (first, second) in [("junk", live.as_str()), (live.as_str(), "junk")] {
        let cookies = format!("__Host-session={first}; __Host-session={second}");
        assert_eq!(seen_with(&cookies, &layer).await, (StatusCode::OK, "Some(1)".to_owned()));
    }
}
