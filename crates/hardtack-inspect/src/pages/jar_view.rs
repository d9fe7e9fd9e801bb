use std::time::SystemTime;

use hardtack_jar::StoredCookie;
use serde::Serialize;

use crate::exchanges::VisitorLabel;
use crate::format::{duration_text, millis};
use crate::pages::visitor_selection::VisitorSelection;
use crate::redact::{CookieRedactor, RedactedValue, redact_path};
use crate::state::{Visitor, Visitors};

/// The cookie jar of a browser as developer tools show it, reconstructed from the responses that the browser received.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct JarView {
    /// The browser to which the jar belongs.
    pub visitor: VisitorLabel,
    /// The cookies that were set, oldest first, and then the cookies that were received but never set.
    pub cookies: Vec<JarCookie>,
    /// The total size of the names and values in bytes.
    pub size: usize,
}

/// A cookie in a jar.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct JarCookie {
    /// The name.
    pub name: String,
    /// The value.
    pub value: RedactedValue,
    /// Whether the cookie was set while the inspector was running. Otherwise only its name and size are known.
    pub was_set: bool,
    /// Whether the cookie was missing from the last request that should have contained it. The browser may have lost
    /// the cookie.
    pub is_missing: bool,
    /// The host of the cookie, with a leading dot if subdomains are included.
    pub domain: String,
    /// The path of the cookie, or `/…` if values are redacted and the path is derived from the URL of the request that
    /// set the cookie.
    pub path: String,
    /// The time until the cookie expires, such as `23 h 12 min`, or `None` if the cookie lasts until the browser
    /// closes.
    pub expires: Option<String>,
    /// When the cookie expires, in milliseconds since 1970, or `None` if `expires` is `None`.
    pub until: Option<u64>,
    /// The size of the name and value in bytes.
    pub size: usize,
    /// Whether the cookie is hidden from scripts.
    pub http_only: bool,
    /// Whether the cookie is sent only over encrypted connections.
    pub secure: bool,
    /// The value of the cookie's `SameSite` attribute (`Strict`, `Lax`, or `None`), if it has one.
    pub same_site: Option<&'static str>,
    /// The top-level site of the cookie's partition, if it is partitioned.
    pub partition: Option<String>,
}

impl JarView {
    /// Returns the jars of the selected browsers, except empty jars.
    pub(super) fn all(
        visitors: &Visitors,
        selection: VisitorSelection,
        redactor: &CookieRedactor,
    ) -> Vec<Self> {
        let now = SystemTime::now();
        let selected = visitors.iter().filter(|visitor| selection.includes(visitor.label.number));
        let jars = selected.map(|visitor| Self::new(visitor, redactor, now));
        jars.filter(|jar| !jar.cookies.is_empty()).collect()
    }

    pub(crate) fn new(visitor: &Visitor, redactor: &CookieRedactor, now: SystemTime) -> Self {
        let stored = visitor.jar.iter().filter(|cookie| cookie.expires().is_none_or(|expires| expires > now));
        let stored = stored.map(|cookie| JarCookie::stored(cookie, visitor, redactor, now));
        let unknown = visitor.unknown_cookies.iter().map(|(name, length)| JarCookie::unknown(name, *length));
        let cookies: Vec<_> = stored.chain(unknown).collect();
        Self { visitor: visitor.label.clone(), size: cookies.iter().map(|cookie| cookie.size).sum(), cookies }
    }
}

impl JarCookie {
    fn stored(cookie: &StoredCookie, visitor: &Visitor, redactor: &CookieRedactor, now: SystemTime) -> Self {
        let name = String::from_utf8_lossy(cookie.name()).into_owned();
        let left = cookie.expires().and_then(|expires| expires.duration_since(now).ok());
        let shows_path = redactor.redaction().shows_values() || !visitor.default_path_cookies.contains(&name);
        Self {
            value: redactor.redact(&name, cookie.value()),
            name,
            was_set: true,
            is_missing: visitor.missing_cookies.contains(cookie.name()),
            domain: if cookie.is_host_only() {
                cookie.domain().to_owned()
            } else {
                format!(".{}", cookie.domain())
            },
            path: if shows_path { cookie.path() } else { redact_path(cookie.path()) }.to_owned(),
            expires: left.map(|left| duration_text(left.as_secs())),
            until: cookie.expires().map(millis),
            size: cookie.name().len() + cookie.value().len(),
            http_only: cookie.is_http_only(),
            secure: cookie.is_secure(),
            same_site: cookie.same_site().map(|same_site| same_site.as_str()),
            partition: cookie.partition().map(|key| key.site().to_string()),
        }
    }

    /// Creates the entry of a cookie that was received but never set while the inspector was running. `length` is the
    /// length of the cookie's value.
    fn unknown(name: &str, length: usize) -> Self {
        Self {
            name: name.to_owned(),
            value: RedactedValue { kind: "text", length: Some(length), text: None, cut: 0 },
            was_set: false,
            is_missing: false,
            domain: String::new(),
            path: String::new(),
            expires: None,
            until: None,
            size: name.len() + length,
            http_only: false,
            secure: false,
            same_site: None,
            partition: None,
        }
    }
}
