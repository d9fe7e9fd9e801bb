//! What is logged about sessions, and what is never logged.

use std::time::Duration;

use hardtack::MemoryStore;
use hardtack_jar::TestClock;
use tracing::Level;

use crate::observed;
use crate::support::{Logs, Visits, browser, kinds, session_cookie};

/// Returns the value of a field in a log line.
fn field<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    line.split(' ').find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
}

/// Finds the only log line with this text, and returns the session that it names.
fn said(logs: &Logs, what: &str) -> String {
    let lines = logs.with(Level::DEBUG, what);
    let [line] = lines.as_slice() else { panic!("{what}: {lines:?}") };
    let session = field(line, "session").unwrap();
    assert!(session.len() == 16 && session.bytes().all(|byte| byte.is_ascii_hexdigit()), "{line}");
    session.to_owned()
}

#[tokio::test]
async fn o17_the_log_has_a_sessions_life_under_a_salted_digest_of_its_id() {
    let clock = TestClock::new();
    let layer = observed::stored(MemoryStore::new()).clock(clock.reader());
    let browser = browser();
    let of = || Logs::capture();

    let logs = of();
    browser.visit(&layer, |session| async move { session.insert("cart", "tea") }).await;
    let guest = said(&logs, "session created");
    drop(logs);

    let logs = of();
    browser.visit(&layer, |session| async move { session.insert("cart", "milk") }).await;
    assert_eq!(
        (said(&logs, "session loaded"), said(&logs, "session written")),
        (guest.clone(), guest.clone())
    );
    drop(logs);

    let logs = of();
    browser.visit(&layer, |session| async move { session.log_in("jane") }).await;
    let user = said(&logs, "session logged in");
    assert_ne!(user, guest);
    assert_eq!(field(&logs.with(Level::DEBUG, "session logged in")[0], "before"), Some(&*guest));
    drop(logs);

    let logs = of();
    browser.visit(&layer, |session| async move { session.renew() }).await;
    let renewed = said(&logs, "session renewed");
    assert_eq!(field(&logs.with(Level::DEBUG, "session renewed")[0], "before"), Some(&*user));
    drop(logs);

    let logs = of();
    let copy = browser.thief();
    browser.visit(&layer, |session| async move { session.log_out() }).await;
    assert_eq!(said(&logs, "session ended"), renewed);
    drop(logs);

    let logs = of();
    copy.visit(&layer, |session| async move { session.user() }).await;
    assert_eq!(said(&logs, "session missed"), renewed);
    drop(logs);

    copy.visit(&layer, |session| async move { session.insert("a", 1) }).await;
    browser.visit(&layer, |session| async move { session.insert("a", 1) }).await;
    let logs = of();
    clock.advance(Duration::from_secs(24 * 3600));
    browser.thief().visit(&layer, |session| async move { session.user() }).await;
    said(&logs, "session expired");
}

#[tokio::test]
async fn o17_another_layer_salts_the_digest_anew() {
    let store = std::sync::Arc::new(MemoryStore::new());
    let layers = [observed::stored(store.clone()), observed::stored(store)];
    let browser = browser();
    browser.visit(&layers[0], |session| async move { session.insert("a", 1) }).await;
    let mut names = Vec::new();
    for layer in &layers {
        let logs = Logs::capture();
        browser.visit(layer, |session| async move { session.keys() }).await;
        names.push(said(&logs, "session loaded"));
    }
    assert_ne!(names[0], names[1]);
}

#[tokio::test]
async fn a23_no_event_has_an_id_a_cookie_or_a_value() {
    for (kind, layer) in kinds() {
        let logs = Logs::capture();
        let browser = browser();
        let mut cookies = Vec::new();
        browser.visit(&layer, |session| async move { session.insert("cart", "gunpowder tea") }).await;
        cookies.extend(session_cookie(&browser));
        browser.visit(&layer, |session| async move { session.log_in("jane-doe") }).await;
        cookies.extend(session_cookie(&browser));
        browser.visit(&layer, |session| async move { session.renew() }).await;
        cookies.extend(session_cookie(&browser));
        browser.visit(&layer, |session| async move { session.get::<i64>("cart") }).await;
        browser.visit(&layer, |session| async move { session.destroy() }).await;
        let all = logs.with(Level::DEBUG, "");
        assert!(all.len() > 3, "{kind}: {all:?}");
        for level in [Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG, Level::TRACE] {
            for secret in cookies.iter().map(String::as_str).chain(["gunpowder", "jane-doe"]) {
                assert!(
                    logs.with(level, secret).is_empty(),
                    "{kind} {secret}: {:?}",
                    logs.with(level, secret)
                );
            }
        }
    }
}
