use hardtack_jar::{RequestContext, Transport};

use crate::support::{Browser, http, script};

#[test]
fn u18_longer_paths_come_first_and_then_older_cookies() {
    let mut browser = Browser::new();
    let url = "https://a.example.com/x/y/z";
    for line in [
        "c=1; Path=/x",
        "b=1; Path=/x/y",
        "d=1; Path=/x; Domain=example.com",
        "a=1; Path=/x/y/z",
        "e=1; Path=/",
        "f=1; Path=/x/; Domain=a.example.com",
    ] {
        browser.set(url, line).expect("taken");
    }
    // `/x/` is longer than `/x`. Cookies that are set at the same time are sent in the order in which they were set.
    assert_eq!(browser.header(url), "a=1; b=1; f=1; c=1; d=1; e=1");
}

#[test]
fn u4_a_nameless_cookie_is_its_value() {
    let mut browser = Browser::new();
    for line in ["nameless", "a=", "=x=y; Path=/z"] {
        browser.set("https://example.com/", line).expect("taken");
    }
    assert_eq!(browser.header("https://example.com/z"), "x=y; nameless; a=");
}

#[test]
fn hosts_paths_connections_and_scripts_are_distinguished() {
    let mut browser = Browser::new();
    for line in [
        "own=1; Path=/",
        "all=1; Domain=example.com; Path=/",
        "sec=1; Secure; Path=/",
        "hid=1; HttpOnly; Path=/x",
    ] {
        browser.set("https://www.example.com/", line).expect("taken");
    }
    for (request, header) in [
        (http("https://www.example.com/x"), "hid=1; own=1; all=1; sec=1"),
        (http("https://WWW.EXAMPLE.COM:8443/x?y#z"), "hid=1; own=1; all=1; sec=1"),
        (http("https://www.example.com/xy"), "own=1; all=1; sec=1"),
        (http("http://www.example.com/x"), "hid=1; own=1; all=1"),
        (script("https://www.example.com/x"), "own=1; all=1; sec=1"),
        (http("https://example.com/"), "all=1"),
        (http("https://a.www.example.com/"), "all=1"),
        (http("https://www.example.com./"), ""),
        (http("https://example.com.au/"), ""),
    ] {
        assert_eq!(browser.header_by(&request), header, "{request:?}");
    }
}

#[test]
fn a_url_can_be_given_in_parts() {
    let mut browser = Browser::new();
    let parts = |transport, host, path| RequestContext::parts(transport, host, path).expect("a host");
    let whole = http("https://xn--bcher-kva.example/a/b");
    assert_eq!(parts(Transport::Encrypted, "BÜCHER.example", "/a/b"), whole);
    browser.set_by(&whole, "a=1").expect("taken");
    assert_eq!(browser.header_by(&parts(Transport::Plain, "xn--bcher-kva.example", "/a/c")), "a=1");
    assert_eq!(parts(Transport::Plain, "example.com", "é").path(), "/");
    assert_eq!(parts(Transport::Plain, "example.com", "/é").path(), http("http://example.com/é").path());
    assert!(RequestContext::parts(Transport::Plain, "example.com:80", "/").is_err());
}

#[test]
fn bytes_are_sent_unchanged() {
    let mut browser = Browser::new();
    let request = http("https://example.com/");
    let line = b"caf\xe9=\xff\x80\"quoted\"; Path=/";
    browser.jar.set(&request, line, browser.now).expect("taken");
    assert_eq!(
        browser.jar.header(&request, browser.now).as_deref(),
        Some(&b"caf\xe9=\xff\x80\"quoted\""[..])
    );
}

#[test]
fn sending_counts_as_use() {
    let mut browser = Browser::new();
    browser.set("https://example.com/", "a=1").expect("taken");
    browser.set("https://example.com/", "b=1; Path=/b").expect("taken");
    browser.advance(5);
    browser.header("https://example.com/");
    let age = |at| browser.now.duration_since(at).expect("not later than now").as_secs();
    let ages: Vec<_> = browser.jar.iter().map(|cookie| age(cookie.last_access())).collect();
    assert_eq!(ages, [0, 5]);
}
