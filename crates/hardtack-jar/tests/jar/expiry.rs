use std::time::{Duration, SystemTime};

use hardtack_jar::JarChange;

use crate::support::{Browser, http};

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
        assert_eq!(browser.set(URL, line), Ok(JarChange::Added), "{line}");
        browser.now += Duration::from_secs(seconds) - Duration::from_micros(1);
        assert_eq!(browser.header(URL), "a=1", "{line}");
        browser.now += Duration::from_micros(1);
        assert_eq!(browser.header(URL), "", "{line}");
        // The expired cookie remains in the jar until the jar is swept.
        assert_eq!((browser.jar.len(), browser.jar.sweep(browser.now), browser.jar.len()), (1, 1, 0));
    }
}

#[test]
fn expired_cookies_remove_and_are_not_stored() {
    for line in [
        "a=; Max-Age=0",
        "a=; Max-Age=-1",
        "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "a=; Expires=Tue, 14 Nov 2023 22:13:20 GMT",
        "a=; Expires=Mon, 01 Jan 1601 00:00:00 GMT",
    ] {
        let mut browser = Browser::new();
        assert_eq!(browser.set(URL, line), Ok(JarChange::Nothing), "{line}");
        assert_eq!(browser.set(URL, "a=1"), Ok(JarChange::Added));
        assert_eq!(browser.set(URL, line), Ok(JarChange::Removed), "{line}");
        assert!(browser.jar.is_empty(), "{line}");
    }
}

#[test]
fn r8_a_removal_must_name_the_same_domain_and_path() {
    let mut browser = Browser::new();
    browser.set(URL, "a=1; Path=/x").expect("taken");
    browser.set(URL, "b=1; Domain=example.com").expect("taken");
    assert_eq!(browser.set(URL, "a=; Max-Age=0"), Ok(JarChange::Nothing));
    assert_eq!(browser.set(URL, "b=; Max-Age=0"), Ok(JarChange::Nothing));
    assert_eq!(browser.header("https://example.com/x"), "a=1; b=1");
}

#[test]
fn closing_the_browser_removes_session_cookies() {
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
    browser.advance(50);
    assert_eq!(browser.set(URL, "a=1; Max-Age=60"), Ok(JarChange::Replaced));
    browser.advance(50);
    assert_eq!(browser.header(URL), "a=1");
    assert_eq!(browser.set(URL, "a=1"), Ok(JarChange::Replaced));
    browser.advance(DAYS_400 * 10);
    assert_eq!(browser.header(URL), "a=1");
}

#[test]
fn extreme_clocks_do_not_panic() {
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

#[test]
fn expires_is_corrected_by_the_servers_clock_and_max_age_is_not() {
    const HOUR: i64 = 3_600;
    // Each row contains the number of seconds by which the server's clock is ahead of ours, a line, and the number of
    // seconds until the cookie expires by our clock.
    for (ahead, line, expected) in [
        (0, "a=1; Expires=Tue, 14 Nov 2023 23:13:20 GMT", Some(HOUR)),
        (-2 * HOUR, "a=1; Expires=Tue, 14 Nov 2023 21:13:20 GMT", Some(HOUR)),
        (2 * HOUR, "a=1; Expires=Wed, 15 Nov 2023 01:13:20 GMT", Some(HOUR)),
        (2 * HOUR, "a=1; Expires=Tue, 14 Nov 2023 23:13:20 GMT", None),
        (-2 * HOUR, "a=1; Expires=Tue, 14 Nov 2023 20:13:20 GMT", None),
        (-2 * HOUR, "a=1; Max-Age=3600", Some(HOUR)),
        (2 * HOUR, "a=1; Max-Age=3600; Expires=Tue, 14 Nov 2023 22:13:20 GMT", Some(HOUR)),
        (-2 * HOUR, "a=1; Max-Age=0", None),
        // A server without a clock starts in 1970. Removals must work on such a server, too.
        (-1_700_000_000, "a=1; Expires=Thu, 01 Jan 1970 01:00:00 GMT", Some(HOUR)),
        (-1_700_000_000, "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", None),
        (HOUR, "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", None),
        (HOUR, "a=1; Expires=Mon, 01 Jan 1601 00:00:00 GMT", None),
        // The maximum lifetime is measured by our clock.
        (2 * HOUR, "a=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT", Some(400 * 24 * HOUR)),
        (-2 * HOUR, "a=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT", Some(400 * 24 * HOUR)),
        (2 * HOUR, "a=1; Expires=soon", None),
    ] {
        let mut browser = Browser::new();
        let distance = Duration::from_secs(ahead.unsigned_abs());
        let date = if ahead < 0 { browser.now - distance } else { browser.now + distance };
        browser.set_by(&http(URL).date(date), line).expect("taken");
        let expires = browser.jar.iter().next().and_then(|cookie| cookie.expires());
        let expected = expected.map(|seconds| browser.now + Duration::from_secs(seconds.unsigned_abs()));
        assert_eq!(expires, expected, "{ahead} {line}");
    }
}

#[test]
fn extreme_server_clocks_do_not_panic() {
    let mut times = vec![SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH - Duration::from_secs(1)];
    times.extend(SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(i64::MAX as u64)));
    times.extend(SystemTime::UNIX_EPOCH.checked_sub(Duration::from_secs(i64::MAX as u64)));
    for date in &times {
        for now in &times {
            let mut browser = Browser { now: *now, ..Browser::new() };
            for line in
                ["a=1; Expires=Tue, 14 Nov 2023 22:13:21 GMT", "a=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT"]
            {
                browser.set_by(&http(URL).date(*date), line).expect("taken");
                browser.header(URL);
            }
        }
    }
}
