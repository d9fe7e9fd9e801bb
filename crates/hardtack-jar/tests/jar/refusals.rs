use hardtack_jar::{Access, Change, Jar, Prefix, Profile, Refusal, SiteContext};

use crate::support::{Browser, http, script};

/// Every reason, by the shortest way to it.
#[test]
fn each_rule_has_its_reason() {
    use Refusal as R;
    let https = || http("https://shop.example.com/a/b");
    let plain = || http("http://shop.example.com/a/b");
    let long = format!("a={}", "x".repeat(4096));
    for (access, line, refusal) in [
        (https(), "a=\u{1}", R::ControlCharacter),
        (https(), "a=b; x=\u{7f}", R::ControlCharacter),
        (https(), long.as_str(), R::TooLarge),
        (https(), "=; Path=/", R::Empty),
        (https(), "a=b; Domain=éxample.com", R::DomainNotAscii),
        (https(), "a=b; Domain=.", R::DomainDot),
        (https(), "a=b; Domain=com", R::PublicSuffix),
        (https(), "a=b; Domain=co.uk", R::PublicSuffix),
        (https(), "a=b; Domain=other.example.com", R::ForeignDomain),
        (https(), "a=b; Domain=a.shop.example.com", R::ForeignDomain),
        (https(), "a=b; Domain=ample.com", R::ForeignDomain),
        (https(), "a=b; Domain=..example.com", R::ForeignDomain),
        (http("https://192.0.2.3/"), "a=b; Domain=0.2.3", R::ForeignDomain),
        (http("https://a.example../"), "a=b; Domain=a.example..", R::BadHost),
        (https(), "a=b; Path=/é", R::PathNotAscii),
        (plain(), "a=b; Secure", R::InsecureSecure),
        (script("https://shop.example.com/"), "a=b; HttpOnly", R::ScriptHttpOnly),
        (https().context(SiteContext::CrossSite), "a=b", R::CrossSite),
        (https().context(SiteContext::CrossSite), "a=b; SameSite=Lax", R::CrossSite),
        (https(), "a=b; SameSite=None", R::NoneWithoutSecure),
        (https(), "__Secure-a=b", R::Prefix(Prefix::Secure)),
        (https(), "__secure-a=b", R::Prefix(Prefix::Secure)),
        (https(), "__Host-a=b; Secure", R::Prefix(Prefix::Host)),
        (https(), "__Host-a=b; Secure; Path=/a", R::Prefix(Prefix::Host)),
        (http("https://shop.example.com/"), "__Host-a=b; Secure", R::Prefix(Prefix::Host)),
        (https(), "__Host-a=b; Secure; Path=/; Domain=shop.example.com", R::Prefix(Prefix::Host)),
        (https(), "__Http-a=b; Secure", R::Prefix(Prefix::Http)),
        (https(), "__Http-a=b; HttpOnly", R::Prefix(Prefix::Http)),
        (https(), "__Host-Http-a=b; Secure; Path=/", R::Prefix(Prefix::HostHttp)),
        (https(), "__Host-Http-a=b; Secure; HttpOnly", R::Prefix(Prefix::HostHttp)),
        (https(), "=__Host-a; Secure; Path=/", R::NamelessPrefix),
        (https(), "__HTTP-a; Secure; HttpOnly", R::NamelessPrefix),
        (https(), "a=b; Partitioned", R::PartitionedWithoutSecure),
    ] {
        let mut browser = Browser::new();
        assert_eq!(browser.set_by(&access, line), Err(refusal), "{line:.60}");
        assert!(browser.jar.is_empty());
        assert!(!refusal.section().is_empty() && refusal.to_string().len() > 20);
    }
}

#[test]
fn what_just_keeps_the_rules_is_taken() {
    let name_and_value = format!("{}={}", "n".repeat(96), "v".repeat(4000));
    for line in [
        "a=\tb\tc; Path=/",
        name_and_value.as_str(),
        "a=b; Domain=.EXAMPLE.com",
        "a=b; Domain=",
        "a=b; SameSite=None; Secure",
        "__Secure-a=b; Secure; Domain=example.com",
        "__HOST-a=b; Secure; Path=/",
        "__Host-a=b; Secure; Path=/; Domain=",
        "__Http-a=b; Secure; HttpOnly; Path=/a",
        "__Host-Http-a=b; Secure; HttpOnly; Path=/",
        "a=__Host-b",
        "__Hosta=b",
    ] {
        let mut browser = Browser::new();
        assert_eq!(browser.set("https://shop.example.com/a/b", line), Ok(Change::Added), "{line:.60}");
    }
}

#[test]
fn a_suffix_that_is_the_host_is_the_host_alone() {
    let mut browser = Browser::new();
    assert_eq!(browser.set("https://github.io/", "a=b; Domain=github.io"), Ok(Change::Added));
    assert_eq!(browser.header("https://github.io/"), "a=b");
    assert_eq!(browser.header("https://jane.github.io/"), "");
}

