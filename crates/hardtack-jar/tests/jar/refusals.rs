use hardtack_jar::{
    CookieRecord, Format, Jar, JarChange, Prefix, Profile, Refusal, RequestContext, SiteContext,
};

use crate::support::{Browser, http, script};

const HERE: &str = "https://shop.example.com/a/b";
const PLAIN: &str = "http://shop.example.com/a/b";

/// Checks that each line is refused for the given reason, and that nothing is stored.
fn refused<'a>(lines: impl IntoIterator<Item = (RequestContext, &'a str, Refusal)>) {
    for (request, line, refusal) in lines {
        let mut browser = Browser::new();
        assert_eq!(browser.set_by(&request, line), Err(refusal), "{line:.60}");
        assert!(browser.jar.is_empty());
        assert!(!refusal.reference().is_empty() && refusal.to_string().len() > 20);
    }
}

/// Checks that each line is accepted, although it is close to being refused.
fn taken(lines: &[&str]) {
    for line in lines {
        assert_eq!(Browser::new().set(HERE, line), Ok(JarChange::Added), "{line:.60}");
    }
}

#[test]
fn u1_a_line_with_a_control_character_is_refused() {
    refused([
        (http(HERE), "a=\u{1}", Refusal::ControlCharacter),
        (http(HERE), "a=b; x=\u{7f}", Refusal::ControlCharacter),
    ]);
    taken(&["a=\tb\tc; Path=/"]);
}

#[test]
fn u2_a_cookie_of_more_than_4096_bytes_is_refused() {
    let long = format!("a={}", "x".repeat(4096));
    refused([(http(HERE), long.as_str(), Refusal::TooLarge)]);
    taken(&[&format!("{}={}", "n".repeat(96), "v".repeat(4000))]);
}

#[test]
fn a_cookie_without_name_and_value_is_refused() {
    refused([(http(HERE), "=; Path=/", Refusal::Empty)]);
}

#[test]
fn u5_a_nameless_cookie_that_looks_like_a_prefixed_one_is_refused() {
    refused([
        (http(HERE), "=__Host-a; Secure; Path=/", Refusal::NamelessPrefix),
        (http(HERE), "__secure-a; Secure", Refusal::NamelessPrefix),
        (http(HERE), "__HTTP-a; Secure; HttpOnly", Refusal::NamelessPrefix),
    ]);
    taken(&["a=__Host-b", "=_Host-a"]);
}

#[test]
fn u8_a_domain_matches_the_host_and_is_no_public_suffix() {
    use Refusal as R;
    refused([
        (http(HERE), "a=b; Domain=éxample.com", R::DomainNotAscii),
        (http(HERE), "a=b; Domain=.", R::DomainDot),
        (http(HERE), "a=b; Domain=com", R::PublicSuffix),
        (http(HERE), "a=b; Domain=co.uk", R::PublicSuffix),
        (http(HERE), "a=b; Domain=other.example.com", R::ForeignDomain),
        (http(HERE), "a=b; Domain=a.shop.example.com", R::ForeignDomain),
        (http(HERE), "a=b; Domain=ample.com", R::ForeignDomain),
        (http(HERE), "a=b; Domain=..example.com", R::ForeignDomain),
        (http("https://192.0.2.3/"), "a=b; Domain=0.2.3", R::ForeignDomain),
        (http("https://a.example../"), "a=b; Domain=a.example..", R::BadHost),
    ]);
    taken(&["a=b; Domain=.EXAMPLE.com", "a=b; Domain="]);
}

#[test]
fn a_path_that_is_not_ascii_is_refused() {
    refused([(http(HERE), "a=b; Path=/é", Refusal::PathNotAscii)]);
}

#[test]
fn u10_a_plain_connection_sets_no_secure_cookie() {
    refused([(http(PLAIN), "a=b; Secure", Refusal::InsecureSecure)]);
    taken(&["a=b; Secure"]);
}

