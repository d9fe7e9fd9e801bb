use hardtack_jar::{BuiltInSuffixes, PartitionKey, RequestContext, Site};

use crate::support::{Browser, http, script};

const URL: &str = "https://www.example.com/shop/cart";

/// Returns a browser with several cookies that have the same name.
fn browser() -> Browser {
    let mut browser = Browser::new();
    for line in [
        "id=host; Path=/",
        "id=shop; Path=/shop",
        "id=all; Path=/; Domain=example.com",
        "id=own; Path=/; Domain=www.example.com",
        "id=page; Path=/; Secure; Partitioned",
        "other=1; Path=/; HttpOnly",
    ] {
        browser.set(URL, line).expect("taken");
        browser.advance(1);
    }
    browser
}

fn value(browser: &Browser, request: &RequestContext, name: &str) -> Option<String> {
    let cookie = browser.jar.get(request, name, browser.now)?;
    Some(String::from_utf8_lossy(cookie.value()).into_owned())
}

#[test]
fn a_cookie_is_found_by_its_name_as_the_server_would() {
    let browser = browser();
    assert_eq!(value(&browser, &http(URL), "id").as_deref(), Some("shop"));
    assert_eq!(value(&browser, &http("https://www.example.com/"), "id").as_deref(), Some("host"));
    assert_eq!(value(&browser, &http("https://example.com/"), "id").as_deref(), Some("all"));
    assert_eq!(value(&browser, &http("https://example.org/"), "id"), None);
    assert_eq!(value(&browser, &http(URL), "ID"), None);
    assert_eq!(value(&browser, &http(URL), "other").as_deref(), Some("1"));
    assert_eq!(value(&browser, &script(URL), "other"), None);
}

#[test]
fn finding_a_cookie_is_not_using_it_and_expired_ones_are_not_found() {
    let mut browser = Browser::new();
    browser.set(URL, "id=1; Max-Age=60").expect("taken");
    let set = browser.now;
    browser.advance(59);
    let found = browser.jar.get(&http(URL), "id", browser.now).expect("a cookie");
    assert_eq!(found.last_access(), set);
    browser.advance(1);
    assert!(browser.jar.get(&http(URL), "id", browser.now).is_none());
}

#[test]
fn removing_takes_all_cookies_of_one_domain_path_and_name() {
    for (domain, path, name, removed) in [
        ("www.example.com", "/", "id", 3),
        (".www.example.com", "/", "id", 3),
        ("WWW.Example.COM", "/", "id", 3),
        ("www.example.com", "/shop", "id", 1),
        ("example.com", "/", "id", 1),
        ("www.example.com", "/", "other", 1),
        ("www.example.com", "/shop/cart", "id", 0),
        ("www.example.com", "/", "none", 0),
        ("shop.www.example.com", "/", "id", 0),
        ("com", "/", "id", 0),
        ("", "/", "id", 0),
        ("..", "/", "id", 0),
    ] {
        let mut browser = browser();
        assert_eq!(browser.jar.remove(domain, path, name), removed, "{domain} {path} {name}");
        assert_eq!(browser.jar.len(), 6 - removed, "{domain} {path} {name}");
        assert_eq!(browser.jar.remove(domain, path, name), 0, "{domain} {path} {name}");
    }
}

#[test]
fn removing_a_domain_takes_its_partitions_and_no_other_domain() {
    let mut browser = browser();
    let top = Site::of(&BuiltInSuffixes, "https://top.example/").expect("a site");
    let embedded = http(URL).partition(PartitionKey::new(top));
    browser.set_by(&embedded, "id=1; Secure; SameSite=None; Partitioned").expect("taken");
    assert_eq!(browser.jar.remove_domain("www.example.com"), 6);
    assert_eq!(browser.header(URL), "id=all");
    assert_eq!((browser.jar.remove_domain(".example.com"), browser.jar.len()), (1, 0));
}
