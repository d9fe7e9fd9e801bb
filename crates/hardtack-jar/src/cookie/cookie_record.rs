use std::borrow::Cow;
use std::time::SystemTime;

use hardtack_core::cookie::SameSite;

use crate::request::PartitionKey;

/// A cookie with all data that a jar stores about it, as public fields. The formats read and write this type.
///
/// ```
/// use hardtack_jar::{CookieRecord, Jar};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let now = std::time::SystemTime::now();
/// let mut jar = Jar::new();
/// let mut cookie = CookieRecord::new("id", "a3fWa", "example.com", now);
/// cookie.secure = true;
/// jar.restore(&cookie, now)?;
/// assert_eq!(jar.len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CookieRecord<'a> {
    /// The name, which is empty for a nameless cookie.
    pub name: Cow<'a, [u8]>,
    /// The value.
    pub value: Cow<'a, [u8]>,
    /// The host or domain, in canonical form, without a leading dot.
    pub domain: Cow<'a, str>,
    /// Whether the cookie is sent only to its host, and not to subdomains.
    pub host_only: bool,
    /// The path under which the cookie is sent.
    pub path: Cow<'a, str>,
    /// Whether the cookie is sent only over secure connections (`Secure`).
    pub secure: bool,
    /// Whether the cookie is hidden from scripts (`HttpOnly`).
    pub http_only: bool,
    /// The `SameSite` attribute, if the cookie has one. It determines with which cross-site requests the cookie is
    /// sent.
    pub same_site: Option<SameSite>,
    /// The partition to which the cookie belongs, if it is partitioned.
    pub partition: Option<PartitionKey>,
    /// When the cookie expires, or `None` if it is kept until the browser closes.
    pub expires: Option<SystemTime>,
    /// When the cookie was first set.
    pub created: SystemTime,
    /// When the cookie was last set, or `None` if its file does not record that. An import compares these times to find
    /// out which of two copies is newer.
    pub updated: Option<SystemTime>,
    /// When the cookie was last set or sent.
    pub last_access: SystemTime,
}

impl<'a> CookieRecord<'a> {
    /// Creates a host-only cookie for all paths, with `now` as its creation time. The cookie is kept until the browser
    /// closes.
    pub fn new(
        name: &'a (impl AsRef<[u8]> + ?Sized),
        value: &'a (impl AsRef<[u8]> + ?Sized),
        host: &'a str,
        now: SystemTime,
    ) -> Self {
        Self {
            name: name.as_ref().into(),
            value: value.as_ref().into(),
            domain: host.into(),
            host_only: true,
            path: "/".into(),
            secure: false,
            http_only: false,
            same_site: None,
            partition: None,
            expires: None,
            created: now,
            updated: None,
            last_access: now,
        }
    }

    /// Returns the same record with owned strings.
    pub fn into_owned(self) -> CookieRecord<'static> {
        CookieRecord {
            name: self.name.into_owned().into(),
            value: self.value.into_owned().into(),
            domain: self.domain.into_owned().into(),
            path: self.path.into_owned().into(),
            ..self
        }
    }
}

impl std::fmt::Debug for CookieRecord<'_> {
    /// Omits the value.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CookieRecord")
            .field("name", &String::from_utf8_lossy(&self.name))
            .field("domain", &self.domain)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
