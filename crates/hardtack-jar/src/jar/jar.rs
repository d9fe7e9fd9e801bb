use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use super::cookie_query::CookieQuery;
use super::eviction::{Eviction, Growth};
use super::insertion::Insertion;
use super::limits::Limits;
use super::set_context::{self, SetContext};
use crate::cookie::{CookieMap, CookieRecord, Micros, StoredCookie};
#[cfg(feature = "psl")]
use crate::request::BuiltInSuffixes;
use crate::request::{NoSuffixes, RequestContext, SuffixList, canonical_host};
use crate::set_cookie::{Profile, Refusal, SetCookieLine};

/// A browser's cookie jar: it stores the cookies that servers set, and returns those to send with a request.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use hardtack_jar::{RequestContext, Jar, Refusal};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let now = SystemTime::now();
/// let mut jar = Jar::new();
/// let shop = RequestContext::http("https://shop.example.com/")?;
/// jar.set(&shop, "id=1; Path=/; Max-Age=60; Secure", now)?;
/// jar.set(&shop, "theme=dark; Domain=example.com", now)?;
/// assert_eq!(jar.set(&shop, "all=1; Domain=com", now), Err(Refusal::PublicSuffix));
///
/// assert_eq!(jar.header(&shop, now).as_deref(), Some(&b"id=1; theme=dark"[..]));
/// let blog = RequestContext::http("https://blog.example.com/")?;
/// assert_eq!(jar.header(&blog, now).as_deref(), Some(&b"theme=dark"[..]));
///
/// let later = now + Duration::from_secs(60);
/// assert_eq!(jar.header(&shop, later).as_deref(), Some(&b"theme=dark"[..]));
/// # Ok(())
/// # }
/// ```
///
/// The current time is always an argument, so that tests can control it.
///
/// # Cost
///
/// Finding the cookies for a request visits only those of its host and of the host's parent domains, regardless of how
/// many other cookies there are. Setting a cookie scans the cookies of its domain, but a domain with hundreds of
/// cookies has an index.
#[derive(Clone)]
pub struct Jar {
    cookie_map: CookieMap,
    eviction: Eviction,
    serial: u64,
    evicted: u64,
    suffixes: Arc<dyn SuffixList>,
    profile: Profile,
    ignores_prefixes: bool,
    limits: Limits,
}

/// The change that an accepted cookie made to the jar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JarChange {
    /// The cookie is new.
    Added,
    /// The cookie replaced one that had a different value or different attributes.
    Replaced,
    /// The cookie replaced one with the same value and attributes.
    Unchanged,
    /// The cookie had already expired, and removed the existing cookie.
    Removed,
    /// The cookie had already expired, and removed nothing.
    Nothing,
    /// The jar already has a newer cookie, and keeps it.
    Outdated,
}

impl Jar {
    /// Creates an empty jar with the built-in public suffix list.
    #[cfg(feature = "psl")]
    pub fn new() -> Self {
        Self::with_suffixes(BuiltInSuffixes)
    }

    /// Creates an empty jar with another public suffix list.
    pub fn with_suffixes(suffixes: impl SuffixList) -> Self {
        Self {
            cookie_map: CookieMap::default(),
            eviction: Eviction::default(),
            serial: 0,
            evicted: 0,
            suffixes: Arc::new(suffixes),
            profile: Profile::default(),
            ignores_prefixes: false,
            limits: Limits::default(),
        }
    }

    /// Creates an empty jar without a public suffix list, for a test network or for research on servers.
    ///
    /// # Security
    ///
    /// Any host can set cookies for all hosts under the same top-level domain (`Domain=com`). No browser allows this.
    pub fn insecure_without_suffix_list() -> Self {
        Self::with_suffixes(NoSuffixes)
    }

