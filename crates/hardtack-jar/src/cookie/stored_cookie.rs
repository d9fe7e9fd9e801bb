use std::cmp::Reverse;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

use hardtack_core::cookie::SameSite;

use super::cookie_record::CookieRecord;
use super::micros::Micros;
use super::set_time::SetTime;
use crate::request::PartitionKey;

/// A cookie in the jar (RFC 6265bis, section 5.7).
///
/// ```
/// use hardtack_jar::{RequestContext, Jar};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut jar = Jar::new();
/// let now = std::time::SystemTime::now();
/// jar.set(&RequestContext::http("https://example.com/")?, "id=a3fWa; HttpOnly", now)?;
/// let cookie = jar.iter().next().ok_or("the jar is empty")?;
/// assert_eq!((cookie.name(), cookie.value()), (&b"id"[..], &b"a3fWa"[..]));
/// assert_eq!((cookie.domain(), cookie.path()), ("example.com", "/"));
/// assert!(cookie.is_host_only() && cookie.is_http_only() && cookie.expires().is_none());
/// # Ok(())
/// # }
/// ```
///
/// # Security
///
/// `Debug` does not show the value.
pub struct StoredCookie {
    /// The pair as it is sent, followed by the path, in one allocation. The pair is `name=value`, or only the value for
    /// a nameless cookie.
    text: Box<[u8]>,
    pair: u32,
    name: u32,
    pub(crate) domain: Arc<str>,
    pub(crate) host_only: bool,
    pub(crate) secure: bool,
    pub(crate) http_only: bool,
    pub(crate) same_site: Option<SameSite>,
    pub(crate) partition: Option<Arc<PartitionKey>>,
    pub(crate) expires: Option<Micros>,
    pub(crate) created: Micros,
    /// The time at which the cookie was last set, or a limit for this time if it is not recorded.
    pub(crate) set_time: SetTime,
    /// A number that increases with each cookie, to order cookies that were created at the same time.
    pub(crate) serial: u64,
    /// Atomic, so that sending the cookie can update it through a shared reference to the jar.
    last_access: AtomicI64,
}

/// The location of a cookie in a jar.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CookieLocation {
    pub(crate) order: SendingOrder,
    pub(crate) domain: Arc<str>,
    pub(crate) partition: Option<Arc<PartitionKey>>,
}

/// A cookie's position in the order in which cookies are sent: longer paths first, then older cookies. It is different
/// for each cookie in a jar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SendingOrder {
    pub(crate) path_bytes: Reverse<u32>,
    pub(crate) created: Micros,
    pub(crate) serial: u64,
}

impl StoredCookie {
    /// Creates a cookie. `domain` and `partition` must be equal to the record's. They are separate arguments, so that
    /// all cookies of a domain share one string, and all cookies in a partition share one key.
    pub(crate) fn new(
        record: &CookieRecord<'_>,
        domain: Arc<str>,
        partition: Option<Arc<PartitionKey>>,
        serial: u64,
    ) -> Self {
        let CookieRecord { name, value, path, .. } = record;
        let equals = usize::from(!name.is_empty());
        let pair = name.len() + equals + value.len();
        let mut text = Vec::with_capacity(pair + path.len());
        text.extend_from_slice(name);
        text.extend_from_slice(&b"="[..equals]);
        text.extend_from_slice(value);
        text.extend_from_slice(path.as_bytes());
        Self {
            text: text.into(),
            pair: length(pair),
            name: length(name.len()),
            domain,
            host_only: record.host_only,
            secure: record.secure,
            http_only: record.http_only,
            same_site: record.same_site,
            partition,
            expires: record.expires.map(Micros::of),
            created: Micros::of(record.created),
            set_time: SetTime::new(record.updated.map(Micros::of)),
            serial,
            last_access: AtomicI64::new(Micros::of(record.last_access).0),
        }
    }

    /// Returns the name, which is empty for a nameless cookie.
    pub fn name(&self) -> &[u8] {
        &self.text[..self.name as usize]
    }

    /// Returns the value, including any quotes.
    pub fn value(&self) -> &[u8] {
        &self.text[self.name as usize + usize::from(self.name > 0)..self.pair as usize]
    }

    /// Returns the pair as it is sent: `name=value`, or the value alone for a nameless cookie.
    pub fn pair(&self) -> &[u8] {
        &self.text[..self.pair as usize]
    }

    /// Returns the host or domain to which the cookie belongs.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Returns whether the cookie is sent only to its host, and not to subdomains.
    pub fn is_host_only(&self) -> bool {
        self.host_only
    }

