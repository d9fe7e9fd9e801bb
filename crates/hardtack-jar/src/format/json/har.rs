//! Reads HTTP Archive 1.2: the cookies that servers set and browsers sent are replayed at the recorded times.
//!
//! ```json
//! {"log": {"entries": [{"startedDateTime": "2026-11-29T04:41:43.000Z",
//!   "request": {"url": "https://example.com/", "headers": [{"name": "Cookie", "value": "theme=dark"}]},
//!   "response": {"headers": [{"name": "Set-Cookie", "value": "id=a3fWa; Path=/; HttpOnly"}]}}]}}
//! ```

use std::collections::HashSet;
use std::time::SystemTime;

use hardtack_core::cookie::trim;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;
use serde_json::value::RawValue;
use url::Url;

use super::cookie::{label_of, read_same_site};
use super::members::{Members, Problem, from_json, is_missing, is_not};
use super::time::{Expiration, iso_8601, read_expiration};
use crate::cookie::CookieRecord;
use crate::error::Error;
use crate::format::left_out::Position;
use crate::format::parsed_file::ParsedFile;
use crate::format::written_host::read_host;
use crate::request::{RequestContext, with_parents};
use crate::set_cookie::{SetCookieLine, cookie_date};

#[derive(Deserialize)]
struct Archive<'a> {
    #[serde(borrow)]
    log: Log<'a>,
}

#[derive(Deserialize)]
struct Log<'a> {
    #[serde(borrow)]
    entries: Vec<&'a RawValue>,
}

/// An entry of the archive. Each member is read separately, so that an unreadable member does not affect the others.
/// Bodies are skipped.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    #[serde(borrow, default, deserialize_with = "raw")]
    started_date_time: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "raw")]
    request: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "raw")]
    response: Option<&'a RawValue>,
}

/// A request or a response.
#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, default, deserialize_with = "raw")]
    url: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "raw")]
    headers: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "raw")]
    cookies: Option<&'a RawValue>,
}

/// Reads a member without parsing it, even if it is `null`.
fn raw<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// A cookie or a `Set-Cookie` field from an entry.
struct Event {
    position: Position,
    time: SystemTime,
    context: RequestContext,
    cookie: EventCookie,
}

enum EventCookie {
    /// A `Set-Cookie` field.
    Line(Vec<u8>),
    /// A cookie from the list of cookies in a response without `Set-Cookie` fields.
    Set(Box<CookieRecord<'static>>),
    /// The name and the value of a cookie that a request sent.
    Sent(Vec<u8>, Vec<u8>),
}

/// A name and a value.
type Pair = (Vec<u8>, Vec<u8>);

const NO_COOKIES: &str = "no entry has a `Set-Cookie` or `Cookie` header: browsers remove them from a recording \
                          unless it is exported with sensitive data";

/// Reads an archive. The position of a cookie is the number of its entry.
pub(in crate::format) fn read(text: &[u8]) -> Result<ParsedFile<'static>, Error> {
    let archive: Archive<'_> = from_json(text, "this is not a HAR, a JSON object with `log.entries`")?;
    let mut parsed = ParsedFile::default();
    let mut events = Vec::new();
    for (index, entry) in archive.log.entries.iter().enumerate() {
        let position = Position::Entry(index + 1);
        if let Err(why) = read_entry(&mut parsed, &mut events, position, entry) {
            parsed.unreadable(position, None, why);
        }
    }
    if events.is_empty() {
        parsed.note = Some(NO_COOKIES);
    }
    // Recorders write an entry when its response is complete, so entries may not be in order.
    events.sort_by_key(|event| event.time);
    replay(&mut parsed, events);
    Ok(parsed)
}

