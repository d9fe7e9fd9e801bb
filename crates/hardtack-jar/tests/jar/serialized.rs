use hardtack_jar::{CookieRecord, Format, Jar};

use crate::support::Browser;

const URL: &str = "https://example.com/";

fn browser() -> Browser {
    let mut browser = Browser::new();
    for line in [
        "a=1; Max-Age=60; HttpOnly; SameSite=Strict; Path=/x",
        "b=2; Secure; Partitioned; Domain=example.com",
        "session=3",
        "short=4; Max-Age=1",
    ] {
        browser.set(URL, line).expect("taken");
        browser.advance(1);
    }
    let record = CookieRecord::new("bytes", b"\xff\xfe", "example.com", browser.now);
    browser.jar.restore(&record, browser.now).expect("taken");
    browser
}

fn records(jar: &Jar) -> Vec<CookieRecord<'_>> {
    jar.iter().map(|cookie| cookie.record()).collect()
}

#[test]
fn a_jar_goes_through_serde_and_back_whole() {
    let browser = browser();
    let text = serde_json::to_string(&browser.jar).expect("JSON");
    let again: Jar = serde_json::from_str(&text).expect("a jar");
    assert_eq!(records(&again), records(&browser.jar));
}

#[test]
fn the_form_is_that_of_the_whole_format() {
    let browser = browser();
    let mut imported = Jar::new();
    let text = serde_json::to_string(&browser.jar).expect("JSON");
    assert_eq!(imported.import(Format::Whole, &text, browser.now).expect("a jar").left_out(), []);
    let exported = browser.jar.export(Format::Whole, browser.now).expect("a text");
    let read: Jar = serde_json::from_slice(exported.text()).expect("a jar");
    assert_eq!(records(&read), records(&imported));
    assert_eq!(read.len() + 1, browser.jar.len(), "one has expired");
    let ours: serde_json::Value = serde_json::to_value(&read).expect("JSON");
    let theirs: serde_json::Value = serde_json::from_slice(exported.text()).expect("JSON");
    assert_eq!(ours, theirs);
}

#[test]
fn a_cookie_goes_through_serde_by_itself() {
    for cookie in browser().jar.iter() {
        let text = serde_json::to_string(cookie).expect("JSON");
        let record: CookieRecord<'static> = serde_json::from_str(&text).expect("a cookie");
        assert_eq!(record, cookie.record());
        assert_eq!(serde_json::to_string(&record).expect("JSON"), text);
    }
}

#[test]
fn errors_about_other_files_contain_no_values() {
    let cookie = |change: &str, to: &str| {
        let cookie = r#"{"name": "a", "value": "secret", "domain": "example.com", "hostOnly": true, "path": "/",
            "secure": false, "httpOnly": false, "created": 1, "lastAccess": 1}"#;
        format!(r#"{{"hardtack-jar": 1, "cookies": [{}]}}"#, cookie.replace(change, to))
    };
    assert!(serde_json::from_str::<Jar>(&cookie("", "")).is_ok());
    for (change, to, why) in [
        (r#""path": "/""#, r#""path": "x""#, "its path does not begin with `/`"),
        (r#""path": "/","#, "", "path"),
        (r#""created""#, r#""sameSite": "Some", "created""#, "`sameSite`"),
        (
            r#""created""#,
            r#""partition": {"site": "x", "crossSiteAncestor": true}, "created""#,
            "`partition`",
        ),
        (r#""secret""#, r#"{"base64url": "secret!"}"#, "`value` is not base64url"),
    ] {
        let error = serde_json::from_str::<Jar>(&cookie(change, to)).expect_err(to).to_string();
        assert!(error.contains(why) && !error.contains("secret"), "{error}");
    }
    assert!(serde_json::from_str::<Jar>(r#"{"hardtack-jar": 2, "cookies": []}"#).is_err());
}
