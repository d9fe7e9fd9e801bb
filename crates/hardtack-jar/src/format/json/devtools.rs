//! Reads and writes an array of cookies, as in the DevTools protocol and Puppeteer.
//!
//! ```json
//! [{"name": "id", "value": "a3fWa", "domain": ".example.com", "path": "/", "expires": 1813210903.5, "size": 7,
//!   "httpOnly": true, "secure": true, "session": false, "sameSite": "Lax"}]
//! ```

use std::time::SystemTime;

use serde_json::value::RawValue;
use serde_json::{Value as Json, json};

use super::cookie::{self, dotted_domain, partition_object, read_each, texts};
use super::members::from_json;
use super::time::to_seconds;
use crate::cookie::CookieRecord;
use crate::error::Error;
use crate::format::parsed_file::ParsedFile;
use crate::format::{Exported, Format};
use crate::jar::Jar;

pub(in crate::format) fn read(text: &[u8], now: SystemTime) -> Result<ParsedFile<'static>, Error> {
    let cookies: Vec<&RawValue> = from_json(text, "this is not a JSON array of cookies")?;
    let mut parsed = ParsedFile::default();
    read_each(&mut parsed, &cookies, |members| cookie::read(members, now));
    Ok(parsed)
}

pub(in crate::format) fn write(jar: &Jar, now: SystemTime) -> Exported {
    let (cookies, exported) = Exported::each(jar, Format::DevTools, now, written);
    exported.with_text(format!("{:#}\n", Json::from(cookies)))
}

fn written(cookie: &CookieRecord<'_>) -> Result<Json, &'static str> {
    let (name, value) = texts(cookie)?;
    let mut written = json!({
        "name": name,
        "value": value,
        "domain": dotted_domain(cookie),
        "path": cookie.path,
        "expires": cookie.expires.map_or(Json::from(-1), to_seconds),
        "size": name.len() + value.len(),
        "httpOnly": cookie.http_only,
        "secure": cookie.secure,
        "session": cookie.expires.is_none(),
    });
    if let Some(same_site) = cookie.same_site {
        written["sameSite"] = same_site.as_str().into();
    }
    if let Some(key) = &cookie.partition {
        let mut object = partition_object(key);
        // Puppeteer uses this name for the site, and refuses all cookies if it is missing.
        object["sourceOrigin"] = object["topLevelSite"].clone();
        written["partitionKey"] = object;
    }
    Ok(written)
}
