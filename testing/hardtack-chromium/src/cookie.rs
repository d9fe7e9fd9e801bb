use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::Error;

/// A cookie as the browser stores it, with all the properties that the developer tools show.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BrowserCookie {
    /// The name of the cookie.
    pub name: String,
    /// The value as it is sent.
    pub value: String,
    /// The host to which the cookie is sent. With a leading dot, the cookie is also sent to subdomains.
    pub domain: String,
    /// The path to which the cookie is sent, including the paths below it.
    pub path: String,
    /// When the cookie expires, or `None` for a session cookie.
    pub expires: Option<SystemTime>,
    /// The size of the name and the value in bytes.
    pub size: usize,
    /// Whether the cookie is hidden from scripts (`HttpOnly`).
    pub http_only: bool,
    /// Whether the cookie is sent only over secure connections (`Secure`).
    pub secure: bool,
    /// The `SameSite` attribute, or `None` if the cookie does not have it, which means Lax.
    pub same_site: Option<SameSite>,
    /// The top-level site of the cookie's partition, if it was set with `Partitioned`.
    pub partition: Option<String>,
    /// For a partitioned cookie, whether it was set in a frame that is inside a page on another site.
    pub cross_site_ancestor: bool,
}

/// The cross-site requests with which a cookie is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum SameSite {
    /// No cross-site requests.
    Strict,
    /// Top-level navigations.
    Lax,
    /// All requests.
    None,
}

/// A cookie in the format of the DevTools protocol.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProtocolCookie {
    name: String,
    value: String,
    domain: String,
    path: String,
    expires: f64,
    size: usize,
    http_only: bool,
    secure: bool,
    session: bool,
    same_site: Option<SameSite>,
    partition_key: Option<PartitionKey>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PartitionKey {
    top_level_site: String,
    has_cross_site_ancestor: bool,
}

impl BrowserCookie {
    /// Parses the answer to `Storage.getCookies` or `Network.getCookies`.
    pub(crate) fn list(mut answer: Value) -> Result<Vec<Self>, Error> {
        let cookies: Vec<ProtocolCookie> = serde_json::from_value(answer["cookies"].take())
            .map_err(|error| Error::unreadable("the list of cookies", error))?;
        let mut cookies: Vec<_> = cookies.into_iter().map(Self::from).collect();
        cookies.sort_by(|a, b| (&a.domain, &a.path, &a.name).cmp(&(&b.domain, &b.path, &b.name)));
        Ok(cookies)
    }

    /// Converts the cookie to a parameter of `Storage.setCookies`.
    pub(crate) fn to_param(&self, url: &str) -> Value {
        let mut param = json!({
            "url": url,
            "name": self.name,
            "value": self.value,
            "path": self.path,
            "secure": self.secure,
            "httpOnly": self.http_only,
        });
        if self.domain.starts_with('.') {
            param["domain"] = self.domain.as_str().into();
        }
        if let Some(same_site) = self.same_site {
            param["sameSite"] = format!("{same_site:?}").into();
        }
        if let Some(Ok(since)) = self.expires.map(|expires| expires.duration_since(SystemTime::UNIX_EPOCH)) {
            param["expires"] = since.as_secs_f64().into();
        }
        if let Some(site) = &self.partition {
            param["partitionKey"] =
                json!({ "topLevelSite": site, "hasCrossSiteAncestor": self.cross_site_ancestor });
        }
        param
    }
}

impl From<ProtocolCookie> for BrowserCookie {
    fn from(cookie: ProtocolCookie) -> Self {
        let since = if cookie.session { None } else { Duration::try_from_secs_f64(cookie.expires).ok() };
        Self {
            name: cookie.name,
            value: cookie.value,
            domain: cookie.domain,
            path: cookie.path,
            expires: since.and_then(|since| SystemTime::UNIX_EPOCH.checked_add(since)),
            size: cookie.size,
            http_only: cookie.http_only,
            secure: cookie.secure,
            same_site: cookie.same_site,
            cross_site_ancestor: cookie.partition_key.as_ref().is_some_and(|key| key.has_cross_site_ancestor),
            partition: cookie.partition_key.map(|key| key.top_level_site),
        }
    }
}
