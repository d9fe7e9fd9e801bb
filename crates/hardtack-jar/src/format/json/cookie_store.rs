//! Reads and writes the JSON of the `cookie_store` crate: an array of cookies, or in old versions one cookie per line.
//!
//! ```json
//! [{"raw_cookie": "id=a3fWa; HttpOnly; Secure; Path=/", "path": ["/", true], "domain": {"Suffix": "example.com"},
//!   "expires": {"AtUtc": "2038-01-19T03:14:07Z"}}]
//! ```

use std::time::{Duration, SystemTime};

use hardtack_core::cookie::http_date;
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};

use super::cookie::{ReadCookie, read_each, take, texts};
use super::members::{Members, Problem, from_json, is_missing, is_not};
use super::time::{iso_8601, to_iso_8601, to_whole_seconds};
use crate::cookie::CookieRecord;
use crate::error::Error;
use crate::format::exported::{NAMELESS, check_blanks};
use crate::format::left_out::Position;
use crate::format::parsed_file::ParsedFile;
use crate::format::written_host::read_host;
use crate::format::{Exported, Format};
use crate::jar::Jar;
use crate::set_cookie::SetCookieLine;

/// Returns whether an object is a cookie in this format. `has` returns whether the object has a member.
pub(super) fn is_cookie(has: impl Fn(&str) -> bool) -> bool {
    has("raw_cookie") && has("domain")
}

pub(in crate::format) fn read(text: &[u8], now: SystemTime) -> Result<ParsedFile<'static>, Error> {
    const WHAT: &str = "this is not the JSON of `cookie_store`, an array of cookies or a cookie on each line";
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let mut parsed = ParsedFile::default();
    if text.trim_ascii_start().starts_with(b"[") {
        let cookies: Vec<&RawValue> = from_json(text, WHAT)?;
        read_each(&mut parsed, &cookies, |members| read_cookie(members, now));
        return Ok(parsed);
    }
    let lines = text.split(|&byte| byte == b'\n').enumerate();
    let mut lines = lines.filter(|(_, line)| !line.trim_ascii().is_empty()).peekable();
    if let Some((_, first)) = lines.peek() {
        from_json::<&RawValue>(first, WHAT)?;
    }
    for (index, line) in lines {
        let members = serde_json::from_slice(line).map_err(|_| "it is not JSON".into()).and_then(Members::of);
        take(&mut parsed, Position::Line(index + 1), members, None, |members| read_cookie(members, now));
    }
    Ok(parsed)
}

fn read_cookie(members: &Members, now: SystemTime) -> Result<ReadCookie, Problem> {
    let line = SetCookieLine::parse(members.required_text("raw_cookie")?)
        .map_err(|refusal| format!("`raw_cookie`: {}", refusal.message()))?;
    let (domain, host_only) = domain(members)?;
    let domain = read_host(domain);
    let mut record = CookieRecord::new(line.name(), line.value(), "", now);
    record.domain = domain.host;
    record.host_only = host_only;
    record.path = match members.get("path") {
        None => "/".into(),
        Some(path) => {
            path.get(0).and_then(Json::as_str).ok_or_else(|| is_not("path", "a path with a flag"))?.into()
        }
    };
    record.secure = line.is_secure();
    record.http_only = line.is_http_only();
    record.same_site = line.same_site();
    record.expires = expires(members)?;
    Ok((record.into_owned(), domain.adjustment.into_iter().collect()))
}

/// Reads `{"HostOnly": "example.com"}` or `{"Suffix": "example.com"}`.
fn domain(members: &Members) -> Result<(&str, bool), Problem> {
    let domain = members.get("domain").ok_or_else(|| is_missing("domain"))?;
    let name = |kind: &str| domain.get(kind).and_then(Json::as_str);
    match (name("HostOnly"), name("Suffix")) {
        (Some(host), _) => Ok((host, true)),
        (None, Some(suffix)) => Ok((suffix, false)),
        (None, None) => Err(is_not("domain", "`HostOnly` or `Suffix` with a name")),
    }
}

/// Reads `{"AtUtc": "2038-01-19T03:14:07Z"}` or `"SessionEnd"`.
fn expires(members: &Members) -> Result<Option<SystemTime>, Problem> {
    match members.get("expires") {
        None => Ok(None),
        Some(Json::String(word)) if word == "SessionEnd" => Ok(None),
        Some(at) => {
            let time = at.get("AtUtc").and_then(Json::as_str).and_then(iso_8601);
            time.map(Some).ok_or_else(|| is_not("expires", "`SessionEnd` or `AtUtc` with a time"))
        }
    }
}

pub(in crate::format) fn write(jar: &Jar, now: SystemTime) -> Exported {
    let (cookies, exported) = Exported::each(jar, Format::CookieStore, now, written);
    exported.with_text(format!("{:#}\n", Json::from(cookies)))
}

fn written(cookie: &CookieRecord<'_>) -> Result<Json, &'static str> {
    let kind = if cookie.host_only { "HostOnly" } else { "Suffix" };
    Ok(json!({
        "raw_cookie": raw_cookie(cookie)?,
        "path": [cookie.path, true],
        "domain": { kind: cookie.domain },
        "expires": match cookie.expires {
            Some(expires) => json!({ "AtUtc": to_iso_8601(whole(expires)) }),
            None => "SessionEnd".into(),
        },
    }))
}

/// Rounds down to seconds, as the `cookie_store` crate does.
fn whole(time: SystemTime) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(to_whole_seconds(time))
}

/// Returns the `Set-Cookie` line that would set the cookie.
fn raw_cookie(cookie: &CookieRecord<'_>) -> Result<String, &'static str> {
    let (name, value) = texts(cookie)?;
    if name.is_empty() {
        return Err(NAMELESS);
    }
    check_blanks(cookie)?;
    let mut line = format!("{name}={value}");
    if cookie.http_only {
        line.push_str("; HttpOnly");
    }
    if let Some(same_site) = cookie.same_site {
        line.push_str("; SameSite=");
        line.push_str(same_site.as_str());
    }
    if cookie.secure {
        line.push_str("; Secure");
    }
    line.push_str("; Path=");
    line.push_str(&cookie.path);
    if !cookie.host_only {
        line.push_str("; Domain=");
        line.push_str(&cookie.domain);
    }
    if let Some(date) = cookie.expires.and_then(http_date) {
        line.push_str("; Expires=");
        line.push_str(&date);
    }
    Ok(line)
}
