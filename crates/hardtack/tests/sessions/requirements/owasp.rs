//! The OWASP Session Management Cheat Sheet.

use std::collections::HashSet;

use axum::Router;
use axum::routing::any;
use hardtack::{Key, KeyRing, MemoryStore, Session};
use hardtack_jar::{Browser, TestClock};
use http::{Method, Request, StatusCode};
use tracing::Level;

use super::{begun, lives, logged_in, pair, seconds};
use crate::observed;
use crate::support::{Logs, Visits, browser, kinds, kinds_lasting, seen_with, session_cookie};

#[tokio::test]
async fn o1_no_response_tells_what_the_server_is_made_of() {
    for (kind, layer) in kinds() {
        let reply = browser().visit(&layer, |session| async move { session.insert("a", 1) }).await;
        assert!(reply.page.set_cookies()[0].starts_with("__Host-session="), "{kind}");
        let names: HashSet<_> = reply.page.headers().keys().map(|name| name.as_str()).collect();
        assert_eq!(names, HashSet::from(["set-cookie", "vary", "cache-control"]), "{kind}");
    }
}

#[tokio::test]
async fn o3_a_token_tells_nothing_of_the_user_or_the_session() {
    const USER: &str = "jane.doe@example.com";
    // The name of the user, as it is and in base64, for each offset within a group of three bytes.
    const TRACES: [&str; 4] =
        [USER, "amFuZS5kb2VAZXhhbXBsZS5jb2", "phbmUuZG9lQGV4YW1wbGUuY29t", "qYW5lLmRvZUBleGFtcGxlLmNvb"];
    for (kind, layer) in kinds().into_iter().filter(|(kind, _)| *kind != "signed") {
        let (first, second) = (logged_in(&layer, USER).await, logged_in(&layer, USER).await);
        let (first, second) = (session_cookie(&first).unwrap(), session_cookie(&second).unwrap());
        assert_ne!(first, second, "{kind}");
        for trace in TRACES {
            assert!(!first.contains(trace), "{kind}: {first}");
        }
        if kind == "stored" {
            assert_eq!((first.len(), session_cookie(&begun(&layer).await).unwrap().len()), (43, 43));
        }
    }
}

#[tokio::test]
async fn o4_a_token_that_the_server_did_not_make_is_never_taken_over() {
    let strange = || KeyRing::new(Key::new("another secret of more than sixteen bytes").unwrap());
    let others = [
        observed::signed(strange()).into_any(),
        observed::encrypted(strange()).into_any(),
        observed::stored(MemoryStore::new()).into_any(),
    ];
    for ((kind, layer), other) in kinds().into_iter().zip(others) {
        // A genuine session id from another server.
        let visitor = begun(&other).await;
        let planted = pair(&visitor);
        let reply = visitor
            .visit(&layer, |session| async move {
                let found = session.contains("a");
                session.insert("a", 2);
                found
            })
            .await;
        assert_eq!(reply.value, Some(false), "{kind}");
        assert_ne!(pair(&visitor), planted, "{kind}");
        assert_eq!(seen_with(&planted, &layer).await.1, "None", "{kind}");
        assert_eq!(seen_with(&pair(&visitor), &layer).await.1, "Some(2)", "{kind}");
        let counts = layer.metrics();
        assert_eq!((counts.missed + counts.rejected, counts.created), (2, 1), "{kind}");
    }
}

#[tokio::test]
async fn o6_a_token_is_accepted_from_a_cookie_only() {
    for (kind, layer) in kinds() {
        let token = session_cookie(&begun(&layer).await).unwrap();
        let look = async |session: Session| format!("{:?}", session.get::<i64>("a"));
        let app: Router = Router::new().fallback(any(look)).layer(layer.clone());
        let stranger = Browser::new(app);
        for name in ["session", "__Host-session", "sid", "token"] {
            for path in [format!("/?{name}={token}"), format!("/;{name}={token}"), format!("/{token}")] {
                assert_eq!(stranger.get(&path).await.unwrap().text(), "None", "{kind} {path}");
            }
            let form = [(name, token.as_str())];
            assert_eq!(stranger.post("/", &form).await.unwrap().text(), "None", "{kind} {name}");
        }
        for (name, value) in [
            ("authorization", format!("Bearer {token}")),
            ("x-session-id", token.clone()),
            ("set-cookie", format!("__Host-session={token}")),
            ("cookie2", format!("__Host-session={token}")),
        ] {
            let request = Request::builder().method(Method::GET).uri("/").header(name, value);
            let page = stranger.send(request.body("").unwrap()).await.unwrap();
            assert_eq!(page.text(), "None", "{kind} {name}");
        }
    }
}

