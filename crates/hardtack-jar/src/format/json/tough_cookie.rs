//! Reads and writes the JSON of tough-cookie for Node.js: a jar with settings and cookies, or an array of cookies. In a
//! file from tough-cookie, members that have their default value are missing.
//!
//! ```json
//! {"version": "tough-cookie@6.1.0", "storeType": "MemoryCookieStore", "rejectPublicSuffixes": true, "cookies": [
//!   {"key": "id", "value": "a3fWa", "expires": "2038-01-19T03:14:07.000Z", "domain": "example.com", "path": "/",
//!    "secure": true, "httpOnly": true, "hostOnly": false, "creation": "2026-11-29T06:22:45.188Z",
//!    "lastAccessed": "2026-11-29T06:22:45.188Z", "sameSite": "lax"}]}
//! ```

use std::time::{Duration, SystemTime};

use serde_json::value::RawValue;
use serde_json::{Value as Json, json};

use super::cookie::{ReadCookie, read_each, read_same_site, texts};
use super::members::{Members, Problem, from_json, is_not, rest_of, with_rest};
use super::time::{Expiration, iso_8601, read_expiration, to_iso_8601};
use crate::cookie::CookieRecord;
use crate::error::Error;
use crate::format::parsed_file::ParsedFile;
use crate::format::written_host::{bare_host, read_host};
use crate::format::{Exported, Format};
use crate::jar::Jar;
use crate::set_cookie::MAX_LIFETIME_SECONDS;

#[derive(serde::Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    cookies: Vec<&'a RawValue>,
}

pub(in crate::format) fn read(text: &[u8], now: SystemTime) -> Result<ParsedFile<'static>, Error> {
    const WHAT: &str = "this is not the JSON of tough-cookie, an object with an array `cookies`";
    let mut parsed = ParsedFile::default();
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let cookies = if text.trim_ascii_start().starts_with(b"[") {
        from_json(text, WHAT)?
    } else {
        parsed.rest = Some(rest_of(text, WHAT)?);
        from_json::<File<'_>>(text, WHAT)?.cookies
    };
    read_each(&mut parsed, &cookies, |members| read_cookie(members, now));
    Ok(parsed)
}

fn read_cookie(members: &Members, now: SystemTime) -> Result<ReadCookie, Problem> {
    let domain = read_host(members.required_text("domain")?);
    let name = members.text("key")?.unwrap_or_default();
    let mut record = CookieRecord::new(name, members.text("value")?.unwrap_or_default(), "", now);
    record.domain = domain.host;
    record.host_only = members.flag("hostOnly")?.unwrap_or_default();
    record.path = members.text("path")?.unwrap_or("/").into();
    record.secure = members.flag("secure")?.unwrap_or_default();
    record.http_only = members.flag("httpOnly")?.unwrap_or_default();
    record.same_site = read_same_site(members);
    record.created = time(members, "creation")?.unwrap_or(now);
    record.last_access = time(members, "lastAccessed")?.unwrap_or(record.created);
    record.expires = match max_age(members)? {
        // As in tough-cookie, `maxAge` is relative to the last access.
        Some(seconds) => record.last_access.checked_add(Duration::from_secs(seconds)),
        None => expires(members)?,
    };
    Ok((record.into_owned(), domain.adjustment.into_iter().collect()))
}

fn time(members: &Members, name: &str) -> Result<Option<SystemTime>, Problem> {
    members.text(name)?.map(|text| iso_8601(text).ok_or_else(|| is_not(name, "an ISO 8601 time"))).transpose()
}

/// Reads `maxAge` in seconds. Negative numbers are read as zero, which means that the cookie has expired. Infinities
/// are strings, because JSON has no numbers for them.
fn max_age(members: &Members) -> Result<Option<u64>, Problem> {
    let seconds = match members.get("maxAge") {
        None => return Ok(None),
        Some(Json::String(word)) if word == "Infinity" => f64::INFINITY,
        Some(Json::String(word)) if word == "-Infinity" => f64::NEG_INFINITY,
        Some(member) => member.as_f64().ok_or_else(|| is_not("maxAge", "a number of seconds"))?,
    };
    Ok(Some(seconds.clamp(0.0, f64::from(MAX_LIFETIME_SECONDS)) as u64))
}

fn expires(members: &Members) -> Result<Option<SystemTime>, Problem> {
    match members.get("expires") {
        None => Ok(None),
        Some(Json::String(word)) if word == "Infinity" => Ok(None),
        Some(member) => Ok(match read_expiration("expires", member)? {
            Expiration::At(time) => Some(time),
            Expiration::Session | Expiration::Zero => None,
        }),
    }
}

pub(in crate::format) fn write(jar: &Jar, rest: Option<&str>, now: SystemTime) -> Result<Exported, Error> {
    const REST: &str =
        r#"{"version":"tough-cookie@6.0.0","storeType":"MemoryCookieStore","rejectPublicSuffixes":true}"#;
    let (cookies, exported) = Exported::each(jar, Format::ToughCookie, now, written);
    Ok(exported.with_text(with_rest(rest.unwrap_or(REST), cookies)?))
}

fn written(cookie: &CookieRecord<'_>) -> Result<Json, &'static str> {
    let (key, value) = texts(cookie)?;
    let mut written = json!({
        "key": key,
        "value": value,
        "domain": bare_host(&cookie.domain),
        "path": cookie.path,
        "secure": cookie.secure,
        "httpOnly": cookie.http_only,
        "hostOnly": cookie.host_only,
        "creation": to_iso_8601(cookie.created),
        "lastAccessed": to_iso_8601(cookie.last_access),
    });
    if let Some(expires) = cookie.expires {
        written["expires"] = to_iso_8601(expires).into();
    }
    if let Some(same_site) = cookie.same_site {
        written["sameSite"] = same_site.as_str().to_ascii_lowercase().into();
    }
    Ok(written)
}
