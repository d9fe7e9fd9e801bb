use std::time::{Duration, SystemTime};

use hardtack_core::cookie::werkzeug::DumpCookie;
use hardtack_core::cookie::{SetCookie, http_date};
use hardtack_core::{Error, ErrorKind};
use http::HeaderValue;

/// The session's cookie: its name, and its attributes rendered once.
#[derive(Debug)]
pub(crate) struct SessionCookie {
    pub(crate) name: Box<str>,
    /// What stands before an expiry.
    domain: Box<str>,
    /// What stands behind it.
    attributes: Box<str>,
    removal: HeaderValue,
}

/// How long the browser is told to keep the cookie. It never enforces anything.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expiry {
    /// As long as the browser runs.
    Browser,
    /// `Max-Age`.
    After(Duration),
    /// `Expires`, as Flask writes it.
    At(SystemTime),
}

impl SessionCookie {
    /// # Errors
    ///
    /// If a browser would refuse a cookie with this name and these attributes.
    pub(crate) fn new(cookie: SetCookie, name: &str, domain: Option<&str>) -> Result<Self, Error> {
        let attributes = cookie.attributes()?;
        let whole = domain.map(|domain| cookie.domain(domain).attributes()).transpose()?;
        Self::of(name, attributes, whole)
    }

    /// Flask writes whatever it is told, so for Flask's sake nothing is refused but what no header can hold.
    ///
    /// # Errors
    ///
    /// If a header cannot hold it.
    pub(crate) fn like_flask(cookie: DumpCookie, name: &str, domain: Option<&str>) -> Result<Self, Error> {
        let behind = |header: String| header.get(name.len() + 1..).unwrap_or_default().to_owned();
        let attributes = behind(cookie.to_header()?);
        let whole = domain.map(|domain| cookie.domain(domain).to_header().map(behind)).transpose()?;
        Self::of(name, attributes, whole)
    }

    /// `Domain` comes first of all attributes, so that it is what the others are short of.
    fn of(name: &str, attributes: String, whole: Option<String>) -> Result<Self, Error> {
        let whole = whole.unwrap_or_default();
        let domain = whole.strip_suffix(attributes.as_str()).unwrap_or_default();
        let removal =
            format!("{name}={domain}; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0{attributes}");
        let removal = HeaderValue::try_from(removal).map_err(|error| {
            Error::new(ErrorKind::Cookie, "the session cookie's name or attributes do not fit into a header")
                .with_source(error)
        })?;
        Ok(Self { name: name.into(), domain: domain.into(), attributes: attributes.into(), removal })
    }

    /// The `Set-Cookie` that sets it; `value` is base64url and dots, which every cookie can hold.
    pub(crate) fn set(&self, value: &str, expiry: Expiry) -> Option<HeaderValue> {
        let expiry = match expiry {
            Expiry::Browser => String::new(),
            Expiry::After(age) => format!("; Max-Age={}", age.as_secs()),
            Expiry::At(time) => format!("; Expires={}", http_date(time).unwrap_or_default()),
        };
        let header = [&self.name, "=", value, &self.domain, &expiry, &self.attributes].concat();
        HeaderValue::try_from(header).ok()
    }

    /// The `Set-Cookie` that removes it, with the attributes it was set with.
    pub(crate) fn removal(&self) -> HeaderValue {
        self.removal.clone()
    }

    /// The bytes that browsers count: name and value (RFC 6265bis, section 5.6).
    pub(crate) fn size(&self, value: &str) -> usize {
        self.name.len() + value.len()
    }
}