    /// Accepts cookies whose attributes do not meet the requirements of their name prefix, such as `__Host-id` with a
    /// `Domain`.
    ///
    /// # Security
    ///
    /// Servers rely on these prefixes, which show that the cookie was set neither by another host nor over an
    /// unencrypted connection. All browsers enforce them.
    #[must_use]
    pub const fn insecure_without_prefix_rules(mut self) -> Self {
        self.ignores_prefixes = true;
        self
    }

    /// Sets the browser whose rules the jar follows. Default: the standard.
    #[must_use]
    pub const fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// Sets the limits. They apply when the next cookie is set. Default: Chromium's limits.
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the cookie of one `Set-Cookie` field of a response, or the cookie that a script assigned to
    /// `document.cookie`.
    ///
    /// # Errors
    ///
    /// Returns the reason if the cookie is refused. The jar is then unchanged.
    pub fn set(
        &mut self,
        request: &RequestContext,
        line: impl AsRef<[u8]>,
        now: SystemTime,
    ) -> Result<JarChange, Refusal> {
        let line = SetCookieLine::parse(line.as_ref())?;
        let suffixes = Arc::clone(&self.suffixes);
        let set_context = SetContext {
            request,
            cookie_map: &self.cookie_map,
            suffixes: &*suffixes,
            profile: self.profile,
            ignores_prefixes: self.ignores_prefixes,
            now,
        };
        let record = set_context.decide(&line)?;
        Ok(self.put(&record, Insertion::Set, now))
    }

    /// Checks whether the jar would accept a cookie, without storing it.
    ///
    /// # Errors
    ///
    /// Returns the reason if the cookie would be refused.
    pub fn check(
        &self,
        request: &RequestContext,
        line: impl AsRef<[u8]>,
        now: SystemTime,
    ) -> Result<(), Refusal> {
        self.decide(self.profile, request, &SetCookieLine::parse(line.as_ref())?, now).map(drop)
    }

