//! Passes the input to everything that a jar reads: `Set-Cookie` lines, dates, URLs, and files.
//!
//! The first byte of the input selects what the rest of it contains.

#![no_main]

use std::time::{Duration, SystemTime};

use hardtack_jar::{RequestContext, Format, Import, Jar, Limits, Profile, SiteContext, canonical_host, cookie_date, domain_match};
use libfuzzer_sys::fuzz_target;

const URLS: [&str; 6] = [
    "https://www.example.com/a/b",
    "http://www.example.com/a/b/c",
    "http://example.com/",
    "https://github.io/",
    "http://localhost:3000/x",
    "http://192.0.2.3/",
];

fuzz_target!(|data: &[u8]| {
    let [choice, rest @ ..] = data else { return };
    match choice % 4 {
        0 => conversation(rest),
        1 => file(Format::ALL[usize::from(choice / 4) % Format::ALL.len()], rest),
        2 => {
            let _ = cookie_date(rest);
        }
        _ => host(&String::from_utf8_lossy(rest)),
    }
});

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}

/// Sets the cookie of each line, and builds a `Cookie` header after it. The first byte of a line selects the URL and
/// the context of the request, and the profile of the jar.
fn conversation(data: &[u8]) {
    let mut jar = Jar::new().limits(Limits::default().per_domain(4).total(10));
    let mut now = now();
    for step in data.split(|&byte| byte == b'\n') {
        let [how, line @ ..] = step else { continue };
        let url = URLS[usize::from(*how) % URLS.len()];
        let request = if how & 64 == 0 { RequestContext::http(url) } else { RequestContext::script(url) };
        let contexts =
            [SiteContext::SameSite, SiteContext::Navigation, SiteContext::UnsafeNavigation, SiteContext::CrossSite];
        let request = request.expect("a URL with cookies").context(contexts[usize::from(how / 8) % 4]);
        if how & 128 != 0 {
            jar = jar.profile(Profile::Chromium);
            now += Duration::from_secs(30);
        }
        let checked = jar.check(&request, line, now);
        assert_eq!(jar.set(&request, line, now).map(drop), checked, "checking agrees with setting");
        assert!(jar.len() <= 10);
        if let Some(header) = jar.header(&request, now) {
            assert!(!header.iter().any(|&byte| byte < 9 || byte == b'\n' || byte == b'\r' || byte == 127));
        }
    }
    for &format in Format::ALL {
        there_and_back(&jar, format, now);
    }
}

/// Imports a file, and checks that the imported cookies can be exported and imported again.
fn file(format: Format, text: &[u8]) {
    let origin = RequestContext::http(URLS[0]).expect("a URL with cookies");
    let import = Import::new().format(format).origin(&origin);
    let mut jar = Jar::new();
    if jar.import_with(&import, text, now()).is_ok() {
        there_and_back(&jar, format, now());
    }
    // Detecting the format may fail, and so may the import, but neither may panic.
    let _ = Jar::new().import_with(&Import::new().origin(&origin), text, now());
}

fn there_and_back(jar: &Jar, format: Format, now: SystemTime) {
    if !format.is_writable() {
        return;
    }
    let exported = jar.export(format, now).expect("the jar can be written");
    let mut again = Jar::new();
    let imported = again.import(format, exported.text(), now).expect("the exported jar can be imported");
    assert!(imported.left_out().is_empty(), "{:?}", imported.left_out());
    // In these formats, two hosts may have the same name: Python reads `printer` as `printer.local`, and wget reads the
    // end of `[::1:8080]` as a port.
    if !matches!(format, Format::Python | Format::Wget) {
        let second = again.export(format, now).expect("the jar can be written");
        assert_eq!(second.text(), exported.text());
    }
}

fn host(text: &str) {
    if let Ok(request) = RequestContext::http(text) {
        let mut jar = Jar::new();
        let _ = jar.set(&request, "a=1; Domain=example.com", now());
        let _ = jar.set(&request, "b=1", now());
        assert!(jar.header(&request, now()).is_some());
    }
    if let Some(host) = canonical_host(text) {
        assert!(domain_match(&host, &host));
        assert_eq!(canonical_host(&host).as_deref(), Some(&*host));
    }
}