#[test]
fn a_script_sets_no_cookie_that_it_could_not_see() {
    refused([(script("https://shop.example.com/"), "a=b; HttpOnly", Refusal::ScriptHttpOnly)]);
}

#[test]
fn u17_another_site_sets_only_cookies_for_other_sites() {
    let cross_site = || http(HERE).context(SiteContext::CrossSite);
    refused([
        (cross_site(), "a=b", Refusal::CrossSite),
        (cross_site(), "a=b; SameSite=Lax", Refusal::CrossSite),
        (cross_site(), "a=b; SameSite=Strict; Secure", Refusal::CrossSite),
    ]);
}

#[test]
fn u15_same_site_none_without_secure_is_refused() {
    refused([(http(HERE), "a=b; SameSite=None", Refusal::NoneWithoutSecure)]);
    taken(&["a=b; SameSite=None; Secure"]);
}

#[test]
fn u13_the_prefixes_secure_and_host_hold_in_any_case() {
    use Refusal as R;
    refused([
        (http(HERE), "__Secure-a=b", R::Prefix(Prefix::Secure)),
        (http(HERE), "__secure-a=b", R::Prefix(Prefix::Secure)),
        (http(HERE), "__Host-a=b; Secure", R::Prefix(Prefix::Host)),
        (http(HERE), "__Host-a=b; Secure; Path=/a", R::Prefix(Prefix::Host)),
        (http(HERE), "__hOST-a=b; Path=/", R::Prefix(Prefix::Host)),
        (http("https://shop.example.com/"), "__Host-a=b; Secure", R::Prefix(Prefix::Host)),
        (http(HERE), "__Host-a=b; Secure; Path=/; Domain=shop.example.com", R::Prefix(Prefix::Host)),
    ]);
    taken(&[
        "__Secure-a=b; Secure; Domain=example.com",
        "__HOST-a=b; Secure; Path=/",
        "__Host-a=b; Secure; Path=/; Domain=",
        "__Hosta=b",
    ]);
}

#[test]
fn u14_the_prefixes_http_and_host_http_hold() {
    use Refusal as R;
    refused([
        (http(HERE), "__Http-a=b; Secure", R::Prefix(Prefix::Http)),
        (http(HERE), "__Http-a=b; HttpOnly", R::Prefix(Prefix::Http)),
        (http(HERE), "__Host-Http-a=b; Secure; Path=/", R::Prefix(Prefix::HostHttp)),
        (http(HERE), "__Host-Http-a=b; Secure; HttpOnly", R::Prefix(Prefix::HostHttp)),
    ]);
    taken(&["__Http-a=b; Secure; HttpOnly; Path=/a", "__Host-Http-a=b; Secure; HttpOnly; Path=/"]);
}

#[test]
fn u16_partitioned_without_secure_is_refused() {
    refused([(http(HERE), "a=b; Partitioned", Refusal::PartitionedWithoutSecure)]);
    taken(&["a=b; Partitioned; Secure"]);
}

#[test]
fn u8_a_suffix_that_is_the_host_is_the_host_alone() {
    let mut browser = Browser::new();
    assert_eq!(browser.set("https://github.io/", "a=b; Domain=github.io"), Ok(JarChange::Added));
    assert_eq!(browser.header("https://github.io/"), "a=b");
    assert_eq!(browser.header("https://jane.github.io/"), "");
}

