//! RFC 6265bis: what servers send, and what they cannot rely on.

use std::collections::HashSet;

use hardtack::{AnyBackend, MemoryStore, RemoveCookie, SameSite, Session, SessionLayer, SetCookie};
use hardtack_jar::{Jar, Limits, TestClock};
use http::StatusCode;

use super::{begun, seconds};
use crate::observed;
use crate::support::{Visits, browser, kinds, kinds_lasting, session_cookie};

#[tokio::test]
async fn r2_a_cookie_without_a_name_is_refused() {
    assert!(SetCookie::new("", "value").to_header().is_err());
    assert!(SetCookie::raw("", "value").to_header().is_err());
    assert!(RemoveCookie::new("").to_header().is_err());
    for (kind, layer) in kinds() {
        assert!(layer.cookie_name("").check().is_err(), "{kind}");
    }
}

#[tokio::test]
async fn r3_no_attribute_appears_twice() {
    let once = |line: &str| {
        let names = line.split("; ").skip(1).map(|part| part.split('=').next().unwrap().to_ascii_lowercase());
        let mut seen = HashSet::new();
        names.for_each(|name| assert!(seen.insert(name), "{line}"));
        seen.len()
    };
    let twice = SetCookie::new("__Secure-a", "b")
        .path("/x")
        .path("/y")
        .domain("example.com")
        .domain("shop.example.com")
        .secure()
        .secure()
        .http_only()
        .http_only()
        .same_site(SameSite::Lax)
        .same_site(SameSite::None)
        .max_age(seconds(1))
        .max_age(seconds(2))
        .partitioned()
        .partitioned();
    assert_eq!(once(&twice.to_header().unwrap()), 7);
    assert_eq!(once(&RemoveCookie::from(&twice).to_header().unwrap()), 8);
    for (kind, layer) in kinds() {
        let layer = layer.path("/shop").path("/").same_site(SameSite::None).partitioned().partitioned();
        let browser = browser();
        let handlers: [fn(&Session); 3] =
            [|session| session.insert("a", 1), |session| session.permanent(), |session| session.destroy()];
        for handler in handlers {
            let reply = browser.visit(&layer, |session| async move { handler(&session) }).await;
            assert!(once(reply.page.set_cookies()[0]) >= 5, "{kind}");
        }
    }
}

#[tokio::test]
async fn r7_a_browser_may_drop_the_cookie_too_early_or_too_late() {
    for (kind, layer) in kinds_lasting(seconds(100)) {
        let clock = TestClock::new();
        let layer = layer.clock(clock.reader());
        for (server, browsers, lived) in [(101, 0, false), (50, 101, false), (99, 99, true)] {
            let own = TestClock::at(clock.now());
            let browser = browser().clock(own.reader());
            browser
                .visit(&layer, |session| async move {
                    session.insert("a", 1);
                    session.permanent();
                })
                .await;
            clock.advance(seconds(server));
            own.advance(seconds(browsers));
            assert_eq!(session_cookie(&browser).is_some(), browsers < 100, "{kind}");
            let reply = browser.visit(&layer, |session| async move { session.contains("a") }).await;
            assert_eq!((reply.page.status(), reply.value), (StatusCode::OK, Some(lived)), "{kind}");
        }
    }
}

#[tokio::test]
async fn r9_same_site_none_is_refused_without_secure() {
    let none = || SetCookie::new("a", "b").same_site(SameSite::None);
    assert!(none().to_header().is_err());
    assert!(none().secure().to_header().unwrap().contains("; Secure;"));
    for (kind, layer) in kinds() {
        assert!(layer.clone().same_site(SameSite::None).insecure_http().check().is_err(), "{kind}");
        let layer = layer.same_site(SameSite::None).check().unwrap();
        let reply = browser().visit(&layer, |session| async move { session.insert("a", 1) }).await;
        let set = reply.page.set_cookies()[0];
        assert!(set.contains("; Secure;") && set.contains("; SameSite=None"), "{kind}: {set}");
    }
}

#[tokio::test]
async fn r10_the_name_has_the_strictest_prefix_that_its_attributes_allow() {
    type Layer = SessionLayer<AnyBackend>;
    type Change = fn(Layer) -> Layer;
    let changes: [(Change, &str); 4] = [
        (|layer| layer, "__Host-session="),
        (|layer| layer.path("/shop"), "__Secure-session="),
        (|layer| layer.domain("example.com"), "__Secure-session="),
        (|layer| layer.insecure_http(), "session="),
    ];
    for (change, head) in changes {
        for (kind, layer) in kinds() {
            let layer = change(layer);
            let browser = browser().origin("https://www.example.com/shop").unwrap();
            let reply = browser.visit(&layer, |session| async move { session.insert("a", 1) }).await;
            assert!(reply.page.set_cookies()[0].starts_with(head), "{kind}");
            let reply = browser.visit(&layer, |session| async move { session.destroy() }).await;
            assert!(reply.page.set_cookies()[0].starts_with(head), "{kind}");
        }
    }
}

#[tokio::test]
async fn r14_a_session_whose_cookie_a_full_jar_evicted_is_a_fresh_one() {
    for (kind, layer) in kinds() {
        let clock = TestClock::new();
        let browser = browser().jar(Jar::new().limits(Limits::default().per_domain(3))).clock(clock.reader());
        browser.visit(&layer, |session| async move { session.insert("a", 1) }).await;
        for name in ["x", "y", "z"] {
            clock.advance(seconds(1));
            browser.set_cookie(&format!("{name}=1; Secure")).unwrap();
        }
        assert_eq!(session_cookie(&browser), None, "{kind}");
        let reply = browser
            .visit(&layer, |session| async move {
                session.insert("b", 1);
                session.contains("a")
            })
            .await;
        assert_eq!((reply.page.status(), reply.value), (StatusCode::OK, Some(false)), "{kind}");
        let reply = browser.visit(&layer, |session| async move { session.contains("b") }).await;
        assert_eq!(reply.value, Some(true), "{kind}");
    }
}

#[tokio::test]
async fn r15_the_responses_of_a_stored_session_may_arrive_in_either_order() {
    type Handler = fn(&Session);
    type Kept = fn(&Session) -> bool;
    let kept: Kept = |session| session.contains("a");
    let logged_in: Kept = |session| session.user().as_deref() == Some("jane");
    let requests: [(Handler, Handler, Kept); 3] = [
        (|session| session.insert("b", 1), |session| session.renew(), kept),
        (|session| session.renew(), |session| session.renew(), kept),
        (|session| session.log_in("jane"), |session| session.log_in("jane"), logged_in),
    ];
    for (number, (first, second, there)) in requests.into_iter().enumerate() {
        for swapped in [false, true] {
            let layer = observed::stored(MemoryStore::new());
            let browser = begun(&layer).await;
            let one = browser.late(&layer, |session| async move { first(&session) }).await;
            let two = browser.late(&layer, |session| async move { second(&session) }).await;
            for reply in if swapped { [&two, &one] } else { [&one, &two] } {
                browser.take(reply);
            }
            let seen = browser.visit(&layer, |session| async move { there(&session) }).await;
            assert_eq!(seen.value, Some(true), "requests {number}, swapped: {swapped}");
        }
    }
}
