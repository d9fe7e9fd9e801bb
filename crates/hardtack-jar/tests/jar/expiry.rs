use std::time::{Duration, SystemTime};

use hardtack_jar::Change;

use crate::support::Browser;

const URL: &str = "https://example.com/";
const DAYS_400: u64 = 400 * 86_400;

#[test]
fn a_cookie_lives_to_the_second() {
    for (line, seconds) in [
        ("a=1; Max-Age=1", 1),
        ("a=1; Max-Age=60", 60),
        ("a=1; Expires=Tue, 14 Nov 2023 22:13:21 GMT", 1),
        ("a=1; Expires=Tue, 14 Nov 2023 22:14:20 GMT", 60),
        ("a=1; Expires=Tue, 14 Nov 2023 22:14:20 GMT; Max-Age=5", 5),
        ("a=1; Max-Age=99999999999", DAYS_400),
        ("a=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT", DAYS_400),
    ] {
        let mut browser = Browser::new();
        assert_eq!(browser.set(URL, line), Ok(Change::Added), "{line}");
        browser.now += Duration::from_secs(seconds) - Duration::from_micros(1);
        assert_eq!(browser.header(URL), "a=1", "{line}");
        browser.now += Duration::from_micros(1);
        assert_eq!(browser.header(URL), "", "{line}");
        // It is still there until somebody sweeps.
        assert_eq!((browser.jar.len(), browser.jar.sweep(browser.now), browser.jar.len()), (1, 1, 0));
    }
}

#[test]
fn what_has_expired_already_removes_and_is_not_kept() {
    for line in [
        "a=; Max-Age=0",
        "a=; Max-Age=-1",
        "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "a=; Expires=Tue, 14 Nov 2023 22:13:20 GMT",
        "a=; Expires=Mon, 01 Jan 1601 00:00:00 GMT",
    ] {
        let mut browser = Browser::new();
        assert_eq!(browser.set(URL, line), Ok(Change::Nothing), "{line}");
        assert_eq!(browser.set(URL, "a=1"), Ok(Change::Added));
        assert_eq!(browser.set(URL, line), Ok(Change::Removed), "{line}");
        assert!(browser.jar.is_empty(), "{line}");
    }
}

#[test]
fn r8_a_removal_must_name_the_same_domain_and_path() {
    let mut browser = Browser::new();
    browser.set(URL, "a=1; Path=/x").expect("taken");
    browser.set(URL, "b=1; Domain=example.com").expect("taken");
    assert_eq!(browser.set(URL, "a=; Max-Age=0"), Ok(Change::Nothing));
    assert_eq!(browser.set(URL, "b=; Max-Age=0"), Ok(Change::Nothing));
    assert_eq!(browser.header("https://example.com/x"), "a=1; b=1");
}

#[test]
fn closing_the_browser_ends_what_has_no_expiry() {
    let mut browser = Browser::new();
    browser.set(URL, "a=1").expect("taken");
    browser.set(URL, "b=1; Max-Age=60").expect("taken");
    browser.set(URL, "c=1; Expires=soon").expect("taken");
    assert_eq!(browser.jar.end_session(), 2);
    assert_eq!(browser.header(URL), "b=1");
}

#[test]
fn setting_again_moves_the_expiry_and_may_end_it() {
    let mut browser = Browser::new();
    browser.set(URL, "a=1; Max-Age=60").expect("taken");
    browser.turn(50);
    assert_eq!(browser.set(URL, "a=1; Max-Age=60"), Ok(Change::Replaced));
    browser.turn(50);
    assert_eq!(browser.header(URL), "a=1");
    assert_eq!(browser.set(URL, "a=1"), Ok(Change::Replaced));
    browser.turn(DAYS_400 * 10);
    assert_eq!(browser.header(URL), "a=1");
}

#[test]
fn clocks_at_the_ends_of_time_do_no_harm() {
    let mut browser = Browser::new();
    let mut times = vec![SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH - Duration::from_secs(1)];
    times.extend(SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(i64::MAX as u64)));
    times.extend(SystemTime::UNIX_EPOCH.checked_sub(Duration::from_secs(i64::MAX as u64)));
    for now in times {
        browser.now = now;
        for line in ["a=1", "b=1; Max-Age=60", "c=1; Expires=Tue, 14 Nov 2023 22:13:21 GMT", "d=; Max-Age=0"]
        {
            browser.set(URL, line).expect("taken");
            browser.header(URL);
        }
    }
}
