use std::time::Duration;

use hardtack_jar::{
    Attribute, BuiltInSuffixes, Exported, Format, Jar, PartitionKey, RequestContext, Site, SiteContext,
};
use serde_json::{Value as Json, json};

use crate::support::{Browser, http};

/// Returns a browser whose jar contains cookies with all kinds of attributes.
fn full() -> Browser {
    let mut browser = Browser::new();
    for line in [
        "plain=1",
        "\"quoted\"=\"a b\"; Path=/x; Secure; HttpOnly; SameSite=Strict; Max-Age=60",
        "all=a=b==; Domain=example.com; SameSite=Lax",
        "none=ü; SameSite=None; Secure",
        "__Host-id=1; Secure; Path=/",
        "nameless",
        "empty=; Expires=Fri, 31 Dec 9999 23:59:59 GMT",
    ] {
        browser.set("https://www.example.com/a/b", line).expect("taken");
        browser.now += Duration::from_micros(1_234_567);
    }
    browser.set("http://[::1]:8080/", "v6=1").expect("taken");
    browser
}

fn partitioned(browser: &mut Browser) {
    let site = Site::of(&BuiltInSuffixes, "https://top.example/").expect("a site");
    let key = PartitionKey::new(site).with_cross_site_ancestor();
    let request: RequestContext =
        http("https://widget.example/").context(SiteContext::CrossSite).partition(key);
    browser.set_by(&request, "part=1; Secure; SameSite=None; Partitioned").expect("taken");
}

fn awkward(browser: &mut Browser) {
    let request = http("https://bytes.example/");
    browser.jar.set(&request, b"caf\xe9=\xff\tx", browser.now).expect("taken");
}

fn imported(format: Format, text: &[u8], browser: &Browser) -> Jar {
    let mut jar = Jar::new();
    let imported = jar.import(format, text, browser.now).expect("a text of the format");
    assert_eq!(imported.left_out(), []);
    jar
}

#[test]
fn the_whole_jar_comes_back_with_everything() {
    let mut browser = full();
    partitioned(&mut browser);
    awkward(&mut browser);
    let exported = browser.jar.export(Format::Whole, browser.now).expect("written");
    assert_eq!(exported.left_out(), []);
    let again = imported(Format::Whole, exported.text(), &browser);
    let records = |jar: &Jar| {
        jar.iter()
            .map(|cookie| format!("{:?} {:?}", cookie.record().value, cookie.record()) + &fields(cookie))
            .collect::<Vec<_>>()
    };
    assert_eq!(records(&again), records(&browser.jar));
    assert_eq!(again.export(Format::Whole, browser.now).expect("written").text(), exported.text());
}

fn fields(cookie: &hardtack_jar::StoredCookie) -> String {
    format!(
        "{} {} {} {:?} {:?} {:?} {:?} {:?}",
        cookie.is_host_only(),
        cookie.is_secure(),
        cookie.is_http_only(),
        cookie.same_site(),
        cookie.partition(),
        cookie.expires(),
        cookie.created(),
        cookie.last_access()
    )
}

fn writable() -> impl Iterator<Item = Format> {
    Format::ALL.iter().copied().filter(|format| format.is_writable())
}

/// Returns whether a format cannot store a cookie without a name.
fn needs_name(format: Format) -> bool {
    matches!(format, Format::Netscape | Format::Wget | Format::CookieStore | Format::Httpie)
}

#[test]
fn cookies_that_a_format_stores_come_back_unchanged() {
    for format in writable() {
        let mut browser = full();
        if format.holds(Attribute::Partition) {
            partitioned(&mut browser);
        }
        let exported = browser.jar.export(format, browser.now).expect("written");
        assert_eq!(exported.left_out().len(), usize::from(needs_name(format)), "{format}");
        assert_eq!(Format::detect(exported.text()).ok(), Some(format));
        let again = imported(format, exported.text(), &browser);
        assert_eq!(again.len() + exported.left_out().len(), browser.jar.len(), "{format}");
        assert_eq!(again.export(format, browser.now).expect("written").text(), exported.text(), "{format}");
        let mut kept = browser.jar.clone();
        kept.retain(|cookie| !needs_name(format) || !cookie.name().is_empty());
        for url in [
            "https://www.example.com/x",
            "http://www.example.com/a/c",
            "https://example.com/",
            "http://[::1]/",
        ] {
            let header = |jar: &Jar| jar.header(&http(url), browser.now);
            assert_eq!(header(&again), header(&kept), "{format} {url}");
        }
    }
}

#[test]
fn cookies_that_a_format_cannot_store_are_reported() {
    for format in writable().filter(|&format| format != Format::Whole) {
        let mut browser = full();
        awkward(&mut browser);
        let exported = browser.jar.export(format, browser.now).expect("written");
        assert_eq!(exported.left_out().len(), 1 + usize::from(needs_name(format)), "{format}");
        assert_eq!(exported.left_out().last().map(|left_out| left_out.position()), Some(browser.jar.len()));
    }
    let browser = Browser::new();
    for &format in Format::ALL {
        assert_eq!(browser.jar.export(format, browser.now).is_ok(), format.is_writable(), "{format}");
    }
}

