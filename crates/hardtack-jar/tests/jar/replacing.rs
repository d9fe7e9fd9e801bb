use hardtack_jar::{JarChange, Refusal};

use crate::support::Browser;

const URL: &str = "https://example.com/x/y";

#[test]
fn a_cookie_is_identified_by_name_domain_path_and_host_only() {
    let mut browser = Browser::new();
    for line in ["a=1", "A=1", "a=1; Path=/", "a=1; Path=/x/", "a=1; Domain=example.com", "=a"] {
        assert_eq!(browser.set(URL, line), Ok(JarChange::Added), "{line}");
    }
    assert_eq!(browser.set(URL, "a=2; Path=/x"), Ok(JarChange::Replaced));
    assert_eq!(browser.jar.len(), 6);
}

#[test]
fn an_address_is_the_same_host_with_and_without_a_domain() {
    let mut browser = Browser::new();
    let url = "http://192.0.2.3/";
    assert_eq!(browser.set(url, "a=1"), Ok(JarChange::Added));
    assert_eq!(browser.set(url, "a=2; Domain=192.0.2.3"), Ok(JarChange::Replaced));
    assert_eq!(browser.header(url), "a=2");
    assert!(browser.jar.iter().all(|cookie| cookie.is_host_only()));
}

#[test]
fn each_change_is_returned() {
    let mut browser = Browser::new();
    browser.set(URL, "a=1").expect("taken");
    for (line, change) in [
        ("a=1", JarChange::Unchanged),
        ("a=2", JarChange::Replaced),
        ("a=2; HttpOnly", JarChange::Replaced),
        ("a=2; HttpOnly; Secure", JarChange::Replaced),
        ("a=2; HttpOnly; Secure; SameSite=Strict", JarChange::Replaced),
        ("a=2; HttpOnly; Secure; SameSite=Strict", JarChange::Unchanged),
        ("a=2; HttpOnly; Secure; SameSite=Strict; Max-Age=60", JarChange::Replaced),
    ] {
        assert_eq!(browser.set(URL, line), Ok(change), "{line}");
    }
}

#[test]
fn u12_the_age_stays_and_the_rest_is_new() {
    let mut browser = Browser::new();
    let born = browser.now;
    browser.set(URL, "a=1; Secure; HttpOnly; Max-Age=60").expect("taken");
    browser.set(URL, "b=1").expect("taken");
    browser.advance(10);
    browser.set(URL, "a=2").expect("taken");
    // The cookie keeps its age, so it is still sent before the other one.
    assert_eq!(browser.header(URL), "a=2; b=1");
    let cookie = browser.jar.iter().next().expect("a cookie");
    assert_eq!((cookie.created(), cookie.last_access()), (born, browser.now));
    assert!(!cookie.is_secure() && !cookie.is_http_only() && cookie.expires().is_none());
}

#[test]
fn an_expired_cookie_leaves_no_creation_time() {
    let mut browser = Browser::new();
    browser.set(URL, "a=1; Max-Age=1").expect("taken");
    browser.set(URL, "b=1").expect("taken");
    browser.advance(1);
    assert_eq!(browser.set(URL, "a=2"), Ok(JarChange::Added));
    assert_eq!(browser.header(URL), "b=1; a=2");
}

#[test]
fn a_refusal_changes_nothing() {
    let mut browser = Browser::new();
    browser.set(URL, "a=1").expect("taken");
    assert_eq!(browser.set(URL, "a=2; SameSite=None"), Err(Refusal::NoneWithoutSecure));
    assert_eq!(browser.header(URL), "a=1");
}
