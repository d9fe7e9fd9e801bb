//! Reads and writes the cookies in Playwright's storage state. Other data that pages stored is preserved.
//!
//! ```json
//! {"cookies": [{"name": "id", "value": "a3fWa", "domain": "example.com", "path": "/", "expires": -1, "httpOnly": true,
//!   "secure": true, "sameSite": "Lax"}], "origins": []}
//! ```

use std::time::SystemTime;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};

use super::cookie::{self, dotted_domain, read_each, texts};
use super::members::{from_json, rest_of, with_rest};
use super::time::to_seconds;
use crate::cookie::CookieRecord;
use crate::error::Error;
use crate::format::parsed_file::ParsedFile;
use crate::format::{Exported, Format};
use crate::jar::Jar;

#[derive(Deserialize)]
struct State<'a> {
    #[serde(borrow)]
    cookies: Vec<&'a RawValue>,
}

pub(in crate::format) fn read(text: &[u8], now: SystemTime) -> Result<ParsedFile<'static>, Error> {
    const WHAT: &str = "this is not a storage state, a JSON object with an array `cookies`";
    let state: State<'_> = from_json(text, WHAT)?;
    let mut parsed = ParsedFile::default();
    parsed.rest = Some(rest_of(text, WHAT)?);
    read_each(&mut parsed, &state.cookies, |members| cookie::read(members, now));
    Ok(parsed)
}

pub(in crate::format) fn write(jar: &Jar, rest: Option<&str>, now: SystemTime) -> Result<Exported, Error> {
    let (cookies, exported) = Exported::each(jar, Format::Playwright, now, written);
    Ok(exported.with_text(with_rest(rest.unwrap_or(r#"{"origins":[]}"#), cookies)?))
}

fn written(cookie: &CookieRecord<'_>) -> Result<Json, &'static str> {
    let (name, value) = texts(cookie)?;
    let mut written = json!({
        "name": name,
        "value": value,
        "domain": dotted_domain(cookie),
        "path": cookie.path,
        "expires": cookie.expires.map_or(Json::from(-1), to_seconds),
        "httpOnly": cookie.http_only,
        "secure": cookie.secure,
        // Playwright requires a value. `Lax` is Chromium's default.
        "sameSite": cookie.same_site.map_or("Lax", |same_site| same_site.as_str()),
    });
    if let Some(key) = &cookie.partition {
        written["partitionKey"] = key.site().to_string().into();
        // Without this member, Playwright assumes true.
        written["_crHasCrossSiteAncestor"] = key.has_cross_site_ancestor().into();
    }
    Ok(written)
}