fn count(exported: &Exported, attribute: Attribute) -> usize {
    exported.lost().iter().find(|(lost, _)| *lost == attribute).map_or(0, |&(_, count)| count)
}

#[test]
fn playwright_gives_a_cookie_a_same_site_that_it_did_not_have() {
    let mut browser = Browser::new();
    browser.set("https://example.com/", "a=1").expect("taken");
    browser.set("https://example.com/", "b=1; SameSite=Lax").expect("taken");
    let exported = browser.jar.export(Format::Playwright, browser.now).expect("written");
    assert_eq!(count(&exported, Attribute::SameSite), 1);
}

#[test]
fn the_rest_of_a_file_goes_back_into_its_own_format_only() {
    let browser = full();
    let comments = "# mine\n";
    let exported = browser.jar.export_with(Format::Python, Some(comments), browser.now).expect("written");
    let mut jar = Jar::new();
    let report = jar.import(Format::Python, exported.text(), browser.now).expect("cookies.txt");
    assert_eq!(report.rest(), Some(comments));
    for format in [Format::Playwright, Format::Httpie, Format::ToughCookie] {
        assert!(browser.jar.export_with(format, Some(comments), browser.now).is_err(), "{format}");
        assert!(browser.jar.export_with(Format::Netscape, Some("{}"), browser.now).is_err());
    }
    let cookie = "#HttpOnly_example.com\tFALSE\t/\tFALSE\t0\tid\t1\n";
    assert!(browser.jar.export_with(Format::Netscape, Some(cookie), browser.now).is_err());
}

#[test]
fn an_empty_file_is_an_empty_jar_in_every_format() {
    let browser = Browser::new();
    for &format in Format::ALL {
        for text in ["", "\n", "\u{feff}", " \r\n"] {
            let report = Jar::new().import(format, text, browser.now).expect("an empty file");
            assert_eq!(report.total(), 0, "{format}");
        }
    }
}

#[test]
fn expired_cookies_are_not_exported() {
    for format in writable() {
        let mut browser = full();
        browser.advance(60);
        let exported = browser.jar.export(format, browser.now).expect("written");
        let live = browser.jar.len() - 1 - usize::from(needs_name(format));
        assert_eq!(imported(format, exported.text(), &browser).len(), live, "{format}");
        browser.advance(400 * 86_400);
        let mut jar = Jar::new();
        let report = jar.import(format, exported.text(), browser.now).expect("a text of the format");
        assert_eq!(report.expired(), 1, "{format:?}");
    }
}

#[test]
fn devtools_members_are_those_of_the_protocol() {
    let mut browser = Browser::new();
    browser
        .set("https://example.com/", "id=abc; Domain=example.com; HttpOnly; SameSite=Lax; Max-Age=60")
        .expect("taken");
    partitioned(&mut browser);
    let exported = browser.jar.export(Format::DevTools, browser.now).expect("written");
    let cookies: Json = serde_json::from_slice(exported.text()).expect("JSON");
    let expected = json!([
        {"name": "id", "value": "abc", "domain": ".example.com", "path": "/", "expires": 1_700_000_060, "size": 5,
         "httpOnly": true, "secure": false, "session": false, "sameSite": "Lax"},
        {"name": "part", "value": "1", "domain": "widget.example", "path": "/", "expires": -1, "size": 5,
         "httpOnly": false, "secure": true, "session": true, "sameSite": "None",
         "partitionKey": {"topLevelSite": "https://top.example", "sourceOrigin": "https://top.example",
                          "hasCrossSiteAncestor": true}}
    ]);
    assert_eq!(cookies, expected);
}

#[test]
fn each_dialect_of_json_is_read() {
    let now = Browser::new().now;
    for (text, shown) in [
        // Puppeteer accepts a URL instead of a domain and a path.
        (json!({"name": "a", "value": "1", "url": "https://example.com/x/y"}), "example.com /x true None"),
        (
            json!({"name": "a", "value": "1", "domain": "example.com", "sameSite": "Default"}),
            "example.com / true None",
        ),
        (
            json!({"name": "a", "value": "1", "domain": ".example.com", "expires": -1.0}),
            "example.com / false None",
        ),
        // Browser extensions write these cookies.
        (
            json!({"name": "a", "value": "1", "domain": ".example.com", "hostOnly": false, "path": "/", "secure": true,
                   "sameSite": "no_restriction", "session": false, "expirationDate": 1_700_000_060.5, "storeId": "0"}),
            "example.com / false Some(None)",
        ),
        (
            json!({"name": "a", "value": "1", "domain": "example.com", "hostOnly": true, "sameSite": "unspecified"}),
            "example.com / true None",
        ),
        // WebDriver writes this cookie.
        (
            json!({"name": "a", "value": "1", "domain": "example.com", "expiry": 1_700_000_060, "sameSite": "Strict"}),
            "example.com / true Some(Strict)",
        ),
        // An IP address has no subdomains.
        (json!({"name": "a", "value": "1", "domain": ".192.0.2.3"}), "192.0.2.3 / true None"),
        // Puppeteer writes partition keys in this form.
        (
            json!({"name": "a", "value": "1", "domain": "example.com", "secure": true,
                   "partitionKey": {"sourceOrigin": "https://top.example"}}),
            "example.com / true None",
        ),
    ] {
        let mut jar = Jar::new();
        let report = jar.import(Format::DevTools, json!([text]).to_string(), now).expect("an array");
        assert_eq!((report.taken(), report.left_out()), (1, &[][..]), "{text}");
        let cookie = jar.iter().next().expect("a cookie");
        let found = format!(
            "{} {} {} {:?}",
            cookie.domain(),
            cookie.path(),
            cookie.is_host_only(),
            cookie.same_site()
        );
        assert_eq!(found, shown, "{text}");
        let has_key = text["partitionKey"].is_object();
        assert_eq!(
            cookie.partition().map(|key| key.site().to_string()),
            has_key.then(|| "https://top.example".into())
        );
    }
}