    /// Returns the path under which the cookie is sent.
    pub fn path(&self) -> &str {
        str::from_utf8(self.path_bytes()).unwrap_or("/")
    }

    /// Returns whether the cookie is sent only over secure connections.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Returns whether the cookie is hidden from scripts (`HttpOnly`).
    pub fn is_http_only(&self) -> bool {
        self.http_only
    }

    /// Returns the `SameSite` attribute, or `None` if the cookie has none, which the jar treats like `Lax`.
    pub fn same_site(&self) -> Option<SameSite> {
        self.same_site
    }

    /// Returns the partition to which the cookie belongs, if it is partitioned.
    pub fn partition(&self) -> Option<&PartitionKey> {
        self.partition.as_deref()
    }

    /// Returns when the cookie expires, or `None` if it is kept until the browser closes.
    pub fn expires(&self) -> Option<SystemTime> {
        self.expires.map(Micros::time)
    }

    /// Returns when the cookie was first set. Setting it again does not change this time.
    pub fn created(&self) -> SystemTime {
        self.created.time()
    }

    /// Returns when the cookie was last set, even if its value did not change, or `None` if the cookie comes from a
    /// file that does not record that.
    pub fn updated(&self) -> Option<SystemTime> {
        self.set_time.updated().map(Micros::time)
    }

    /// Returns when the cookie was last set or sent.
    pub fn last_access(&self) -> SystemTime {
        self.last_accessed().time()
    }

    /// Returns the cookie as a record, which is the type that the formats write.
    pub fn record(&self) -> CookieRecord<'_> {
        CookieRecord {
            name: self.name().into(),
            value: self.value().into(),
            domain: self.domain().into(),
            host_only: self.host_only,
            path: self.path().into(),
            secure: self.secure,
            http_only: self.http_only,
            same_site: self.same_site,
            partition: self.partition().cloned(),
            expires: self.expires(),
            created: self.created(),
            updated: self.updated(),
            last_access: self.last_access(),
        }
    }

    pub(crate) fn path_bytes(&self) -> &[u8] {
        &self.text[self.pair as usize..]
    }

    pub(crate) fn last_accessed(&self) -> Micros {
        Micros(self.last_access.load(Ordering::Relaxed))
    }

    pub(crate) fn touch(&self, now: Micros) {
        self.last_access.store(now.0, Ordering::Relaxed);
    }

    pub(crate) fn is_expired(&self, now: Micros) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// Returns whether a new cookie replaces this one (RFC 6265bis, section 5.7, and the partition of CHIPS).
    pub(crate) fn is_replaced_by(&self, new: &CookieRecord<'_>) -> bool {
        self.name() == &*new.name
            && self.host_only == new.host_only
            && self.path_bytes() == new.path.as_bytes()
            && self.partition() == new.partition.as_ref()
    }

    /// Returns whether this cookie has the same value and attributes as another cookie with the same identity.
    pub(crate) fn has_same_content_as(&self, other: &Self) -> bool {
        self.text == other.text
            && self.secure == other.secure
            && self.http_only == other.http_only
            && self.same_site == other.same_site
            && self.expires == other.expires
    }

    pub(crate) fn sending_order(&self) -> SendingOrder {
        let path_bytes = Reverse(length(self.text.len() - self.pair as usize));
        SendingOrder { path_bytes, created: self.created, serial: self.serial }
    }

    pub(crate) fn location(&self) -> CookieLocation {
        let (domain, partition) = (Arc::clone(&self.domain), self.partition.clone());
        CookieLocation { order: self.sending_order(), domain, partition }
    }

    /// Returns the size of the name and the value in bytes.
    pub(crate) fn size(&self) -> usize {
        self.name().len() + self.value().len()
    }
}

impl Clone for StoredCookie {
    fn clone(&self) -> Self {
        Self {
            text: self.text.clone(),
            pair: self.pair,
            name: self.name,
            domain: Arc::clone(&self.domain),
            host_only: self.host_only,
            secure: self.secure,
            http_only: self.http_only,
            same_site: self.same_site,
            partition: self.partition.clone(),
            expires: self.expires,
            created: self.created,
            set_time: self.set_time,
            serial: self.serial,
            last_access: AtomicI64::new(self.last_accessed().0),
        }
    }
}

impl fmt::Debug for StoredCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredCookie")
            .field("name", &String::from_utf8_lossy(self.name()))
            .field("domain", &self.domain)
            .field("path", &self.path())
            .finish_non_exhaustive()
    }
}

/// Converts a length to 32 bits, which are enough, because names and values are limited, and no URL has a path of over
/// 4 GiB.
fn length(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