/// Adds the events to the parsed file. Omits a sent cookie if a later request to the same host sends the name again, or
/// if any response sets a cookie with the name for the host or a parent domain.
fn replay(parsed: &mut ParsedFile<'static>, events: Vec<Event>) {
    let set: HashSet<(Vec<u8>, String)> = events.iter().filter_map(Event::sets).collect();
    let mut last = HashSet::new();
    let mut kept: Vec<Event> = Vec::new();
    for event in events.into_iter().rev() {
        let is_kept = match &event.cookie {
            EventCookie::Sent(name, _) => {
                let host = event.context.host();
                !with_parents(host).any(|domain| set.contains(&(name.clone(), domain.to_owned())))
                    && last.insert((name.clone(), host.to_owned()))
            }
            EventCookie::Line(_) | EventCookie::Set(_) => true,
        };
        if is_kept {
            kept.push(event);
        }
    }
    for Event { position, time, context, cookie } in kept.into_iter().rev() {
        match cookie {
            EventCookie::Line(line) => parsed.line(position, context, line, time),
            EventCookie::Set(record) => parsed.record(position, *record, Vec::new()),
            EventCookie::Sent(name, value) => parsed.sent(position, context, name, value, time),
        }
    }
}

impl Event {
    /// Returns the name and the domain of a cookie that a response set, or `None` for a sent cookie or a `Set-Cookie`
    /// field that cannot be parsed.
    fn sets(&self) -> Option<(Vec<u8>, String)> {
        match &self.cookie {
            EventCookie::Line(line) => {
                let line = SetCookieLine::parse(line).ok()?;
                let domain = line.domain().filter(|domain| !domain.is_empty());
                let domain = domain.map(|domain| String::from_utf8_lossy(domain).to_ascii_lowercase());
                Some((line.name().to_vec(), domain.unwrap_or_else(|| self.context.host().to_owned())))
            }
            EventCookie::Set(record) => Some((record.name.to_vec(), record.domain.clone().into_owned())),
            EventCookie::Sent(..) => None,
        }
    }
}

/// Reads an entry. Returns an error if the whole entry cannot be read. Problems with its parts are recorded in
/// `parsed`.
fn read_entry(
    parsed: &mut ParsedFile<'_>,
    events: &mut Vec<Event>,
    position: Position,
    entry: &RawValue,
) -> Result<(), Problem> {
    let entry: Entry<'_> = serde_json::from_str(entry.get()).map_err(|_| "it is not a JSON object")?;
    let request = message(entry.request, "request")?;
    let url = request.url.ok_or_else(|| is_missing("request.url"))?;
    let url =
        text(url).and_then(|url| Url::parse(&url).ok()).ok_or_else(|| is_not("request.url", "a URL"))?;
    // Requests that do not use HTTP, such as those to `data:` URLs, have no cookies.
    let Ok(context) = RequestContext::url(&url) else { return Ok(()) };
    let started = entry.started_date_time.ok_or_else(|| is_missing("startedDateTime"))?;
    let time = text(started).and_then(|time| iso_8601(&time));
    let time = time.ok_or_else(|| is_not("startedDateTime", "an ISO 8601 time"))?;
    let mut add = |context: &RequestContext, cookie| {
        events.push(Event { position, time, context: context.clone(), cookie })
    };
    for (name, value) in read_request(parsed, position, &context, &request) {
        add(&context, EventCookie::Sent(name, value));
    }
    let response = message(entry.response, "response")?;
    let lines = read_parts(parsed, position, None, named(&response, "response", "set-cookie"), value);
    let dates = named(&response, "response", "date").unwrap_or_default();
    let date = dates.first().and_then(|date| cookie_date(date.text("value").ok()??));
    let dated = date.map_or_else(|| context.clone(), |date| context.clone().date(date));
    let mut set = |line: &str| add(&dated, EventCookie::Line(line.as_bytes().to_vec()));
    if let [line] = lines.as_slice() {
        // Safari and some proxies join several `Set-Cookie` fields into one.
        line.split('\n').flat_map(split_joined).for_each(&mut set);
    } else {
        lines.iter().flat_map(|line| line.split('\n')).for_each(&mut set);
    }
    if lines.is_empty() {
        // The headers may have been removed before the archive was shared.
        let cookies = list(response.cookies, "response.cookies");
        let read = |cookie: &Members| read_set(cookie, &context, time);
        for record in read_parts(parsed, position, Some(context.host()), cookies, read) {
            add(&context, EventCookie::Set(Box::new(record)));
        }
    }
    Ok(())
}

