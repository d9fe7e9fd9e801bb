use std::time::{Duration, SystemTime};

use super::check;
use super::prefix::Prefix;
use super::same_site::SameSite;
use super::werkzeug;
use crate::Error;
use crate::http_date::HttpDate;

/// All attributes after `name=value`, for cookies that are set and for cookies that are removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attributes {
    dialect: Dialect,
    pub(super) domain: Option<String>,
    pub(super) expires: Option<SystemTime>,
    pub(super) max_age: Option<Duration>,
    pub(super) secure: bool,
    pub(super) http_only: bool,
    pub(super) path: Option<String>,
    pub(super) same_site: Option<SameSite>,
    pub(super) partitioned: bool,
}

/// The style in which the attributes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Plain,
    Werkzeug,
}

impl Attributes {
    /// Creates the attributes `Path=/; SameSite=Lax`. Without a path, the scope of a cookie depends on the page that
    /// set it. Without `SameSite`, the behavior differs between browsers.
    pub(super) fn plain() -> Self {
        Self { dialect: Dialect::Plain, same_site: Some(SameSite::Lax), ..Self::werkzeug() }
    }

    /// Creates the attribute `Path=/`, like Werkzeug's `dump_cookie`.
    pub(super) fn werkzeug() -> Self {
        Self {
            dialect: Dialect::Werkzeug,
            domain: None,
            expires: None,
            max_age: None,
            secure: false,
            http_only: false,
            path: Some("/".to_owned()),
            same_site: None,
            partitioned: false,
        }
    }

    pub(super) fn set_path(&mut self, path: String) {
        self.path = Some(match self.dialect {
            Dialect::Plain => path,
            Dialect::Werkzeug => werkzeug::quote_path(&path),
        });
    }

    pub(super) fn set_domain(&mut self, domain: String) {
        self.domain = Some(match self.dialect {
            // Browsers strip one leading dot, which has no meaning (RFC 6265bis, section 5.6.3).
            Dialect::Plain => domain.strip_prefix('.').map(str::to_owned).unwrap_or(domain),
            // A domain that cannot be encoded is kept unchanged, so that `check` rejects it.
            Dialect::Werkzeug => werkzeug::encode_domain(&domain).unwrap_or(domain),
        });
    }

    pub(super) fn set_partitioned(&mut self) {
        self.partitioned = true;
        self.secure |= self.dialect == Dialect::Werkzeug;
    }

    /// Adds the attributes that browsers require for a cookie with this name and these attributes. In Werkzeug's
    /// dialect, adds nothing.
    pub(super) fn add_what_is_demanded(&mut self, name: &str) {
        if self.dialect == Dialect::Plain {
            let prefix = Prefix::of(name);
            self.secure |= prefix.is_some() || self.partitioned || self.same_site == Some(SameSite::None);
            self.http_only |= prefix.is_some_and(Prefix::is_http_only);
        }
    }

    /// Checks that browsers accept a cookie with this name and these attributes.
    pub(super) fn check(&self, name: &str) -> Result<(), Error> {
        check::path(name, self.path.as_deref())?;
        check::domain(name, self.domain.as_deref())?;
        check::expires(name, self.expires)?;
        self.check_flags(name)?;
        self.check_prefix(name)
    }

    /// Appends each attribute, preceded by `; `, in Werkzeug's order.
    pub(super) fn write(&self, out: &mut String) {
        let mut push = |parts: [&str; 2]| parts.into_iter().for_each(|part| out.push_str(part));
        if let Some(domain) = &self.domain {
            push(["; Domain=", domain]);
        }
        if let Some(date) = self.expires.and_then(HttpDate::from_time) {
            push(["; Expires=", &date.text()]);
        }
        if let Some(max_age) = self.max_age {
            push(["; Max-Age=", &max_age.as_secs().to_string()]);
        }
        if self.secure {
            push(["; Secure", ""]);
        }
        if self.http_only {
            push(["; HttpOnly", ""]);
        }
        if let Some(path) = &self.path {
            push(["; Path=", path]);
        }
        if let Some(same_site) = self.same_site {
            push(["; SameSite=", same_site.as_str()]);
        }
        if self.partitioned {
            push(["; Partitioned", ""]);
        }
    }

    /// Returns an upper estimate of the written length. A buffer with this capacity does not grow, unless `Max-Age` has
    /// more than eight digits.
    pub(super) fn size_hint(&self) -> usize {
        const FIXED: usize =
            "; Domain=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=34560000; Secure; HttpOnly; Path=\
                              ; SameSite=Strict; Partitioned"
                .len();
        FIXED + self.domain.as_ref().map_or(0, String::len) + self.path.as_ref().map_or(0, String::len)
    }

    /// Checks the attributes that require `Secure` (RFC 6265bis, section 5.7, and CHIPS).
    fn check_flags(&self, name: &str) -> Result<(), Error> {
        if !self.secure && self.same_site == Some(SameSite::None) {
            return Err(check::about(
                name,
                "has `SameSite=None` without `Secure`: add `.secure()`, or use `SameSite::Lax`",
            ));
        }
        if !self.secure && self.partitioned {
            return Err(check::about(name, "has `Partitioned` without `Secure`: add `.secure()`"));
        }
        Ok(())
    }

    /// Checks the attributes that the prefix of the name requires (RFC 6265bis, section 4.1.3).
    fn check_prefix(&self, name: &str) -> Result<(), Error> {
        let Some(prefix) = Prefix::of(name) else { return Ok(()) };
        let demand = |fix: &str| {
            Err(check::about(name, &format!("starts with `{}`, in any case: {fix}", prefix.as_str())))
        };
        if !self.secure {
            return demand("it needs `Secure`, so add `.secure()`");
        }
        if prefix.is_http_only() && !self.http_only {
            return demand("it needs `HttpOnly`, so add `.http_only()`");
        }
        if prefix.is_host_bound() && self.domain.is_some() {
            return demand("it cannot have a domain, so remove the domain or use `__Secure-`");
        }
        if prefix.is_host_bound() && self.path.as_deref() != Some("/") {
            return demand("it needs `Path=/`, so use `.path(\"/\")` or `__Secure-`");
        }
        Ok(())
    }
}
