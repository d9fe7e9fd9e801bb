//! A cookie as the JSON of browsers and their tools has it, read in all its dialects.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use hardtack_core::cookie::SameSite;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use url::Url;

use crate::error::{Error, ErrorKind};
use crate::path::default_path;
use crate::record::CookieRecord;
use crate::site::PartitionKey;

/// What DevTools, Puppeteer, Playwright, WebDriver and extensions say; each says a part.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Read {
    name: String,
    value: String,
    domain: Option<String>,
    url: Option<String>,
    path: Option<String>,
    #[serde(default)]
    secure: bool,
    #[serde(default)]
    http_only: bool,
    /// DevTools, Playwright.
    expires: Option<f64>,
    /// Extensions.
    expiration_date: Option<f64>,
    /// WebDriver.
    expiry: Option<f64>,
    host_only: Option<bool>,
    same_site: Option<String>,
    /// A text, or an object of DevTools or Puppeteer.
    partition_key: Option<Json>,
    /// Playwright, beside a partition key that is a text.
    #[serde(rename = "_crHasCrossSiteAncestor", default)]
    has_cross_site_ancestor: bool,
}

impl Read {
    pub(super) fn record(&self, now: SystemTime) -> Result<CookieRecord<'_>, &'static str> {
        let url = self.url.as_deref().map(Url::parse).transpose().map_err(|_| "its `url` is no URL")?;
        let url_host = url.as_ref().and_then(Url::host_str);
        let domain = self.domain.as_deref().or(url_host).ok_or("it has neither `domain` nor `url`")?;
        let (dotted, domain) = match domain.strip_prefix('.') {
            Some(domain) => (true, domain),
            None => (false, domain),
        };
        let mut record = CookieRecord::new(&self.name, &self.value, "", now);
        record.domain = domain.to_owned().into();
        record.host_only = self.host_only.unwrap_or(!dotted);
        record.path = match (&self.path, &url) {
            (Some(path), _) => Cow::Borrowed(path),
            (None, Some(url)) => default_path(url.path()).to_owned().into(),
            (None, None) => "/".into(),
        };
        record.secure = self.secure;
        record.http_only = self.http_only;
        record.same_site = self.same_site.as_deref().and_then(read_same_site);
        let expires = self.expires.or(self.expiration_date).or(self.expiry);
        // Below zero it lives as long as the browser runs.
        record.expires = expires.filter(|seconds| *seconds >= 0.0).map(from_seconds);
        record.partition = self.partition()?;
        Ok(record)
    }

    fn partition(&self) -> Result<Option<PartitionKey>, &'static str> {
        const BAD: &str = "its `partitionKey` names no site";
        let (site, ancestor) = match &self.partition_key {
            None | Some(Json::Null) => return Ok(None),
            Some(Json::String(site)) => (site.as_str(), self.has_cross_site_ancestor),
            Some(object) => {
                let site =
                    [&object["topLevelSite"], &object["sourceOrigin"]].into_iter().find_map(Json::as_str);
                (site.ok_or(BAD)?, object["hasCrossSiteAncestor"] == true)
            }
        };
        let key = PartitionKey::new(site.parse().map_err(|_| BAD)?);
        Ok(Some(if ancestor { key.with_cross_site_ancestor() } else { key }))
    }
}

/// Extensions have words of their own; what is unknown is as if nothing were said.
fn read_same_site(word: &str) -> Option<SameSite> {
    if word.eq_ignore_ascii_case("no_restriction") { Some(SameSite::None) } else { word.parse().ok() }
}

/// A cookie as DevTools and Playwright write it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Written<'a> {
    name: &'a str,
    value: &'a str,
    domain: String,
    path: &'a str,
    expires: Json,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<usize>,
    http_only: bool,
    secure: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    same_site: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partition_key: Option<Json>,
    #[serde(rename = "_crHasCrossSiteAncestor", skip_serializing_if = "Option::is_none")]
    has_cross_site_ancestor: Option<bool>,
}

/// Whose JSON it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    DevTools,
    Playwright,
}

impl<'a> Written<'a> {
    /// `None` for what JSON cannot hold.
    pub(super) fn of(cookie: &'a CookieRecord<'_>, dialect: Dialect) -> Option<Self> {
        let name = str::from_utf8(&cookie.name).ok()?;
        let value = str::from_utf8(&cookie.value).ok()?;
        let is_devtools = dialect == Dialect::DevTools;
        let key = cookie.partition.as_ref();
        let ancestor = key.is_some_and(PartitionKey::has_cross_site_ancestor);
        Some(Self {
            name,
            value,
            domain: format!("{}{}", if cookie.host_only { "" } else { "." }, cookie.domain),
            path: &cookie.path,
            expires: cookie.expires.map_or_else(|| Json::from(-1), to_seconds),
            size: is_devtools.then_some(name.len() + value.len()),
            http_only: cookie.http_only,
            secure: cookie.secure,
            session: is_devtools.then_some(cookie.expires.is_none()),
            // Playwright wants a word, and Chromium's default is this one.
            same_site: match cookie.same_site {
                Some(same_site) => Some(same_site.as_str()),
                None => (!is_devtools).then_some("Lax"),
            },
            partition_key: key.map(|key| {
                let site = key.site().to_string();
                if is_devtools {
                    serde_json::json!({ "topLevelSite": site, "hasCrossSiteAncestor": ancestor })
                } else {
                    site.into()
                }
            }),
            has_cross_site_ancestor: (!is_devtools && ancestor).then_some(true),
        })
    }
}

/// Why a cookie has no place in JSON.
pub(super) const NOT_UTF8: &str = "it is not UTF-8, which JSON has to be";

pub(super) fn from_json<'a, T: Deserialize<'a>>(text: &'a [u8], what: &'static str) -> Result<T, Error> {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    serde_json::from_slice(text).map_err(|error| {
        // The error's own text may quote the file.
        let place = format!("{what}; it is not at line {}, column {}", error.line(), error.column());
        Error::new(ErrorKind::Format, place)
    })
}

/// Seconds with a fraction; what is beyond the year 9999 counts as that.
fn from_seconds(seconds: f64) -> SystemTime {
    let micros = (seconds.min(253_402_300_799.0) * 1e6).round();
    SystemTime::UNIX_EPOCH + Duration::from_micros(micros as u64)
}

fn to_seconds(time: SystemTime) -> Json {
    let micros = time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_micros());
    match u64::try_from(micros) {
        Ok(micros) if micros % 1_000_000 == 0 => Json::from(micros / 1_000_000),
        _ => Json::from(micros as f64 / 1e6),
    }
}