fn message<'a>(raw: Option<&'a RawValue>, name: &str) -> Result<Message<'a>, Problem> {
    let raw = raw.ok_or_else(|| is_missing(name))?;
    serde_json::from_str(raw.get()).map_err(|_| is_not(name, "a JSON object"))
}

fn text(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

/// Reads an array of objects, and skips other elements.
fn list(raw: Option<&RawValue>, name: &str) -> Result<Vec<Members>, Problem> {
    let Some(raw) = raw else { return Ok(Vec::new()) };
    let elements: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(|_| is_not(name, "an array"))?;
    Ok(elements.into_iter().filter_map(|element| Members::of(element).ok()).collect())
}

/// Returns the headers with this name.
fn named(message: &Message<'_>, of: &str, name: &str) -> Result<Vec<Members>, Problem> {
    let mut headers = list(message.headers, &format!("{of}.headers"))?;
    headers.retain(|header| {
        header.text("name").ok().flatten().is_some_and(|found| found.eq_ignore_ascii_case(name))
    });
    Ok(headers)
}

/// Reads the elements of a list, which are headers, or cookies if `host` is given. An element that cannot be read is
/// reported, and does not affect the others.
fn read_parts<T>(
    parsed: &mut ParsedFile<'_>,
    position: Position,
    host: Option<&str>,
    list: Result<Vec<Members>, Problem>,
    read: impl Fn(&Members) -> Result<T, Problem>,
) -> Vec<T> {
    let list = list.unwrap_or_else(|why| {
        parsed.unreadable(position, None, why);
        Vec::new()
    });
    let mut each = Vec::new();
    for members in &list {
        match read(members) {
            Ok(one) => each.push(one),
            Err(why) => {
                parsed.unreadable(position, host.and_then(|host| label_of(Some(members), None, host)), why);
            }
        }
    }
    each
}

fn value(header: &Members) -> Result<String, Problem> {
    header.required_text("value").map(str::to_owned)
}

/// Returns the names and values of the cookies that a request sent. If a name occurs more than once, keeps only the
/// first cookie, which has the longest path.
fn read_request(
    parsed: &mut ParsedFile<'_>,
    position: Position,
    context: &RequestContext,
    request: &Message<'_>,
) -> Vec<Pair> {
    let headers = read_parts(parsed, position, None, named(request, "request", "cookie"), value);
    let mut pairs = Vec::new();
    for pair in headers.iter().flat_map(|header| header.split(';')).filter_map(|pair| pair.split_once('=')) {
        pairs.push((trim(pair.0.as_bytes()).to_vec(), trim(pair.1.as_bytes()).to_vec()));
    }
    if headers.is_empty() {
        let cookies = list(request.cookies, "request.cookies");
        pairs = read_parts(parsed, position, Some(context.host()), cookies, |cookie| {
            Ok((cookie.required_text("name")?.into(), cookie.required_text("value")?.into()))
        });
    }
    let mut seen = HashSet::new();
    pairs.retain(|(name, _)| seen.insert(name.clone()));
    pairs
}

/// Reads a cookie from a response's list of cookies. Unless the domain has a leading dot or differs from the host, the
/// list does not show whether `Domain` was set, and the cookie is read as host-only.
fn read_set(
    cookie: &Members,
    context: &RequestContext,
    started: SystemTime,
) -> Result<CookieRecord<'static>, Problem> {
    let (name, value) = (cookie.required_text("name")?, cookie.required_text("value")?);
    let mut record = CookieRecord::new(name, value, context.host(), started);
    if let Some(domain) = cookie.text("domain")?.filter(|domain| !domain.is_empty()) {
        let domain = read_host(domain);
        record.host_only = !domain.dotted && domain.host == context.host();
        record.domain = domain.host;
    }
    if let Some(path) = cookie.text("path")?.filter(|path| path.starts_with('/')) {
        record.path = path.into();
    }
    record.updated = Some(started);
    record.expires = cookie.get("expires").map(expires).transpose()?.flatten();
    record.http_only = cookie.flag("httpOnly")?.unwrap_or_default();
    record.secure = cookie.flag("secure")?.unwrap_or_default();
    record.same_site = read_same_site(cookie);
    Ok(record.into_owned())
}

