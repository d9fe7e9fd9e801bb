//! Two events in one request: a login and a save, a logout and a mistake, an update and the end of the session.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use hardtack::{MemoryStore, Session};
use hardtack_core::crypto::{Compression, Signer, Signing};
use hardtack_jar::{Browser, TestClock};
use http::{Request, StatusCode};

use crate::observed;
use crate::support::{Spy, Visits, browser, keys, seen_with, session_cookie};

#[tokio::test]
async fn a_login_while_a_save_is_under_way_is_the_login_that_counts() {
    for before in [Some("bob"), None] {
        let spy = Spy::default();
        let layer = observed::stored(spy.clone());
        let browser = browser();
        browser
            .visit(&layer, |session| async move {
                session.insert("cart", 1);
                if let Some(user) = before {
                    session.log_in(user);
                }
            })
            .await;
        spy.hold();
        let held = spy.clone();
        browser
            .visit(&layer, |session| async move {
                session.insert("a", 1);
                let login = async {
                    held.holds_one().await;
                    session.log_in("jane");
                    held.release();
                };
                let (saved, ()) = tokio::join!(session.save(), login);
                saved.unwrap();
            })
            .await;
        let seen = browser
            .visit(&layer, |session| async move {
                (session.user(), session.devices().await.map(|devices| devices.len()).ok())
            })
            .await;
        assert_eq!(seen.value, Some((Some("jane".to_owned()), Some(1))), "{before:?}");
    }
}

#[tokio::test]
async fn a_logout_ends_a_session_whose_user_cannot_be_read_here() {
    // The user is a UUID, and then a number that is too large. Flask keeps them, and a logout still works.
    for text in [
        r#"{"_user_id":{" u":"12345678123446789234567812345678"},"cart":1}"#,
        r#"{"_user_id":99999999999999999999,"cart":1}"#,
    ] {
        let flask = observed::signed(keys()).like_flask();
        for (layer, name) in [(flask, "session"), (observed::signed(keys()), "__Host-session")] {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
            let signer = Signer::new(&keys(), &Signing::flask());
            let token = signer.sign_between(["", ""], text, now, Compression::default());
            let log_out = async |session: Session| {
                session.log_out();
                session.len().to_string()
            };
            let app: Router = Router::new().route("/", get(log_out)).layer(layer);
            let request = Request::get("/").header("cookie", format!("{name}={token}")).body("").unwrap();
            let page = Browser::new(app).send(request).await.unwrap();
            assert_eq!(page.text(), "0", "{text}");
            let [removal] = &page.set_cookies()[..] else { panic!("{text}: no removal") };
            assert!(removal.contains("Max-Age=0"), "{text}: {removal}");
        }
    }
}

#[tokio::test]
async fn a_logout_goes_through_beside_a_mistake() {
    for (kind, layer) in crate::support::kinds() {
        for too_large in [false, true] {
            let browser = browser();
            browser
                .visit(&layer, |session| async move {
                    session.log_in("jane");
                    session.insert("a", "text");
                })
                .await;
            let reply = browser
                .visit(&layer, |session| async move {
                    if !too_large {
                        session.update("a", |number: &mut u64| *number += 1);
                    }
                    session.log_out();
                    if too_large {
                        session.flash(long());
                    }
                })
                .await;
            assert_eq!(reply.page.status(), StatusCode::INTERNAL_SERVER_ERROR, "{kind} {too_large}");
            let seen = browser.visit(&layer, |session| async move { session.user() }).await;
            assert_eq!(seen.value, Some(None), "{kind} {too_large}");
        }
    }
}

/// Returns two million characters that hardly compress.
fn long() -> String {
    let mixed = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29) ^ number;
    (0..125_000).map(|number| format!("{:016x}", mixed(mixed(number)))).collect()
}

