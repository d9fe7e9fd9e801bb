//! NIST SP 800-63B: session secrets.

use hardtack::{Lifetime, MemoryStore};
use hardtack_jar::{RequestContext, TestClock};

use super::{begun, lives, logged_in, pair, seconds};
use crate::observed;
use crate::support::{Visits, browser, keys, kinds, seen_with, session_cookie};

#[tokio::test]
async fn n1_a_login_makes_a_secret_of_the_servers_own_whatever_the_client_brought() {
    for (kind, layer) in kinds() {
        for brought in [None, Some("chosen"), Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")] {
            let browser = browser();
            if let Some(brought) = brought {
                let line = format!("__Host-session={brought}; Secure; Path=/");
                browser.set_cookie(&line).unwrap();
            }
            // No session is created before the password has been verified.
            let reply = browser.visit(&layer, |session| async move { session.user() }).await;
            assert!(reply.page.set_cookies().is_empty(), "{kind} {brought:?}");
            let reply = browser.visit(&layer, |session| async move { session.log_in("jane") }).await;
            assert_eq!(reply.page.set_cookies().len(), 1, "{kind} {brought:?}");
            assert_ne!(session_cookie(&browser).as_deref(), brought, "{kind}");
            let seen = browser.visit(&layer, |session| async move { session.user() }).await;
            assert_eq!(seen.value.flatten().as_deref(), Some("jane"), "{kind} {brought:?}");
        }
    }
}

#[tokio::test]
async fn n5_a_script_cannot_read_the_secret_and_so_keeps_it_nowhere() {
    for (kind, layer) in kinds() {
        let browser = logged_in(&layer, "jane").await;
        let now = std::time::SystemTime::now();
        let script = RequestContext::script("https://localhost/").unwrap();
        let request = RequestContext::http("https://localhost/").unwrap();
        assert_eq!(browser.with_jar(|jar| jar.header(&script, now)), None, "{kind}");
        let sent = browser.with_jar(|jar| jar.header(&request, now)).unwrap();
        assert_eq!(String::from_utf8(sent).unwrap(), pair(&browser), "{kind}");
        // The response to this request does not repeat the cookie either.
        let reply = browser.visit(&layer, |session| async move { session.user() }).await;
        assert_eq!(reply.value.flatten().as_deref(), Some("jane"), "{kind}");
        let token = session_cookie(&browser).unwrap();
        for (name, value) in reply.page.headers() {
            assert!(!value.to_str().unwrap().contains(&token), "{kind} {name}");
        }
    }
}

#[tokio::test]
async fn n7_the_cookie_is_restricted_to_its_host_and_expires_with_the_session() {
    let age = seconds(3600);
    let layers = [
        ("signed", observed::signed(keys()).max_age(age).into_any()),
        ("encrypted", observed::encrypted(keys()).max_age(age).into_any()),
        (
            "stored",
            observed::stored(MemoryStore::new()).lifetime(Lifetime::new().idle(age).absolute(age)).into_any(),
        ),
    ];
    for (kind, layer) in layers {
        let clock = TestClock::new();
        let layer = layer.clock(clock.reader());
        let browser = browser().clock(clock.reader());
        browser
            .visit(&layer, |session| async move {
                session.log_in("jane");
                session.permanent();
            })
            .await;
        let expires = browser.with_jar(|jar| {
            let cookie = jar.iter().next().unwrap();
            assert!(cookie.is_secure() && cookie.is_http_only() && cookie.is_host_only(), "{kind}");
            assert_eq!((cookie.domain(), jar.len()), ("localhost", 1), "{kind}");
            cookie.expires().unwrap()
        });
        assert_eq!(expires, clock.now() + age, "{kind}");
    }
}

#[tokio::test]
async fn n8_a_session_ends_with_the_browser_unless_it_is_made_permanent() {
    for (kind, layer) in kinds() {
        let browser = begun(&layer).await;
        assert_eq!(browser.with_jar(|jar| jar.end_session()), 1, "{kind}");
        assert!(!lives(&layer, &browser).await, "{kind}");

        let browser = begun(&layer).await;
        browser.visit(&layer, |session| async move { session.permanent() }).await;
        assert_eq!(browser.with_jar(|jar| jar.end_session()), 0, "{kind}");
        assert!(lives(&layer, &browser).await, "{kind}");
    }
}

#[tokio::test]
async fn n10_a_login_before_the_limit_extends_it_and_one_after_it_begins_a_new_session() {
    let (idle, absolute) = (seconds(200), seconds(250));
    let layers = [
        ("encrypted", observed::encrypted(keys()).max_age(idle).absolute_timeout(absolute).into_any()),
        (
            "stored",
            observed::stored(MemoryStore::new()).idle_timeout(idle).absolute_timeout(absolute).into_any(),
        ),
    ];
    for (kind, layer) in layers {
        let clock = TestClock::new();
        let layer = layer.clock(clock.reader());
        let browser = begun(&layer).await;
        browser.visit(&layer, |session| async move { session.log_in("jane") }).await;
        for _ in 0..3 {
            clock.advance(seconds(199));
            browser.visit(&layer, |session| async move { session.log_in("jane") }).await;
            assert!(lives(&layer, &browser).await, "{kind}");
        }
        clock.advance(absolute);
        let expired = pair(&browser);
        browser.visit(&layer, |session| async move { session.log_in("jane") }).await;
        assert_ne!(pair(&browser), expired, "{kind}");
        let seen =
            browser.visit(&layer, |session| async move { (session.user(), session.contains("a")) }).await;
        assert_eq!(seen.value, Some((Some("jane".to_owned()), false)), "{kind}");
        assert_eq!(seen_with(&expired, &layer).await.1, "None", "{kind}");
    }
}