#[test]
fn a_cookie_of_a_public_suffix_is_host_only_wherever_it_comes_from() {
    for domain in ["github.io", "co.uk", "localhost"] {
        let now = Browser::new().now;
        let mut record = CookieRecord::new("a", "b", domain, now);
        record.host_only = false;
        let line = format!(".{domain}\tTRUE\t/\tFALSE\t0\ta\tb\n");
        let json = format!(r#"[{{"name": "a", "value": "b", "domain": ".{domain}"}}]"#);
        let har = format!(
            r#"{{"log": {{"entries": [{{"startedDateTime": "2023-11-14T22:13:20Z",
                "request": {{"url": "https://{domain}/"}},
                "response": {{"cookies": [{{"name": "a", "value": "b", "domain": ".{domain}"}}]}}}}]}}}}"#
        );
        let taken = |jar: &mut Jar, format, text: &str| {
            jar.import(format, text, now).is_ok_and(|imported| imported.left_out().is_empty())
        };
        let jar = |take: &dyn Fn(&mut Jar) -> bool| {
            let mut jar = Jar::new();
            assert!(take(&mut jar), "{domain}");
            jar
        };
        let url = http(&format!("https://{domain}/"));
        for (way, jar) in [
            ("set", jar(&|jar| jar.set(&url, format!("a=b; Domain={domain}"), now).is_ok())),
            ("restore", jar(&|jar| jar.restore(&record, now).is_ok())),
            ("merge", jar(&|jar| jar.merge(&record, now).is_ok())),
            ("cookies.txt", jar(&|jar| taken(jar, Format::Netscape, &line))),
            ("JSON", jar(&|jar| taken(jar, Format::DevTools, &json))),
            ("HAR", jar(&|jar| taken(jar, Format::Har, &har))),
        ] {
            let cookies: Vec<_> = jar.iter().map(|cookie| (cookie.domain(), cookie.is_host_only())).collect();
            assert_eq!(cookies, [(domain, true)], "{way}");
        }
    }
}

#[test]
fn u11_a_plain_connection_leaves_secure_cookies_alone() {
    for (secure_url, secure_line, url, line, refused) in [
        ("https://example.com/", "a=1; Secure", "http://example.com/", "a=2", true),
        ("https://example.com/", "a=1; Secure", "http://example.com/", "A=2", false),
        ("https://example.com/", "a=1", "http://example.com/", "a=2", false),
        // The new path is below the old one, so the new cookie would be sent first.
        ("https://example.com/", "a=1; Secure; Path=/x", "http://example.com/", "a=2; Path=/x/y", true),
        ("https://example.com/", "a=1; Secure; Path=/x/y", "http://example.com/", "a=2; Path=/x", false),
        ("https://example.com/", "a=1; Secure; Path=/x", "http://example.com/", "a=2; Path=/xy", false),
        // Either domain may be the parent of the other.
        ("https://example.com/", "a=1; Secure; Domain=example.com", "http://b.example.com/", "a=2", true),
        ("https://b.example.com/", "a=1; Secure", "http://c.example.com/", "a=2; Domain=example.com", true),
        ("https://b.example.com/", "a=1; Secure", "http://c.example.com/", "a=2", false),
        ("https://bexample.com/", "a=1; Secure", "http://example.com/", "a=2", false),
        ("https://example.com/", "a=1; Secure; Max-Age=1", "http://example.com/", "a=2", false),
    ] {
        let mut browser = Browser::new();
        browser.set(secure_url, secure_line).expect("taken");
        browser.advance(1);
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
    assert_eq!(browser.set_by(&page, "a=2; Path=/x"), Ok(JarChange::Added));
    assert_eq!(
        (browser.header_by(&page).as_str(), browser.header("https://example.com/").as_str()),
        ("", "a=1")
    );
    browser.advance(60);
    assert_eq!(browser.set_by(&page, "a=2"), Ok(JarChange::Added));
}

#[test]
fn loopback_connections_count_as_encrypted() {
    for url in ["http://localhost:8080/", "http://a.localhost/", "http://127.0.0.1/", "http://[::1]/"] {
        let mut browser = Browser::new();
        assert_eq!(browser.set(url, "__Host-a=1; Secure; Path=/"), Ok(JarChange::Added), "{url}");
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
        assert!(RequestContext::http(url).is_err() && RequestContext::script(url).is_err(), "{url}");
    }
    let socket = RequestContext::http("wss://example.com/").expect("a web socket");
    let mut browser = Browser::new();
    assert_eq!(browser.set_by(&socket, "a=1; Secure"), Ok(JarChange::Added));
    assert_eq!(browser.header("https://example.com/"), "a=1");
}