/// Reads an expiration. Zero and negative numbers may mean either a deletion or a session cookie, so they are errors.
fn expires(member: &Json) -> Result<Option<SystemTime>, Problem> {
    match member {
        Json::String(text) if text.is_empty() || text.eq_ignore_ascii_case("session") => Ok(None),
        _ => match read_expiration("expires", member)? {
            Expiration::At(time) => Ok(Some(time)),
            Expiration::Session | Expiration::Zero => Err(is_not("expires", "a time")),
        },
    }
}

/// Splits `Set-Cookie` fields that were joined with commas. A comma separates two fields if it is followed by a cookie
/// name and `=`, unlike a comma inside a date. The name of an attribute does not count as a cookie name. A comma that
/// precedes the first attribute and is not followed by white space is part of the value.
fn split_joined(line: &str) -> Vec<&str> {
    const ATTRIBUTES: [&str; 5] = ["expires", "path", "domain", "max-age", "samesite"];
    let mut lines = Vec::new();
    let (mut start, mut last, mut has_attributes) = (0, 0, false);
    for (comma, _) in line.match_indices(',') {
        has_attributes |= line[last..comma].contains(';');
        last = comma;
        let rest = line[comma + 1..].trim_ascii_start();
        let next = line.len() - rest.len();
        let name =
            rest.find(['=', ';', ',']).filter(|&end| rest[end..].starts_with('=')).map(|end| &rest[..end]);
        let is_name = |name: &str| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
                && !ATTRIBUTES.iter().any(|attribute| name.eq_ignore_ascii_case(attribute))
        };
        if name.is_some_and(is_name) && (has_attributes || next > comma + 1) {
            lines.push(&line[start..comma]);
            (start, has_attributes) = (next, false);
        }
    }
    lines.push(&line[start..]);
    lines
}

#[cfg(all(test, feature = "psl"))]
mod tests {
    use super::*;
    use crate::format::Import;
    use crate::jar::Jar;
    use std::time::Duration;

    const SECONDS: u64 = 1_709_208_000;

    fn imported(text: &str) -> (Jar, crate::Imported) {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(SECONDS + 50);
        let mut jar = Jar::new();
        let imported = read(text.as_bytes()).expect("a HAR").add_to(&mut jar, &Import::new(), now);
        (jar, imported)
    }

