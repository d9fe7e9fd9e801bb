use std::fmt;
use std::time::{Duration, SystemTime};

use super::check;
use super::date::HttpDate;
use super::same_site::SameSite;
use super::werkzeug;
use crate::Error;

/// Everything behind `name=value`, of cookies that are set and of cookies that are removed.
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

/// Whose habits are followed in writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Plain,
    Werkzeug,
}

impl Attributes {
    /// `Path=/; SameSite=Lax`: a path, because without one the cookie depends on the page that set it; and `SameSite`,
    /// because browsers differ in what they do without it.
    pub(super) fn plain() -> Self {
        Self { dialect: Dialect::Plain, same_site: Some(SameSite::Lax), ..Self::werkzeug() }
    }

    /// `Path=/`, as Werkzeug's `dump_cookie`.
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
            // Browsers cut one leading dot off (RFC 6265bis, section 5.6.3); it means nothing.
            Dialect::Plain => domain.strip_prefix('.').map(str::to_owned).unwrap_or(domain),
            // What cannot be encoded stays as it is, for `check` to refuse.
            Dialect::Werkzeug => werkzeug::encode_domain(&domain).unwrap_or(domain),
        });
    }

    pub(super) fn set_partitioned(&mut self) {
        self.partitioned = true;
        self.secure |= self.dialect == Dialect::Werkzeug;
    }

    /// Whether a browser would take a cookie of this name with these attributes.
    pub(super) fn check(&self, name: &str) -> Result<(), Error> {
        check::path(name, self.path.as_deref())?;
        check::domain(name, self.domain.as_deref())?;
        check::expires(name, self.expires)?;
        check::flags(name, self)?;
        check::prefix(name, self)
    }
}

/// Each attribute with `; ` before it, in Werkzeug's order.
impl fmt::Display for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(domain) = &self.domain {
            write!(f, "; Domain={domain}")?;
        }
        if let Some(date) = self.expires.and_then(HttpDate::from_time) {
            write!(f, "; Expires={date}")?;
        }
        if let Some(max_age) = self.max_age {
            write!(f, "; Max-Age={}", max_age.as_secs())?;
        }
        if self.secure {
            f.write_str("; Secure")?;
        }
        if self.http_only {
            f.write_str("; HttpOnly")?;
        }
        if let Some(path) = &self.path {
            write!(f, "; Path={path}")?;
        }
        if let Some(same_site) = self.same_site {
            write!(f, "; SameSite={same_site}")?;
        }
        if self.partitioned {
            f.write_str("; Partitioned")?;
        }
        Ok(())
    }
}
