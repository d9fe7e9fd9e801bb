//! Reads and writes the cookies in an HTTPie session. The session's headers and authentication are preserved.
//!
//! ```json
//! {"__meta__": {"about": "HTTPie session file", "httpie": "3.2.4"}, "auth": {}, "headers": [], "cookies": [
//!   {"name": "id", "value": "a3fWa", "domain": "example.com", "path": "/", "secure": true, "expires": null}]}
//! ```
//!
//! Before HTTPie 3.1, `cookies` is an object:
//! `{"id": {"value": "a3fWa", "path": "/", "secure": true, "expires": null}}`.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};

use super::cookie::{ReadCookie, dotted, read_each, take, texts};
use super::members::{Members, Problem, from_json, rest_of, with_rest};
use super::time::{Expiration, read_expiration, to_whole_seconds};
use crate::cookie::CookieRecord;
use crate::error::Error;
use crate::format::attribute::implies_http_only;
use crate::format::exported::NAMELESS;
use crate::format::left_out::Position;
use crate::format::parsed_file::ParsedFile;
use crate::format::written_host::{python_host, read_host};
use crate::format::{Exported, Format, Import};
use crate::jar::Jar;

#[derive(Deserialize)]
struct Session<'a> {
    #[serde(borrow)]
    cookies: &'a RawValue,
}

pub(in crate::format) fn read(
    text: &[u8],
    import: &Import<'_>,
    now: SystemTime,
) -> Result<ParsedFile<'static>, Error> {
    const WHAT: &str = "this is not a session of HTTPie, a JSON object with `cookies`";
    let session: Session<'_> = from_json(text, WHAT)?;
    let mut parsed = ParsedFile::default();
    parsed.rest = Some(rest_of(text, WHAT)?);
    let cookies = session.cookies.get().as_bytes();
    if cookies.starts_with(b"{") {
        let by_name: BTreeMap<String, &RawValue> = from_json(cookies, WHAT)?;
        for (index, (name, cookie)) in by_name.iter().enumerate() {
            let position = Position::Cookie(index + 1);
            let read = |members: &Members| read_cookie(members, Some(name), import, now);
            take(&mut parsed, position, Members::of(cookie), Some(name), read);
        }
    } else {
        let cookies: Vec<&RawValue> = from_json(cookies, WHAT)?;
        read_each(&mut parsed, &cookies, |members| read_cookie(members, None, import, now));
    }
    Ok(parsed)
}

fn read_cookie(
    members: &Members,
    name: Option<&str>,
    import: &Import<'_>,
    now: SystemTime,
) -> Result<ReadCookie, Problem> {
    let name = name.map_or_else(|| members.required_text("name"), Ok)?;
    let domain = members.text("domain")?.filter(|domain| !domain.is_empty());
    let host = domain.or_else(|| import.origin_request().map(|request| request.host())).ok_or(
        "`domain` is empty, so it belongs to the host of the session: set its URL with `Import::origin`",
    )?;
    let host = read_host(host);
    let mut record = CookieRecord::new(name, members.required_text("value")?, "", now);
    record.domain = host.host;
    record.host_only = !host.dotted;
    record.path = members.text("path")?.unwrap_or("/").into();
    record.secure = members.flag("secure")?.unwrap_or_default();
    record.http_only = implies_http_only(name.as_bytes());
    record.expires =
        match members.get("expires").map(|member| read_expiration("expires", member)).transpose()? {
            Some(Expiration::At(time)) => Some(time),
            None | Some(Expiration::Session | Expiration::Zero) => None,
        };
    Ok((record.into_owned(), host.adjustment.into_iter().collect()))
}

pub(in crate::format) fn write(jar: &Jar, rest: Option<&str>, now: SystemTime) -> Result<Exported, Error> {
    const REST: &str = r#"{"__meta__":{"about":"HTTPie session file","help":"https://httpie.io/docs#sessions","httpie":"3.2.4"},"auth":{"password":null,"type":null,"username":null},"headers":[]}"#;
    let (cookies, exported) = Exported::each(jar, Format::Httpie, now, written);
    Ok(exported.with_text(with_rest(rest.unwrap_or(REST), cookies)?))
}

fn written(cookie: &CookieRecord<'_>) -> Result<Json, &'static str> {
    let (name, value) = texts(cookie)?;
    if name.is_empty() {
        return Err(NAMELESS);
    }
    Ok(json!({
        "name": name,
        "value": value,
        "domain": dotted(cookie, &python_host(&cookie.domain)),
        "path": cookie.path,
        "secure": cookie.secure,
        "expires": cookie.expires.map(to_whole_seconds),
    }))
}
