use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::Error;

/// A cookie as the browser keeps it, with everything that its developer tools show.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BrowserCookie {
    /// Its name.
    pub name: String,
    /// Its value, as it goes over the wire.
    pub value: String,
    /// The host it belongs to; with a dot in front also the hosts below it.
    pub domain: String,
    /// The path it is sent to, and those below it.
    pub path: String,
    /// When it expires; `None` for one that ends with the browser.
    pub expires: Option<SystemTime>,
    /// The bytes of name and value.
    pub size: usize,
    /// Whether scripts cannot see it.
    pub http_only: bool,
    /// Whether it goes over secure connections only.
    pub secure: bool,
    /// What was said of requests from other sites; `None` if nothing was, which is as Lax.
    pub same_site: Option<SameSite>,
    /// The site in whose frames it lives, if it was set `Partitioned`.
    pub partition: Option<String>,
    /// Whether, if it is partitioned, it was set in a frame with a page of another site around it.
    pub cross_site_ancestor: bool,
}

/// Which requests from other sites carry a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum SameSite {
    /// None of them.
    Strict,
    /// Those that lead a person here.
    Lax,
    /// All of them.
    None,
}

/// As the protocol has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
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
    /// Reads the answer to `Storage.getCookies` or `Network.getCookies`.
    pub(crate) fn list(mut answer: Value) -> Result<Vec<Self>, Error> {
        let cookies: Vec<Wire> = serde_json::from_value(answer["cookies"].take())
            .map_err(|error| Error::unreadable("the list of cookies", error))?;
        let mut cookies: Vec<_> = cookies.into_iter().map(Self::from).collect();
        cookies.sort_by(|a, b| (&a.domain, &a.path, &a.name).cmp(&(&b.domain, &b.path, &b.name)));
        Ok(cookies)
    }

    /// As `Storage.setCookies` wants it.
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

impl From<Wire> for BrowserCookie {
    fn from(wire: Wire) -> Self {
        let since = if wire.session { None } else { Duration::try_from_secs_f64(wire.expires).ok() };
        Self {
            name: wire.name,
            value: wire.value,
            domain: wire.domain,
            path: wire.path,
            expires: since.and_then(|since| SystemTime::UNIX_EPOCH.checked_add(since)),
            size: wire.size,
            http_only: wire.http_only,
            secure: wire.secure,
            same_site: wire.same_site,
            cross_site_ancestor: wire.partition_key.as_ref().is_some_and(|key| key.has_cross_site_ancestor),
            partition: wire.partition_key.map(|key| key.top_level_site),
        }
    }
}
