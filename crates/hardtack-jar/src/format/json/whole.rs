//! Reads and writes all data about a jar's cookies as JSON.
//!
//! ```json
//! {"hardtack-jar": 1, "cookies": [{
//!   "name": "id", "value": "a3fWa", "domain": "example.com", "hostOnly": true, "path": "/",
//!   "secure": true, "httpOnly": true, "sameSite": "Lax",
//!   "expires": 1700000000000000, "created": 1690000000000000, "updated": 1690000000000000,
//!   "lastAccess": 1695000000000000}]}
//! ```
//!
//! Times are in microseconds since the Unix epoch. A name or value that is not UTF-8 is written as `{"base64url":
//! "…"}`.

use std::time::SystemTime;

use hardtack_core::base64;
use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::cookie::{ReadCookie, read_each};
use super::members::{Members, Problem, from_json, is_missing, is_not};
use crate::cookie::{CookieRecord, Micros};
use crate::error::{Error, ErrorKind};
use crate::format::parsed_file::ParsedFile;
use crate::format::{Exported, Format};
use crate::jar::{Jar, NEWER_VERSION, VERSION};
use crate::request::PartitionKey;

#[derive(Deserialize)]
struct File<'a> {
    #[serde(rename = "hardtack-jar")]
    version: u32,
    #[serde(borrow)]
    cookies: Vec<&'a RawValue>,
}

pub(in crate::format) fn read(text: &[u8]) -> Result<ParsedFile<'static>, Error> {
    let file: File<'_> = from_json(text, "this is not a jar that hardtack-jar wrote")?;
    if file.version != VERSION {
        return Err(Error::new(ErrorKind::Format, NEWER_VERSION));
    }
    let mut parsed = ParsedFile::default();
    read_each(&mut parsed, &file.cookies, read_cookie);
    Ok(parsed)
}

fn read_cookie(members: &Members) -> Result<ReadCookie, Problem> {
    let time = |name: &str| Ok::<_, Problem>(members.integer(name)?.map(|micros| Micros(micros).time()));
    let required_time = |name: &str| time(name)?.ok_or_else(|| is_missing(name));
    let required_flag = |name: &str| members.flag(name)?.ok_or_else(|| is_missing(name));
    let record = CookieRecord {
        name: bytes(members, "name")?.into(),
        value: bytes(members, "value")?.into(),
        domain: members.required_text("domain")?.to_owned().into(),
        host_only: required_flag("hostOnly")?,
        path: members.required_text("path")?.to_owned().into(),
        secure: required_flag("secure")?,
        http_only: required_flag("httpOnly")?,
        same_site: members
            .text("sameSite")?
            .map(|word| word.parse().map_err(|_| is_not("sameSite", "Strict, Lax, or None")))
            .transpose()?,
        partition: partition(members)?,
        expires: time("expires")?,
        created: required_time("created")?,
        updated: time("updated")?,
        last_access: required_time("lastAccess")?,
    };
    Ok((record, Vec::new()))
}

fn partition(members: &Members) -> Result<Option<PartitionKey>, Problem> {
    let Some(partition) = members.get("partition") else { return Ok(None) };
    let site = partition.get("site").and_then(Json::as_str).and_then(|site| site.parse().ok());
    let key = PartitionKey::new(site.ok_or_else(|| is_not("partition", "an object with a `site`"))?);
    let has_ancestor = partition.get("crossSiteAncestor") == Some(&Json::Bool(true));
    Ok(Some(if has_ancestor { key.with_cross_site_ancestor() } else { key }))
}

fn bytes(members: &Members, name: &str) -> Result<Vec<u8>, Problem> {
    match members.get(name).ok_or_else(|| is_missing(name))? {
        Json::String(text) => Ok(text.clone().into_bytes()),
        object => {
            let text = object.get("base64url").and_then(Json::as_str);
            let bytes = text.and_then(|text| base64::decode_url(text.as_bytes()));
            bytes.ok_or_else(|| is_not(name, "text or base64url"))
        }
    }
}

pub(in crate::format) fn write(jar: &Jar, now: SystemTime) -> Exported {
    let (cookies, exported) = Exported::each(jar, Format::Whole, now, |record| {
        serde_json::to_string(record).map_err(|_| "it cannot be written as JSON")
    });
    // Write one line per cookie, so that line-based tools can compare two files.
    let mut text = format!("{{\"hardtack-jar\": {VERSION}, \"cookies\": [");
    for (index, cookie) in cookies.iter().enumerate() {
        text.push_str(if index == 0 { "\n" } else { ",\n" });
        text.push_str(cookie);
    }
    text.push_str("\n]}\n");
    exported.with_text(text)
}