#[tokio::test]
async fn o7_a_login_and_a_logout_give_another_token() {
    for (kind, layer) in kinds() {
        let browser = begun(&layer).await;
        let guest = pair(&browser);
        browser.visit(&layer, |session| async move { session.log_in("jane") }).await;
        let user = pair(&browser);
        assert_ne!(guest, user, "{kind}");
        browser
            .visit(&layer, |session| async move {
                session.log_out();
                session.insert("a", 2);
            })
            .await;
        let after = pair(&browser);
        assert!(after != guest && after != user, "{kind}");
        if kind == "stored" {
            for old in [guest, user] {
                assert_eq!(seen_with(&old, &layer).await.1, "None");
            }
        }
    }
}

#[tokio::test]
async fn o11_timeouts_are_enforced_on_what_a_browser_sends_in_spite_of_them() {
    for (kind, layer) in kinds_lasting(seconds(100)) {
        let clock = TestClock::new();
        let layer = layer.clock(clock.reader());
        // A browser whose clock has stopped keeps the cookie and sends it.
        let stopped = TestClock::new();
        let browser = browser().clock(stopped.reader());
        browser
            .visit(&layer, |session| async move {
                session.insert("a", 1);
                session.permanent();
            })
            .await;
        clock.advance(seconds(99));
        assert!(lives(&layer, &browser.thief()).await, "{kind}");
        clock.advance(seconds(102));
        assert!(session_cookie(&browser).is_some(), "{kind}");
        assert!(!lives(&layer, &browser).await, "{kind}");
    }
}

#[tokio::test]
async fn o15_each_attempt_to_guess_an_id_is_counted_and_logged() {
    let layer = observed::stored(MemoryStore::new());
    let logs = Logs::capture();
    let genuine = session_cookie(&begun(&layer).await).unwrap();
    let mut tried = 0;
    for at in 0..43 {
        let guess = if &genuine[at..=at] == "A" { "E" } else { "A" };
        let guess = format!("{}{guess}{}", &genuine[..at], &genuine[at + 1..]);
        assert_eq!(seen_with(&format!("__Host-session={guess}"), &layer).await.1, "None");
        tried += 1;
    }
    assert_eq!((layer.metrics().missed, layer.metrics().loaded), (tried, 0));
    let lines = logs.with(Level::DEBUG, "session missed");
    assert_eq!(lines.len() as u64, tried);
    assert!(lines.iter().all(|line| !line.contains(&genuine[..20])));
}

#[tokio::test]
async fn o15_each_forged_cookie_is_counted_and_logged() {
    for (kind, layer) in kinds().into_iter().filter(|(kind, _)| *kind != "stored") {
        let logs = Logs::capture();
        let genuine = session_cookie(&begun(&layer).await).unwrap();
        for at in 0..10 {
            let forged = format!("{}{}", &genuine[..genuine.len() - 1 - at], "A".repeat(at));
            assert_eq!(seen_with(&format!("__Host-session={forged}"), &layer).await.1, "None", "{kind}");
        }
        assert_eq!((layer.metrics().rejected, layer.metrics().loaded), (10, 0), "{kind}");
        assert_eq!(logs.with(Level::DEBUG, "session cookie rejected").len(), 10, "{kind}");
        assert_eq!(
            seen_with(&format!("__Host-session={genuine}"), &layer).await,
            (StatusCode::OK, "Some(1)".to_owned())
        );
    }
}