#[test]
fn a_partition_of_another_site_has_an_ancestor_unless_the_file_says_otherwise() {
    let now = Browser::new().now;
    let top = "https://top.example";
    for (domain, key, expected) in [
        ("widget.example", json!(top), true),
        ("www.top.example", json!(top), false),
        ("nottop.example", json!({ "sourceOrigin": top }), true),
        ("top.example", json!({ "topLevelSite": top }), false),
        ("widget.example", json!({ "topLevelSite": top, "hasCrossSiteAncestor": false }), false),
        ("top.example", json!({ "sourceOrigin": top, "hasCrossSiteAncestor": true }), true),
    ] {
        let text =
            json!([{"name": "a", "value": "1", "domain": domain, "secure": true, "partitionKey": key}]);
        let mut jar = Jar::new();
        let report = jar.import(Format::DevTools, text.to_string(), now).expect("an array");
        assert_eq!(report.taken(), 1);
        let found = jar.iter().next().and_then(|cookie| cookie.partition()).expect("a partition");
        assert_eq!(found.has_cross_site_ancestor(), expected, "{text}");
    }
}

#[test]
fn bad_members_do_not_affect_others() {
    let browser = Browser::new();
    let text = json!([
        {"name": "a", "value": "1", "domain": "example.com"},
        {"name": "a", "value": 1, "domain": "example.com"},
        {"name": "a", "value": "1"},
        {"name": "a;b", "value": "1", "domain": "example.com"},
        {"name": "a", "value": "1", "domain": "two words"},
        {"name": "a", "value": "1", "domain": "example.com", "path": "x"},
        {"name": "a", "value": "1", "domain": ".co.uk"},
        {"name": "a", "value": "1", "domain": "example.com", "secure": true, "partitionKey": "no site"},
        7,
        {"name": "b", "value": "1", "domain": "example.com", "expires": 1e300},
    ]);
    let mut jar = Jar::new();
    let report = jar.import(Format::DevTools, text.to_string(), browser.now).expect("an array");
    assert_eq!((report.taken(), report.left_out().len(), jar.len()), (3, 7, 3));
    for format in [Format::DevTools, Format::Playwright, Format::Whole, Format::Har, Format::Httpie] {
        for text in ["{", "[", "null", "{}", "[[]]"] {
            let outcome = jar.import(format, text, browser.now);
            assert!(outcome.is_err() || text == "[[]]", "{format:?} {text}");
        }
    }
    assert!(jar.import(Format::Whole, r#"{"hardtack-jar": 2, "cookies": []}"#, browser.now).is_err());
}

#[test]
fn a_storage_state_keeps_what_is_not_a_cookie() {
    let browser = Browser::new();
    let origins = json!([{"origin": "https://example.com", "localStorage": [{"name": "k", "value": "ü\"1"}],
                          "indexedDB": [{"deep": [1.5, null, true, 12_345_678_901_234_567_u64]}]}]);
    let text = json!({"cookies": [{"name": "a", "value": "1", "domain": "example.com", "path": "/", "expires": -1,
        "httpOnly": false, "secure": true, "sameSite": "None", "partitionKey": "https://top.example",
        "_crHasCrossSiteAncestor": true}],
        "origins": origins, "later": {}});
    let mut jar = Jar::new();
    let report = jar.import(Format::Playwright, text.to_string(), browser.now).expect("a state");
    assert_eq!(report.taken(), 1);
    jar.set(&http("https://example.com/"), "b=2", browser.now).expect("taken");
    let exported = jar.export_with(Format::Playwright, report.rest(), browser.now).expect("written");
    let written: Json = serde_json::from_slice(exported.text()).expect("JSON");
    assert_eq!((&written["origins"], &written["later"]), (&origins, &json!({})));
    assert_eq!(written["cookies"][0], text["cookies"][0]);
    // Playwright requires a value for `sameSite`.
    assert_eq!(written["cookies"][1]["sameSite"], "Lax");
}