#[tokio::test]
async fn a_guest_keeps_what_was_collected_when_a_logout_is_canceled() {
    let layer = observed::stored(MemoryStore::new());
    let browser = browser();
    browser.visit(&layer, |session| async move { session.insert("cart", 1) }).await;
    let (said, says) = tokio::sync::oneshot::channel();
    let tab = browser.thief();
    let same = layer.clone();
    let task = tokio::spawn(async move {
        tab.visit(&same, |session| async move {
            session.log_out();
            said.send(()).unwrap();
            std::future::pending::<()>().await;
        })
        .await;
    });
    says.await.unwrap();
    task.abort();
    assert!(task.await.is_err());
    let seen = browser.visit(&layer, |session| async move { session.get::<i64>("cart") }).await;
    assert_eq!(seen.value, Some(Some(1)));
}

#[tokio::test]
async fn a_logout_after_a_save_that_was_given_up_is_reported_when_its_request_is_canceled() {
    let spy = Spy::default();
    let layer = observed::stored(spy.clone());
    let browser = browser();
    browser.visit(&layer, |session| async move { session.log_in("jane") }).await;
    let before = layer.metrics().lost_logouts;
    spy.hold();
    let (tab, same, held) = (browser.thief(), layer.clone(), spy.clone());
    let (said, says) = tokio::sync::oneshot::channel();
    let task = tokio::spawn(async move {
        tab.visit(&same, |session| async move {
            session.insert("a", 1);
            tokio::select! {
                _ = session.save() => unreachable!("it is held"),
                () = held.holds_one() => {}
            }
            session.log_out();
            said.send(()).unwrap();
            std::future::pending::<()>().await;
        })
        .await;
    });
    says.await.unwrap();
    task.abort();
    assert!(task.await.is_err());
    spy.release();
    assert_eq!(layer.metrics().lost_logouts - before, 1);
}

#[tokio::test]
async fn a_renewal_that_is_canceled_while_it_begins_keeps_the_old_id() {
    let spy = Spy::default();
    let clock = TestClock::new();
    let layer = observed::stored(spy.clone()).clock(clock.reader());
    let browser = browser();
    browser.visit(&layer, |session| async move { session.log_in("jane") }).await;
    spy.hold();
    let tab = browser.thief();
    tokio::select! {
        _ = tab.visit(&layer, |session| async move { session.renew() }) => unreachable!("it is held"),
        () = spy.holds_one() => {}
    }
    spy.release();
    clock.advance(Duration::from_secs(11));
    let seen = browser.visit(&layer, |session| async move { session.user() }).await;
    assert_eq!(seen.value, Some(Some("jane".to_owned())));
    assert_eq!(layer.metrics().abandoned, 1);
}

/// A value that uses the session when the value is dropped.
struct Uses(Session);

impl Drop for Uses {
    fn drop(&mut self) {
        self.0.contains("a");
    }
}

#[tokio::test]
async fn an_update_whose_function_uses_the_session_when_it_is_dropped_does_not_hang() {
    let layer = observed::stored(MemoryStore::new());
    let changes: [fn(&Session); 6] = [
        |session| session.insert("n", 3),
        |session| assert!(session.remove("n")),
        Session::clear,
        Session::log_out,
        Session::destroy,
        |session| session.log_in("jane"),
    ];
    for change in changes {
        let reply = browser()
            .visit(&layer, |session| async move {
                let uses = Uses(session.clone());
                session.update("n", move |number: &mut u64| {
                    let _ = &uses;
                    *number += 1;
                });
                change(&session);
            })
            .await;
        assert_eq!(reply.page.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn an_old_id_that_comes_eight_times_is_looked_up_once_along_a_chain_with_an_end() {
    let spy = Spy::default();
    let layer = observed::stored(spy.clone());
    let browser = browser();
    browser.visit(&layer, |session| async move { session.insert("a", 1) }).await;
    let old = session_cookie(&browser).unwrap();
    for _ in 0..200 {
        browser.visit(&layer, |session| async move { session.renew() }).await;
    }
    browser.visit(&layer, |session| async move { session.destroy() }).await;
    let before = spy.calls();
    seen_with(&vec![format!("__Host-session={old}"); 8].join("; "), &layer).await;
    let calls = spy.calls() - before;
    assert!(calls <= 66, "{calls} calls of the store");
}
