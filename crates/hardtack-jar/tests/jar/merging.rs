//! Tests which of two copies of a cookie stays when files are merged.

use std::time::{Duration, SystemTime};

use hardtack_jar::{CookieRecord, Format, Import, Jar, JarChange, RequestContext};

use crate::support::Browser;

const DAY: Duration = Duration::from_secs(86_400);

/// Imports a `cookies.txt` with one cookie, as a file that was written at the given time.
fn import(jar: &mut Jar, value: &str, expires: u64, written: SystemTime) -> (usize, usize, usize) {
    let text = format!("shop.example\tFALSE\t/\tFALSE\t{expires}\tsid\t{value}\n");
    let import = Import::new().format(Format::Netscape).written(written);
    let imported = jar.import_with(&import, text, Browser::new().now).expect("cookies.txt");
    (imported.taken(), imported.outdated(), imported.expired())
}

fn value(jar: &Jar) -> Option<String> {
    jar.iter().next().map(|cookie| String::from_utf8_lossy(cookie.value()).into_owned())
}

#[test]
fn an_expired_copy_in_a_file_removes_no_live_cookie() {
    let now = Browser::new().now;
    let mut jar = Jar::new();
    assert_eq!(import(&mut jar, "live", 1_800_000_000, now), (1, 0, 0));
    assert_eq!(import(&mut jar, "old", 1_600_000_000, now), (0, 0, 1));
    assert_eq!(value(&jar).as_deref(), Some("live"));
}

#[test]
fn a_cookie_that_was_set_after_a_file_was_written_replaces_the_one_of_the_file() {
    let now = Browser::new().now;
    let mut jar = Jar::new();
    import(&mut jar, "old", 1_800_000_000, now - DAY);
    let mut new = CookieRecord::new("sid", "new", "shop.example", now);
    (new.updated, new.expires) = (Some(now), Some(now + DAY));
    assert_eq!(jar.merge(&new, now), Ok(JarChange::Replaced));
    assert_eq!(value(&jar).as_deref(), Some("new"));
    // An older file does not restore the old cookie.
    assert_eq!(import(&mut jar, "old", 1_800_000_000, now - DAY), (0, 1, 0));
}

#[test]
fn a_deletion_that_came_after_a_file_was_written_deletes_the_cookie_of_the_file() {
    let now = Browser::new().now;
    let page = RequestContext::http("http://shop.example/").expect("a URL");
    let import_line = Import::new().format(Format::SetCookie).origin(&page);
    let deletion = "Set-Cookie: sid=; Max-Age=0; Path=/";
    let mut jar = Jar::new();
    import(&mut jar, "old", 1_800_000_000, now - DAY);
    let imported = jar.import_with(&import_line, deletion, now).expect("a header");
    assert_eq!((imported.removed(), jar.len()), (1, 0));
    // A deletion that is older than the file deletes nothing.
    import(&mut jar, "new", 1_800_000_000, now);
    let earlier = import_line.written(now - DAY);
    let imported = jar.import_with(&earlier, deletion, now).expect("a header");
    assert_eq!((imported.removed(), jar.len()), (0, 1));
}

#[test]
fn of_two_files_without_times_the_cookie_that_expires_later_stays() {
    let now = Browser::new().now;
    let mut jar = Jar::new();
    import(&mut jar, "backup", 1_701_000_000, now);
    assert_eq!(import(&mut jar, "later", 1_702_000_000, now), (1, 0, 0));
    assert_eq!(import(&mut jar, "backup", 1_701_000_000, now), (0, 1, 0));
    assert_eq!(value(&jar).as_deref(), Some("later"));
}

#[test]
fn an_older_recording_neither_replaces_nor_deletes_a_newer_cookie() {
    let now = Browser::new().now;
    let line = |line: &str| format!(r#"{{"headers": [{{"name": "Set-Cookie", "value": "{line}"}}]}}"#);
    for (day, response, counts, expected) in [
        ("13", line("sid=old; Path=/"), (0, 1, 0), "new"),
        ("13", line("sid=; Path=/; Max-Age=0"), (0, 0, 1), "new"),
        ("13", r#"{"cookies": [{"name": "sid", "value": "old", "path": "/"}]}"#.to_owned(), (0, 1, 0), "new"),
        ("14", line("sid=later; Path=/; Secure"), (1, 0, 0), "later"),
    ] {
        let mut browser = Browser::new();
        browser.now -= Duration::from_secs(3_600);
        browser.set("https://shop.example/", "sid=new; Path=/; Secure").expect("taken");
        let recording = format!(
            r#"{{"log": {{"entries": [{{"startedDateTime": "2023-11-{day}T22:00:00Z",
                "request": {{"url": "https://shop.example/"}}, "response": {response}}}]}}}}"#
        );
        let imported = browser.jar.import(Format::Har, &recording, now).expect("a recording");
        assert_eq!((imported.taken(), imported.outdated(), imported.expired()), counts, "{recording}");
        assert_eq!((imported.removed(), value(&browser.jar).as_deref()), (0, Some(expected)), "{recording}");
        assert!(browser.jar.iter().all(|cookie| cookie.is_secure()), "{recording}");
    }
}

#[test]
fn an_older_recording_replaces_no_cookie_of_a_file_without_times() {
    let now = Browser::new().now;
    let recorded = |day: u8, line: &str| {
        format!(
            r#"{{"log": {{"entries": [{{"startedDateTime": "2023-11-{day}T22:00:00Z",
                "request": {{"url": "https://shop.example/"}},
                "response": {{"headers": [{{"name": "Set-Cookie", "value": "{line}"}}]}}}}]}}}}"#
        )
    };
    for (day, line, outdated, expected) in [
        (13, "sid=old; Path=/", 1, "new"),
        (13, "sid=; Path=/; Max-Age=0", 0, "new"),
        (13, "sid=longer; Path=/; Max-Age=31536000", 0, "longer"),
        (14, "sid=later; Path=/", 0, "later"),
    ] {
        let mut jar = Jar::new();
        // The file was written between the two days.
        import(&mut jar, "new", 1_701_000_000, now - Duration::from_secs(3_600));
        let imported = jar.import(Format::Har, recorded(day, line), now).expect("a recording");
        assert_eq!(
            (imported.outdated(), value(&jar).as_deref()),
            (outdated, Some(expected)),
            "{day}: {line}"
        );
    }
}