    /// Returns the cookie that a line would create under a browser's rules.
    pub(crate) fn decide<'a>(
        &self,
        profile: Profile,
        request: &'a RequestContext,
        line: &SetCookieLine<'a>,
        now: SystemTime,
    ) -> Result<CookieRecord<'a>, Refusal> {
        let (suffixes, ignores_prefixes) = (&*self.suffixes, self.ignores_prefixes);
        SetContext { request, cookie_map: &self.cookie_map, suffixes, profile, ignores_prefixes, now }
            .decide(line)
    }

    /// Returns the unexpired cookies that have this name, and whose domain is the host or one of its parent domains.
    /// They may have any path and any partition.
    pub(crate) fn named<'a>(
        &'a self,
        host: &'a str,
        name: &'a [u8],
        now: SystemTime,
    ) -> impl Iterator<Item = &'a StoredCookie> {
        let now = Micros::of(now);
        self.cookie_map.above(host).filter(move |cookie| cookie.name() == name && !cookie.is_expired(now))
    }

    /// Returns the profile whose rules the jar follows.
    pub(crate) const fn followed_profile(&self) -> Profile {
        self.profile
    }

    /// Returns the size of the `Cookie` field in bytes, including a separator after each cookie. Does not mark the
    /// cookies as used.
    pub(crate) fn header_size(&self, request: &RequestContext, now: SystemTime) -> usize {
        let found =
            CookieQuery::new(request, &*self.suffixes, self.profile, Micros::of(now)).run(&self.cookie_map);
        found.iter().map(|cookie| cookie.pair().len() + 2).sum()
    }

    /// Returns the cookies to send with a request, in the order in which they are sent, and marks them as used at
    /// `now`.
    pub fn cookies(&self, request: &RequestContext, now: SystemTime) -> Vec<&StoredCookie> {
        let now = Micros::of(now);
        let found = CookieQuery::new(request, &*self.suffixes, self.profile, now).run(&self.cookie_map);
        for cookie in &found {
            cookie.touch(now);
        }
        found
    }

    /// Returns the value of the `Cookie` field, such as `a=1; b=2`, or of `document.cookie` for a script. Returns
    /// `None` if there are no cookies to send. Marks the cookies as used at `now`.
    pub fn header(&self, request: &RequestContext, now: SystemTime) -> Option<Vec<u8>> {
        let cookies = self.cookies(request, now);
        let length: usize = cookies.iter().map(|cookie| cookie.pair().len() + 2).sum();
        let mut header = Vec::with_capacity(length);
        for cookie in cookies {
            if !header.is_empty() {
                header.extend_from_slice(b"; ");
            }
            header.extend_from_slice(cookie.pair());
        }
        (!header.is_empty()).then_some(header)
    }

    /// Returns the cookie with this name that is sent with a request, or `None` if there is none. If there are several,
    /// returns the one that is sent first, which is the one that servers read. Does not mark the cookie as used.
    ///
    /// ```
    /// use hardtack_jar::{RequestContext, Jar};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let now = std::time::SystemTime::now();
    /// let page = RequestContext::http("https://example.com/")?;
    /// let mut jar = Jar::new();
    /// jar.set(&page, "csrf=a3fWa", now)?;
    /// let token = jar.get(&page, "csrf", now).map(|cookie| cookie.value());
    /// assert_eq!(token, Some(&b"a3fWa"[..]));
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(
        &self,
        request: &RequestContext,
        name: impl AsRef<[u8]>,
        now: SystemTime,
    ) -> Option<&StoredCookie> {
        let found =
            CookieQuery::new(request, &*self.suffixes, self.profile, Micros::of(now)).run(&self.cookie_map);
        found.into_iter().find(|cookie| cookie.name() == name.as_ref())
    }

    /// Restores a cookie that a jar had before, including its times. The cookie replaces an existing one with the same
    /// name, domain, path, and partition, if both or neither are host-only. No cookie is evicted, because the
    /// [limits](Limits) apply only to cookies that servers and scripts set.
    ///
    /// # Errors
    ///
    /// Returns the reason if no page could have set the cookie.
    pub fn restore(&mut self, cookie: &CookieRecord<'_>, now: SystemTime) -> Result<JarChange, Refusal> {
        let record = self.admit(cookie, now)?;
        Ok(self.put(&record, Insertion::Restored, now))
    }

    /// Adds a cookie from another jar, unless this jar has a newer copy, which is a cookie that
    /// [`restore`](Self::restore) would replace. No cookie is evicted.
    ///
    /// Which of the two cookies is newer is decided in this order:
    ///
    /// 1. If one was certainly [updated](CookieRecord::updated) later, it is newer. A cookie without an update time was
    ///    updated, at the latest, when its file was written.
    /// 2. If both have an expiration, the cookie that expires later is newer.
    /// 3. Otherwise, the added cookie is newer, unless it has an update time.
    ///
    /// If the times in a step are equal, the added cookie is newer. If the added cookie has expired, it removes the
    /// existing one only if the first step shows that the added cookie is newer.
    ///
    /// If two files record no update times, the file that was saved later may still contain the older copy of a cookie,
    /// because a change to another cookie may have caused the save. The expiration is better evidence, because most
    /// servers give each new copy the same lifetime.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use hardtack_jar::{JarChange, CookieRecord, Jar};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let now = SystemTime::now();
    /// let mut jar = Jar::new();
    /// let mut cookie = CookieRecord::new("id", "new", "example.com", now);
    /// cookie.updated = Some(now);
    /// jar.merge(&cookie, now)?;
    /// let mut backup = CookieRecord::new("id", "old", "example.com", now);
    /// backup.updated = Some(now - Duration::from_secs(60));
    /// assert_eq!(jar.merge(&backup, now)?, JarChange::Outdated);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the reason if no page could have set the cookie.
    pub fn merge(&mut self, cookie: &CookieRecord<'_>, now: SystemTime) -> Result<JarChange, Refusal> {
        let record = self.admit(cookie, now)?;
        Ok(self.merge_admitted(&record, now, now))
    }

    /// Checks a cookie from a file, and returns it as the jar stores it.
    pub(crate) fn admit<'a>(
        &self,
        cookie: &CookieRecord<'a>,
        now: SystemTime,
    ) -> Result<CookieRecord<'a>, Refusal> {
        set_context::check_record(cookie, &*self.suffixes, self.ignores_prefixes, now)
    }

    /// Merges a cookie from a file that was written at a given time.
    pub(crate) fn merge_admitted(
        &mut self,
        record: &CookieRecord<'_>,
        written: SystemTime,
        now: SystemTime,
    ) -> JarChange {
        self.put(record, Insertion::Merged { written: Micros::of(written) }, now)
    }

    /// Returns all cookies, oldest first, including expired ones that have not been [swept](Self::sweep).
    pub fn iter(&self) -> impl Iterator<Item = &StoredCookie> {
        let mut all: Vec<_> = self.cookie_map.iter().collect();
        all.sort_unstable_by_key(|cookie| (cookie.created, cookie.serial));
        all.into_iter()
    }

    /// Returns the number of unexpired cookies that have been evicted since the jar was created, because servers or
    /// scripts set more than the [limits](Limits) allow.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Returns the number of cookies, including expired ones that have not been [swept](Self::sweep).
    pub fn len(&self) -> usize {
        self.cookie_map.len()
    }

    /// Returns whether the jar has no cookies.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Removes expired cookies, and returns the number removed. This only frees memory, because expired cookies are
    /// never sent.
    pub fn sweep(&mut self, now: SystemTime) -> usize {
        let now = Micros::of(now);
        self.retain(|cookie| !cookie.is_expired(now))
    }

    /// Ends the browser session, as when a browser closes: removes the cookies without an expiration, and returns the
    /// number removed.
    pub fn end_session(&mut self) -> usize {
        self.retain(|cookie| cookie.expires.is_some())
    }

    /// Removes the cookies with this domain, path, and name, and returns the number removed.
    ///
    /// The domain and the path are those of the cookie, not of a URL: `example.com` does not match `www.example.com`,
    /// and `/` does not match `/account`. A leading dot in the domain is ignored. Several cookies can match, and all of
    /// them are removed: a host-only cookie, a cookie with a `Domain`, and cookies in partitions.
    ///
    /// ```
    /// # use hardtack_jar::{RequestContext, Jar};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let now = std::time::SystemTime::now();
    /// # let page = RequestContext::http("https://www.example.com/")?;
    /// # let mut jar = Jar::new();
    /// jar.set(&page, "id=1; Domain=example.com; Path=/", now)?;
    /// assert_eq!(jar.remove("www.example.com", "/", "id"), 0);
    /// assert_eq!(jar.remove("example.com", "/", "id"), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn remove(&mut self, domain: &str, path: &str, name: impl AsRef<[u8]>) -> usize {
        let name = name.as_ref();
        self.remove_at(domain, |cookie| cookie.name() == name && cookie.path() == path)
    }

    /// Removes all cookies of a domain, and returns the number removed. Cookies of its subdomains are kept.
    pub fn remove_domain(&mut self, domain: &str) -> usize {
        self.remove_at(domain, |_| true)
    }

    /// Keeps only the cookies for which `keep` returns `true`, and returns the number removed.
    pub fn retain(&mut self, keep: impl FnMut(&StoredCookie) -> bool) -> usize {
        let gone = self.cookie_map.retain(keep);
        self.eviction = Eviction::default();
        gone
    }

    /// Removes all cookies.
    pub fn clear(&mut self) {
        self.retain(|_| false);
    }

    /// Returns the public suffix list that the jar uses.
    pub fn suffixes(&self) -> &dyn SuffixList {
        &*self.suffixes
    }

    #[cfg(feature = "browser")]
    pub(crate) fn suffix_list(&self) -> Arc<dyn SuffixList> {
        Arc::clone(&self.suffixes)
    }

    /// Returns an empty jar with the same rules and limits.
    #[cfg(feature = "browser")]
    pub(crate) fn clone_empty(&self) -> Self {
        Self {
            cookie_map: CookieMap::default(),
            eviction: Eviction::default(),
            serial: 0,
            evicted: 0,
            suffixes: Arc::clone(&self.suffixes),
            profile: self.profile,
            ignores_prefixes: self.ignores_prefixes,
            limits: self.limits,
        }
    }

    fn remove_at(&mut self, domain: &str, is_meant: impl Fn(&StoredCookie) -> bool) -> usize {
        let Some(domain) = canonical_host(domain.strip_prefix('.').unwrap_or(domain)) else { return 0 };
        let Some((_, at)) = self.cookie_map.at(&domain) else { return 0 };
        let locations: Vec<_> =
            at.iter().filter(|cookie| is_meant(cookie)).map(StoredCookie::location).collect();
        for location in &locations {
            self.cookie_map.take(location);
        }
        locations.len()
    }

    fn put(&mut self, record: &CookieRecord<'_>, insertion: Insertion, now: SystemTime) -> JarChange {
        let now = Micros::of(now);
        let (mut domain, mut partition, mut existing) = (None, None, None);
        if let Some((name, at)) = self.cookie_map.at(&record.domain) {
            domain = Some(Arc::clone(name));
            existing = at.list(record.partition.as_ref()).and_then(|list| list.replaced_by(record));
            partition = record.partition.as_ref().and_then(|key| at.partitions.get_key_value(key));
        }
        // All cookies of a domain share one string, and all cookies of a partition share one key.
        let domain = domain.unwrap_or_else(|| record.domain.as_ref().into());
        let partition = match partition {
            Some((key, _)) => Some(Arc::clone(key)),
            None => record.partition.clone().map(Arc::new),
        };
        let mut cookie = StoredCookie::new(record, domain, partition, self.serial);
        if let Insertion::Merged { written } = insertion {
            cookie.set_time = cookie.set_time.written(written);
        }
        // An existing cookie that has expired is treated as if it had already been removed.
        let old = existing.filter(|old| !old.is_expired(now));
        if cookie.is_expired(now) {
            if old.is_some_and(|old| !insertion.deletes(&cookie, old)) {
                return JarChange::Nothing;
            }
            let removed = old.is_some();
            if let Some(location) = existing.map(StoredCookie::location) {
                self.cookie_map.take(&location);
            }
            return if removed { JarChange::Removed } else { JarChange::Nothing };
        }
        let replaced_bytes = existing.map_or(0, StoredCookie::size);
        let replaced = existing.map(StoredCookie::sending_order);
        let change = match old {
            Some(old) if !insertion.replaces(&cookie, old) => return JarChange::Outdated,
            Some(old) => {
                match insertion {
                    // RFC 6265bis, section 5.7: a cookie that is set again keeps its creation time.
                    Insertion::Set => (cookie.created, cookie.serial) = (old.created, old.serial),
                    Insertion::Merged { .. } if old.created <= cookie.created => {
                        (cookie.created, cookie.serial) = (old.created, old.serial);
                    }
                    Insertion::Merged { .. } | Insertion::Restored => {}
                }
                if cookie.has_same_content_as(old) { JarChange::Unchanged } else { JarChange::Replaced }
            }
            None => JarChange::Added,
        };
        self.serial += 1;
        self.eviction.queue(&self.cookie_map, &cookie);
        let set_at = (insertion == Insertion::Set).then(|| cookie.location());
        let listed = self.cookie_map.put(cookie, replaced);
        if let Some(at) = set_at {
            let growth =
                Growth { location: at, listed, cookies: usize::from(replaced.is_none()), replaced_bytes };
            self.evicted += self.eviction.make_room(&mut self.cookie_map, self.limits, growth, now);
        }
        change
    }
}

#[cfg(feature = "psl")]
impl Default for Jar {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Jar {
    /// Omits the cookies.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jar")
            .field("len", &self.len())
            .field("profile", &self.profile)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