    #[test]
    fn lines_are_replayed_at_their_time() {
        let (jar, imported) = imported(
            r#"{"log": {"entries": [
            {"startedDateTime": "2024-02-29T12:00:00Z", "request": {"url": "https://shop.example.com/a/b"},
             "response": {"headers": [
                {"name": "Set-Cookie", "value": "id=1; Max-Age=60\nall=2; Domain=example.com"},
                {"name": "set-cookie", "value": "bad=1; Domain=com"}], "cookies": []}},
            {"startedDateTime": "2024-02-29T12:00:30Z", "request": {"url": "https://other.example/"},
             "response": {"cookies": [
                {"name": "x", "value": "1", "domain": ".other.example", "httpOnly": true, "sameSite": "None", "secure": true},
                {"name": "y", "value": "2", "expires": "2024-02-29T12:00:45Z"}]}},
            {"startedDateTime": "2024-02-29T12:00:30Z", "request": {"url": "data:,"}, "response": {}}]}}"#,
        );
        assert_eq!((imported.taken(), imported.expired(), imported.left_out().len()), (3, 1, 1));
        let cookies: Vec<_> =
            jar.iter().map(|cookie| (cookie.domain(), cookie.path(), cookie.is_host_only())).collect();
        assert_eq!(
            cookies,
            [("shop.example.com", "/a", true), ("example.com", "/a", false), ("other.example", "/", false)]
        );
    }

    #[test]
    fn entries_are_replayed_in_the_order_of_their_times() {
        let entry = |time: &str, line: &str| {
            format!(
                r#"{{"startedDateTime": "2024-02-29T{time}Z", "request": {{"url": "https://a.example/"}},
                "response": {{"headers": [{{"name": "Set-Cookie", "value": "{line}"}}]}}}}"#
            )
        };
        let (late, early) = (entry("12:00:20", "id=2"), entry("12:00:10", "id=1"));
        let (jar, imported) = imported(&format!(r#"{{"log": {{"entries": [{late}, {early}]}}}}"#));
        assert_eq!((imported.taken(), jar.len()), (2, 1));
        assert_eq!(jar.iter().next().expect("a cookie").value(), b"2");
    }

    #[test]
    fn expires_is_corrected_by_the_date_of_the_response() {
        let (jar, imported) = imported(
            r#"{"log": {"entries": [
            {"startedDateTime": "2024-02-29T12:00:00Z", "request": {"url": "https://a.example/"},
             "response": {"headers": [
                {"name": "Set-Cookie", "value": "id=1; Expires=Thu, 29 Feb 2024 10:10:00 GMT"},
                {"name": "date", "value": "Thu, 29 Feb 2024 10:00:00 GMT"}]}}]}}"#,
        );
        assert_eq!((imported.taken(), imported.expired()), (1, 0));
        let expires = jar.iter().next().expect("a cookie").expires();
        assert_eq!(expires, Some(SystemTime::UNIX_EPOCH + Duration::from_secs(SECONDS + 600)));
    }

    #[test]
    fn joined_fields_are_split_outside_of_dates() {
        for (line, expected) in [
            ("a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT, b=2; Path=/, c=3", 3),
            ("a=1; Expires=Thu, 01-Jan-2026 00:00:00 GMT; Path=/", 1),
            ("a=1, 2, 3; Path=/", 1),
            ("a=1,b=2", 1),
            ("a=1,b=2; Path=/", 1),
            ("a=1; Path=/,b=2; Secure,c=3", 3),
            ("a=1; Expires=Thu,01-Jan-2026 00:00:00 GMT,b=2", 2),
            ("a=1; Path=/x,y; Secure", 1),
            ("a=1; Path=/,expires=Thu,01-Jan-2026 00:00:00 GMT", 1),
            ("a=1; Path=/,  b=2", 2),
            ("a={x, y}=1", 1),
            ("a=1, path=/x", 1),
            ("", 1),
        ] {
            assert_eq!(split_joined(line).len(), expected, "{line}");
        }
    }

    #[test]
    fn sent_cookies_are_added_unless_a_response_set_them() {
        let (jar, imported) = imported(
            r#"{"log": {"entries": [
            {"startedDateTime": "2024-02-29T12:00:00Z",
             "request": {"url": "https://shop.example.com/", "headers": [{"name": "Cookie", "value": "a=1; b=2; gone=3; __Host-c=4"}]},
             "response": {"headers": [{"name": "Set-Cookie", "value": "b=5; Domain=example.com"},
                                      {"name": "Set-Cookie", "value": "gone=; Max-Age=0"}]}},
            {"startedDateTime": "2024-02-29T12:00:10Z",
             "request": {"url": "https://shop.example.com/", "cookies": [{"name": "a", "value": "6"}, {"name": "b", "value": "5"}]},
             "response": {}}]}}"#,
        );
        assert_eq!((imported.taken(), imported.expired(), imported.left_out()), (3, 1, &[][..]));
        let mut cookies: Vec<_> =
            jar.iter().map(|cookie| String::from_utf8_lossy(cookie.pair()).into_owned()).collect();
        cookies.sort();
        assert_eq!(cookies, ["__Host-c=4", "a=6", "b=5"]);
    }
}
