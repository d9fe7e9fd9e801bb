//! HTTP Archive 1.2: what servers set, replayed at the times at which they did.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use hardtack_core::cookie::days_from_civil;
use serde::Deserialize;

use super::browser_json::from_json;
use super::reading::Reading;
use super::transfer::Place;
use crate::access::Access;
use crate::error::Error;
use crate::record::CookieRecord;

#[derive(Deserialize)]
struct Archive<'a> {
    #[serde(borrow)]
    log: Log<'a>,
}

#[derive(Deserialize)]
struct Log<'a> {
    #[serde(borrow)]
    entries: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    #[serde(borrow)]
    started_date_time: Cow<'a, str>,
    request: Request<'a>,
    response: Response<'a>,
}

#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow)]
    url: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Response<'a> {
    #[serde(borrow, default)]
    headers: Vec<Header<'a>>,
    #[serde(borrow, default)]
    cookies: Vec<Cookie<'a>>,
}

#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    value: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cookie<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    value: Cow<'a, str>,
    path: Option<String>,
    domain: Option<String>,
    expires: Option<String>,
    #[serde(default)]
    http_only: bool,
    #[serde(default)]
    secure: bool,
    same_site: Option<String>,
}

/// Only the beginning is looked at.
pub(super) fn is_har(text: &[u8]) -> bool {
    text.strip_prefix(b"{").is_some_and(|rest| rest.trim_ascii_start().starts_with(b"\"log\""))
}

/// Places are those of the entries.
pub(super) fn read(text: &[u8]) -> Result<Reading<'static>, Error> {
    let archive: Archive<'_> = from_json(text, "this should be a HAR, a JSON object with `log`")?;
    let mut reading = Reading::default();
    for (index, entry) in archive.log.entries.iter().enumerate() {
        let place = Place::Entry(index + 1);
        let Ok(access) = Access::http(&entry.request.url) else { continue };
        let Some(started) = iso_8601(&entry.started_date_time) else {
            reading.unreadable(place, "its `startedDateTime` is no ISO 8601 time");
            continue;
        };
        let is_set_cookie = |header: &&Header<'_>| header.name.eq_ignore_ascii_case("set-cookie");
        let headers: Vec<_> = entry.response.headers.iter().filter(is_set_cookie).collect();
        if headers.is_empty() {
            // Headers may have been taken out, to share the archive.
            for cookie in &entry.response.cookies {
                reading.record(place, cookie.record(&access, started).into_owned(), Vec::new());
            }
        }
        // Several fields may have been joined by line feeds.
        for line in headers.iter().flat_map(|header| header.value.split('\n')) {
            reading.line(place, access.clone(), line.as_bytes().to_vec(), started);
        }
    }
    Ok(reading)
}

impl Cookie<'_> {
    /// Whether the domain was named is lost, except where it differs from the host.
    fn record<'a>(&'a self, access: &'a Access, started: SystemTime) -> CookieRecord<'a> {
        let mut record =
            CookieRecord::new(self.name.as_bytes(), self.value.as_bytes(), access.host(), started);
        if let Some(domain) = self.domain.as_deref().filter(|domain| !domain.is_empty()) {
            let name = domain.strip_prefix('.').unwrap_or(domain);
            record.host_only = name == domain && name == access.host();
            record.domain = name.into();
        }
        if let Some(path) = self.path.as_deref().filter(|path| path.starts_with('/')) {
            record.path = path.into();
        }
        record.updated = Some(started);
        record.expires = self.expires.as_deref().and_then(iso_8601);
        record.http_only = self.http_only;
        record.secure = self.secure;
        record.same_site = self.same_site.as_deref().and_then(|word| word.parse().ok());
        record
    }
}

/// `2024-02-29T12:00:00.123+01:00`, or with `Z`.
fn iso_8601(text: &str) -> Option<SystemTime> {
    let (date, time) = text.split_once(['T', ' '])?;
    let [year, month, day] = numbers(date, '-')?;
    let (clock, zone) = match time.find(['Z', 'z', '+', '-']) {
        Some(at) => time.split_at(at),
        None => (time, "Z"),
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let [hour, minute, second] = numbers(clock, ':')?;
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let offset = match zone.strip_prefix(['+', '-']) {
        None => 0,
        Some(zone) => {
            let [hours, minutes] = numbers(zone, ':')?;
            sign * (hours * 3_600 + minutes * 60)
        }
    };
    let fits =
        (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61;
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset;
    let seconds = u64::try_from(seconds).ok().filter(|_| fits)?;
    let millis = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds) + Duration::from_millis(millis))
}

/// So many numbers of at most four digits.
fn numbers<const N: usize>(text: &str, separator: char) -> Option<[i64; N]> {
    let mut fields = text.split(separator);
    let mut numbers = [0; N];
    for number in &mut numbers {
        let field = fields.next()?;
        let digits = (1..=4).contains(&field.len()) && field.bytes().all(|byte| byte.is_ascii_digit());
        *number = field.parse().ok().filter(|_| digits)?;
    }
    fields.next().is_none().then_some(numbers)
}

#[cfg(all(test, feature = "psl"))]
mod tests {
    use super::*;
    use crate::format::Import;
    use crate::jar::Jar;

    const SECONDS: u64 = 1_709_208_000;

    #[test]
    fn times_are_read_with_their_zone() {
        let at = |millis: u64| Some(SystemTime::UNIX_EPOCH + Duration::from_millis(SECONDS * 1_000 + millis));
        for (text, expected) in [
            ("2024-02-29T12:00:00Z", at(0)),
            ("2024-02-29T12:00:00", at(0)),
            ("2024-02-29T12:00:00.5Z", at(500)),
            ("2024-02-29T12:00:00.123456Z", at(123)),
            ("2024-02-29T13:00:00.000+01:00", at(0)),
            ("2024-02-29T06:30:00-05:30", at(0)),
            ("2024-02-29", None),
            ("2024-02-29T12:00", None),
            ("2024-13-29T12:00:00Z", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(iso_8601(text), expected, "{text}");
        }
    }

    #[test]
    fn lines_are_replayed_at_their_time() {
        let text = r#"{"log": {"entries": [
            {"startedDateTime": "2024-02-29T12:00:00Z", "request": {"url": "https://shop.example.com/a/b"},
             "response": {"headers": [
                {"name": "Set-Cookie", "value": "id=1; Max-Age=60\nall=2; Domain=example.com"},
                {"name": "set-cookie", "value": "bad=1; Domain=com"}], "cookies": []}},
            {"startedDateTime": "2024-02-29T12:00:30Z", "request": {"url": "https://other.example/"},
             "response": {"cookies": [
                {"name": "x", "value": "1", "domain": ".other.example", "httpOnly": true, "sameSite": "None", "secure": true},
                {"name": "y", "value": "2", "expires": "2024-02-29T12:00:45Z"}]}},
            {"startedDateTime": "2024-02-29T12:00:30Z", "request": {"url": "data:,"}, "response": {}}]}}"#;
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(SECONDS + 50);
        let mut jar = Jar::new();
        let imported = read(text.as_bytes()).expect("a HAR").take(&mut jar, &Import::new(), now);
        assert_eq!((imported.taken(), imported.expired(), imported.left_out().len()), (3, 1, 1));
        let cookies: Vec<_> =
            jar.iter().map(|cookie| (cookie.domain(), cookie.path(), cookie.is_host_only())).collect();
        assert_eq!(
            cookies,
            [("shop.example.com", "/a", true), ("example.com", "/a", false), ("other.example", "/", false)]
        );
    }
}
