//! Everything that a jar knows, as JSON.
//!
//! ```json
//! {"hardtack-jar": 1, "cookies": [{
//!   "name": "id", "value": "a3fWa", "domain": "example.com", "hostOnly": true, "path": "/",
//!   "secure": true, "httpOnly": true, "sameSite": "Lax",
//!   "expires": 1700000000000000, "created": 1690000000000000, "updated": 1690000000000000,
//!   "lastAccess": 1695000000000000}]}
//! ```
//!
//! Times are microseconds from the start of 1970. Bytes that are no UTF-8 are `{"base64url": "…"}`.

use std::borrow::Cow;
use std::time::SystemTime;

use hardtack_core::base64;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::browser_json::from_json;
use super::reading::Reading;
use super::transfer::{Exported, LeftOut, Place, live};
use crate::error::{Error, ErrorKind};
use crate::jar::Jar;
use crate::micros::Micros;
use crate::record::CookieRecord;
use crate::site::PartitionKey;

const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct File<C> {
    #[serde(rename = "hardtack-jar")]
    version: u32,
    cookies: Vec<C>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cookie<'a> {
    name: Text,
    value: Text,
    domain: Cow<'a, str>,
    host_only: bool,
    path: Cow<'a, str>,
    secure: bool,
    http_only: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    same_site: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    partition: Option<Partition>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<i64>,
    created: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    updated: Option<i64>,
    last_access: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Partition {
    site: String,
    cross_site_ancestor: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Text {
    Utf8(String),
    Bytes { base64url: String },
}

/// Only the beginning is looked at.
pub(super) fn is_whole(text: &[u8]) -> bool {
    text.strip_prefix(b"{").is_some_and(|rest| rest.trim_ascii_start().starts_with(b"\"hardtack-jar\""))
}

pub(super) fn read(text: &[u8]) -> Result<Reading<'static>, Error> {
    let file: File<Box<RawValue>> = from_json(text, "this should be a jar that hardtack-jar wrote")?;
    if file.version != VERSION {
        return Err(Error::new(
            ErrorKind::Format,
            "a newer hardtack-jar wrote this jar: read it with that one",
        ));
    }
    let mut reading = Reading::default();
    for (index, raw) in file.cookies.iter().enumerate() {
        let place = Place::Cookie(index + 1);
        let cookie = serde_json::from_str::<Cookie<'_>>(raw.get()).ok();
        match cookie.as_ref().and_then(Cookie::record) {
            Some(record) => reading.record(place, record.into_owned(), Vec::new()),
            None => reading.unreadable(place, "it has not the members of a cookie"),
        }
    }
    Ok(reading)
}

pub(super) fn write(jar: &Jar, now: SystemTime) -> Exported {
    let (mut cookies, mut left_out) = (Vec::new(), Vec::new());
    for (number, record) in live(jar, now) {
        match serde_json::value::to_raw_value(&Cookie::of(&record)) {
            Ok(cookie) => cookies.push(cookie),
            Err(_) => left_out.push(LeftOut::unwritable(number, &record, "it cannot be written as JSON")),
        }
    }
    // A line for each, for who compares two files.
    let mut text = format!("{{\"hardtack-jar\": {VERSION}, \"cookies\": [");
    for (index, cookie) in cookies.iter().enumerate() {
        text.push_str(if index == 0 { "\n" } else { ",\n" });
        text.push_str(cookie.get());
    }
    text.push_str("\n]}\n");
    Exported { text: text.into_bytes(), left_out }
}

impl<'a> Cookie<'a> {
    fn of(record: &'a CookieRecord<'_>) -> Self {
        Self {
            name: Text::of(&record.name),
            value: Text::of(&record.value),
            domain: Cow::Borrowed(&record.domain),
            host_only: record.host_only,
            path: Cow::Borrowed(&record.path),
            secure: record.secure,
            http_only: record.http_only,
            same_site: record.same_site.map(|same_site| same_site.as_str().into()),
            partition: record.partition.as_ref().map(|key| Partition {
                site: key.site().to_string(),
                cross_site_ancestor: key.has_cross_site_ancestor(),
            }),
            expires: record.expires.map(|expires| Micros::of(expires).0),
            created: Micros::of(record.created).0,
            updated: record.updated.map(|updated| Micros::of(updated).0),
            last_access: Micros::of(record.last_access).0,
        }
    }

    fn record(&self) -> Option<CookieRecord<'_>> {
        let partition = match &self.partition {
            None => None,
            Some(partition) => {
                let key = PartitionKey::new(partition.site.parse().ok()?);
                Some(if partition.cross_site_ancestor { key.with_cross_site_ancestor() } else { key })
            }
        };
        Some(CookieRecord {
            name: self.name.bytes()?,
            value: self.value.bytes()?,
            domain: Cow::Borrowed(&self.domain),
            host_only: self.host_only,
            path: Cow::Borrowed(&self.path),
            secure: self.secure,
            http_only: self.http_only,
            same_site: self.same_site.as_deref().map(str::parse).transpose().ok()?,
            partition,
            expires: self.expires.map(|expires| Micros(expires).time()),
            created: Micros(self.created).time(),
            updated: self.updated.map(|updated| Micros(updated).time()),
            last_access: Micros(self.last_access).time(),
        })
    }
}

impl Text {
    fn of(bytes: &[u8]) -> Self {
        match str::from_utf8(bytes) {
            Ok(text) => Self::Utf8(text.to_owned()),
            Err(_) => Self::Bytes { base64url: base64::encode_url(bytes) },
        }
    }

    fn bytes(&self) -> Option<Cow<'_, [u8]>> {
        match self {
            Self::Utf8(text) => Some(text.as_bytes().into()),
            Self::Bytes { base64url } => base64::decode_url(base64url.as_bytes()).map(Cow::Owned),
        }
    }
}