#[test]
fn a_plain_connection_leaves_secure_cookies_alone() {
    for (secure_url, secure_line, url, line, refused) in [
        ("https://example.com/", "a=1; Secure", "http://example.com/", "a=2", true),
        ("https://example.com/", "a=1; Secure", "http://example.com/", "A=2", false),
        ("https://example.com/", "a=1", "http://example.com/", "a=2", false),
        // The new path lies under the old, and so its cookie would be sent first.
        ("https://example.com/", "a=1; Secure; Path=/x", "http://example.com/", "a=2; Path=/x/y", true),
        ("https://example.com/", "a=1; Secure; Path=/x/y", "http://example.com/", "a=2; Path=/x", false),
        ("https://example.com/", "a=1; Secure; Path=/x", "http://example.com/", "a=2; Path=/xy", false),
        // The domains match in either direction.
        ("https://example.com/", "a=1; Secure; Domain=example.com", "http://b.example.com/", "a=2", true),
        ("https://b.example.com/", "a=1; Secure", "http://c.example.com/", "a=2; Domain=example.com", true),
        ("https://b.example.com/", "a=1; Secure", "http://c.example.com/", "a=2", false),
        ("https://bexample.com/", "a=1; Secure", "http://example.com/", "a=2", false),
        ("https://example.com/", "a=1; Secure; Max-Age=1", "http://example.com/", "a=2", false),
    ] {
        let mut browser = Browser::new();
        browser.set(secure_url, secure_line).expect("taken");
        browser.turn(1);
        let outcome = browser.set(url, line);
        assert_eq!(outcome == Err(Refusal::ShadowsSecure), refused, "{secure_line} then {line}: {outcome:?}");
    }
}

#[test]
fn a_script_does_not_touch_what_it_cannot_see() {
    let mut browser = Browser::new();
    let page = script("https://example.com/");
    browser.set("https://example.com/", "a=1; HttpOnly; Max-Age=60").expect("taken");
    assert_eq!(browser.set_by(&page, "a=2"), Err(Refusal::ReplacesHttpOnly));
    assert_eq!(browser.set_by(&page, "a=; Max-Age=0"), Err(Refusal::ReplacesHttpOnly));
    assert_eq!(browser.set_by(&page, "a=2; Path=/x"), Ok(Change::Added));
    assert_eq!(
        (browser.header_by(&page).as_str(), browser.header("https://example.com/").as_str()),
        ("", "a=1")
    );
    browser.turn(60);
    assert_eq!(browser.set_by(&page, "a=2"), Ok(Change::Added));
}

#[test]
fn what_stays_on_the_machine_counts_as_encrypted() {
    for url in ["http://localhost:8080/", "http://a.localhost/", "http://127.0.0.1/", "http://[::1]/"] {
        let mut browser = Browser::new();
        assert_eq!(browser.set(url, "__Host-a=1; Secure; Path=/"), Ok(Change::Added), "{url}");
        assert_eq!(browser.header(url), "__Host-a=1");
        let mut safari = Browser::with(Jar::new().profile(Profile::Safari));
        assert_eq!(safari.set(url, "a=1; Secure"), Err(Refusal::InsecureSecure), "{url}");
    }
}

#[test]
fn browsers_differ_where_their_profile_says() {
    let check = |profile, line: &str| {
        let browser = Browser::with(Jar::new().profile(profile));
        browser.jar.check(&http("https://example.com/"), line, browser.now)
    };
    for (line, chromium, safari) in [
        ("a=b", Ok(()), Ok(())),
        ("a", Ok(()), Err(Refusal::Nameless)),
        ("=a=b", Err(Refusal::NamelessEquals), Err(Refusal::Nameless)),
        ("a=b\tc", Err(Refusal::InnerTab), Ok(())),
        ("a\tb=c", Err(Refusal::InnerTab), Ok(())),
    ] {
        assert_eq!(check(Profile::Standard, line), Ok(()), "{line}");
        assert_eq!(check(Profile::Chromium, line), chromium, "{line}");
        assert_eq!(check(Profile::Safari, line), safari, "{line}");
    }
}

#[test]
fn only_urls_with_cookies_have_access() {
    for url in
        ["ftp://example.com/", "file:///etc/hosts", "data:,", "example.com", "", "https://", "http://a b/"]
    {
        assert!(Access::http(url).is_err() && Access::script(url).is_err(), "{url}");
    }
    let socket = Access::http("wss://example.com/").expect("a web socket");
    let mut browser = Browser::new();
    assert_eq!(browser.set_by(&socket, "a=1; Secure"), Ok(Change::Added));
    assert_eq!(browser.header("https://example.com/"), "a=1");
}
