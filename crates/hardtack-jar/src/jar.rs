use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use crate::access::Access;
use crate::age::Age;
use crate::decision::{self, Circumstances};
use crate::eviction::{Eviction, Growth};
use crate::limits::Limits;
use crate::micros::Micros;
use crate::profile::Profile;
use crate::record::CookieRecord;
use crate::refusal::Refusal;
use crate::retrieval::Query;
use crate::set_cookie_line::SetCookieLine;
use crate::shelf::{Place, Shelf};
use crate::stored_cookie::StoredCookie;
#[cfg(feature = "psl")]
use crate::suffix::BuiltInSuffixes;
use crate::suffix::{NoSuffixes, SuffixList};

/// The cookies of one browser: takes what servers set, and says what goes with a request.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use hardtack_jar::{Access, Jar, Refusal};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let now = SystemTime::now();
/// let mut jar = Jar::new();
/// let shop = Access::http("https://shop.example.com/")?;
/// jar.set(&shop, "id=1; Path=/; Max-Age=60; Secure", now)?;
/// jar.set(&shop, "theme=dark; Domain=example.com", now)?;
/// assert_eq!(jar.set(&shop, "all=1; Domain=com", now), Err(Refusal::PublicSuffix));
///
/// assert_eq!(jar.header(&shop, now).as_deref(), Some(&b"id=1; theme=dark"[..]));
/// let blog = Access::http("https://blog.example.com/")?;
/// assert_eq!(jar.header(&blog, now).as_deref(), Some(&b"theme=dark"[..]));
///
/// let later = now + Duration::from_secs(60);
/// assert_eq!(jar.header(&shop, later).as_deref(), Some(&b"theme=dark"[..]));
/// # Ok(())
/// # }
/// ```
///
/// Time comes in as an argument, so that a test can turn it.
///
/// # Cost
///
/// What goes with a request is found among the cookies of its host and of the domains above, however many others there
/// are. To set one costs a look at the cookies of its domain, as long as they are not hundreds; then there is an index.
#[derive(Clone)]
pub struct Jar {
    shelf: Shelf,
    eviction: Eviction,
    serial: u64,
    evicted: u64,
    suffixes: Arc<dyn SuffixList>,
    profile: Profile,
    ignores_prefixes: bool,
    limits: Limits,
}

/// What a cookie that was taken did to the jar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Change {
    /// It is new.
    Added,
    /// It took another's place, with a value or attributes of its own.
    Replaced,
    /// It took the place of one that said the same.
    Unchanged,
    /// It had expired already, and took another one away.
    Removed,
    /// It had expired already, and took nothing away.
    Nothing,
    /// The jar has a newer cookie in its place, which stays.
    Outdated,
}

impl Jar {
    /// An empty jar, with the public suffix list that is compiled in.
    #[cfg(feature = "psl")]
    pub fn new() -> Self {
        Self::with_suffixes(BuiltInSuffixes)
    }

    /// An empty jar with a public suffix list of your own.
    pub fn with_suffixes(suffixes: impl SuffixList) -> Self {
        Self {
            shelf: Shelf::default(),
            eviction: Eviction::default(),
            serial: 0,
            evicted: 0,
            suffixes: Arc::new(suffixes),
            profile: Profile::default(),
            ignores_prefixes: false,
            limits: Limits::default(),
        }
    }

    /// An empty jar without a public suffix list, for a test network or a study of servers.
    ///
    /// # Security
    ///
    /// Any host can set cookies for all hosts under the same top-level domain (`Domain=com`), which no browser allows.
    pub fn insecure_without_suffix_list() -> Self {
        Self::with_suffixes(NoSuffixes)
    }

    /// Takes cookies whose names make promises that their attributes do not keep, such as `__Host-id` with a `Domain`.
    ///
    /// # Security
    ///
    /// A server relies on these names to know that no other host and no unencrypted connection has set the cookie. All
    /// browsers enforce them.
    #[must_use]
    pub const fn insecure_without_prefix_rules(mut self) -> Self {
        self.ignores_prefixes = true;
        self
    }

    /// Follows the rules of some browser. Default: the standard's.
    #[must_use]
    pub const fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// Keeps so many cookies at most, from the next one that is set. Default: as Chromium.
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Takes one `Set-Cookie` field of a response, or what a script wrote to `document.cookie`.
    ///
    /// # Errors
    ///
    /// The reason why the cookie is not taken; the jar is then as it was.
    pub fn set(
        &mut self,
        access: &Access,
        line: impl AsRef<[u8]>,
        now: SystemTime,
    ) -> Result<Change, Refusal> {
        let line = SetCookieLine::parse(line.as_ref())?;
        let suffixes = Arc::clone(&self.suffixes);
        let circumstances = Circumstances {
            access,
            shelf: &self.shelf,
            suffixes: &*suffixes,
            profile: self.profile,
            ignores_prefixes: self.ignores_prefixes,
            now,
        };
        let record = circumstances.decide(&line)?;
        Ok(self.put(&record, Arrival::Set, now))
    }

    /// Whether a cookie would be taken, without taking it.
    ///
    /// # Errors
    ///
    /// The reason why not.
    pub fn check(&self, access: &Access, line: impl AsRef<[u8]>, now: SystemTime) -> Result<(), Refusal> {
        self.decide(self.profile, access, &SetCookieLine::parse(line.as_ref())?, now).map(drop)
    }

    /// The cookie that a line would make, by the rules of some browser.
    pub(crate) fn decide<'a>(
        &self,
        profile: Profile,
        access: &'a Access,
        line: &SetCookieLine<'a>,
        now: SystemTime,
    ) -> Result<CookieRecord<'a>, Refusal> {
        let (suffixes, ignores_prefixes) = (&*self.suffixes, self.ignores_prefixes);
        Circumstances { access, shelf: &self.shelf, suffixes, profile, ignores_prefixes, now }.decide(line)
    }

    /// The cookies of a name that may go with some request to a host, whatever its path.
    pub(crate) fn named<'a>(
        &'a self,
        host: &'a str,
        name: &'a [u8],
        now: SystemTime,
    ) -> impl Iterator<Item = &'a StoredCookie> {
        let now = Micros::of(now);
        self.shelf.above(host).filter(move |cookie| cookie.name() == name && !cookie.is_expired(now))
    }

    /// The rules that are followed.
    pub(crate) const fn followed(&self) -> Profile {
        self.profile
    }

    /// How long the `Cookie` field would be, without counting as a use.
    pub(crate) fn weight(&self, access: &Access, now: SystemTime) -> usize {
        let found = Query::new(access, &*self.suffixes, self.profile, Micros::of(now)).run(&self.shelf);
        found.iter().map(|cookie| cookie.pair().len() + 2).sum()
    }

    /// The cookies that go with an access, in the order in which they are sent; they count as used now.
    pub fn cookies(&self, access: &Access, now: SystemTime) -> Vec<&StoredCookie> {
        let now = Micros::of(now);
        let found = Query::new(access, &*self.suffixes, self.profile, now).run(&self.shelf);
        for cookie in &found {
            cookie.touch(now);
        }
        found
    }

    /// The value of the `Cookie` field, `a=1; b=2`, or what `document.cookie` reads; `None` if no cookie goes along.
    pub fn header(&self, access: &Access, now: SystemTime) -> Option<Vec<u8>> {
        let cookies = self.cookies(access, now);
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

    /// Puts a cookie back that a jar had before, with its times, and replaces the one in its place. Nothing is evicted:
    /// the [limits](Limits) hold for what servers set.
    ///
    /// # Errors
    ///
    /// The reason why no page could have set it.
    pub fn restore(&mut self, cookie: &CookieRecord<'_>, now: SystemTime) -> Result<Change, Refusal> {
        let record = self.admit(cookie, now)?;
        Ok(self.put(&record, Arrival::Restored, now))
    }

    /// Takes a cookie of another jar, unless the one in its place is newer. Nothing is evicted.
    ///
    /// The newer cookie is the one that was [updated](CookieRecord::updated) later. If one of them does not say when,
    /// it is the one that expires later, and else the one that comes. A cookie that has expired deletes another only
    /// if it was updated later for certain.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use hardtack_jar::{Change, CookieRecord, Jar};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let now = SystemTime::now();
    /// let mut jar = Jar::new();
    /// let mut cookie = CookieRecord::new("id", "new", "example.com", now);
    /// cookie.updated = Some(now);
    /// jar.merge(&cookie, now)?;
    /// let mut backup = CookieRecord::new("id", "old", "example.com", now);
    /// backup.updated = Some(now - Duration::from_secs(60));
    /// assert_eq!(jar.merge(&backup, now)?, Change::Outdated);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The reason why no page could have set it.
    pub fn merge(&mut self, cookie: &CookieRecord<'_>, now: SystemTime) -> Result<Change, Refusal> {
        let record = self.admit(cookie, now)?;
        Ok(self.merge_admitted(&record, now, now))
    }

    /// A cookie of a file, as the jar keeps it.
    pub(crate) fn admit<'a>(
        &self,
        cookie: &CookieRecord<'a>,
        now: SystemTime,
    ) -> Result<CookieRecord<'a>, Refusal> {
        decision::check_record(cookie, &*self.suffixes, self.ignores_prefixes, now)
    }

    /// Merges a cookie that was written down at some moment.
    pub(crate) fn merge_admitted(
        &mut self,
        record: &CookieRecord<'_>,
        written: SystemTime,
        now: SystemTime,
    ) -> Change {
        self.put(record, Arrival::Merged { written: Micros::of(written) }, now)
    }

    /// All cookies, those that were made first before the others; those that have expired and were not swept, too.
    pub fn iter(&self) -> impl Iterator<Item = &StoredCookie> {
        let mut all: Vec<_> = self.shelf.iter().collect();
        all.sort_unstable_by_key(|cookie| (cookie.created, cookie.serial));
        all.into_iter()
    }

    /// How many cookies that had not expired were removed since the jar was made, because a server set more than the
    /// [limits](Limits) allow.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    /// How many cookies there are, those included that have expired and were not swept.
    pub fn len(&self) -> usize {
        self.shelf.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Drops what has expired, and returns how many that were. It is not needed for anything but space.
    pub fn sweep(&mut self, now: SystemTime) -> usize {
        let now = Micros::of(now);
        self.retain(|cookie| !cookie.is_expired(now))
    }

    /// Closes the browser: drops the cookies that live as long as it runs, and returns how many that were.
    pub fn end_session(&mut self) -> usize {
        self.retain(|cookie| cookie.expires.is_some())
    }

    /// Keeps only some of the cookies, and returns how many went.
    pub fn retain(&mut self, keep: impl FnMut(&StoredCookie) -> bool) -> usize {
        let gone = self.shelf.retain(keep);
        self.eviction = Eviction::default();
        gone
    }

    /// Drops all cookies.
    pub fn clear(&mut self) {
        self.retain(|_| false);
    }

    /// The list by which domains are judged.
    pub fn suffixes(&self) -> &dyn SuffixList {
        &*self.suffixes
    }

    #[cfg(feature = "browser")]
    pub(crate) fn suffix_list(&self) -> Arc<dyn SuffixList> {
        Arc::clone(&self.suffixes)
    }

    /// A jar with the same rules and nothing in it.
    #[cfg(feature = "browser")]
    pub(crate) fn clone_empty(&self) -> Self {
        Self {
            shelf: Shelf::default(),
            eviction: Eviction::default(),
            serial: 0,
            evicted: 0,
            suffixes: Arc::clone(&self.suffixes),
            profile: self.profile,
            ignores_prefixes: self.ignores_prefixes,
            limits: self.limits,
        }
    }

    pub(crate) fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    pub(crate) fn take(&mut self, place: &Place) {
        self.shelf.take(place);
    }

    fn put(&mut self, record: &CookieRecord<'_>, arrival: Arrival, now: SystemTime) -> Change {
        let now = Micros::of(now);
        let (mut domain, mut partition, mut place) = (None, None, None);
        if let Some((name, at)) = self.shelf.at(&record.domain) {
            domain = Some(Arc::clone(name));
            place = at.list(record.partition.as_ref()).and_then(|list| list.replaced_by(record));
            partition = record.partition.as_ref().and_then(|key| at.partitions.get_key_value(key));
        }
        // One text for all cookies of a domain, and of a partition.
        let domain = domain.unwrap_or_else(|| record.domain.as_ref().into());
        let partition = match partition {
            Some((key, _)) => Some(Arc::clone(key)),
            None => record.partition.clone().map(Arc::new),
        };
        let mut cookie = StoredCookie::new(record, domain, partition, self.serial);
        // One that has expired is as if it were gone already.
        let old = place.filter(|old| !old.is_expired(now));
        if cookie.is_expired(now) {
            if old.is_some_and(|old| !arrival.deletes(&cookie, old)) {
                return Change::Nothing;
            }
            let removed = old.is_some();
            if let Some(place) = place.map(StoredCookie::place) {
                self.shelf.take(&place);
            }
            return if removed { Change::Removed } else { Change::Nothing };
        }
        let replaced_bytes = place.map_or(0, StoredCookie::size);
        let place = place.map(StoredCookie::sending_order);
        let change = match old {
            Some(old) if !arrival.replaces(&cookie, old) => return Change::Outdated,
            Some(old) => {
                match arrival {
                    // RFC 6265bis, section 5.7: a cookie that is set again keeps its age.
                    Arrival::Set => (cookie.created, cookie.serial) = (old.created, old.serial),
                    Arrival::Merged { .. } if old.created <= cookie.created => {
                        (cookie.created, cookie.serial) = (old.created, old.serial);
                    }
                    Arrival::Merged { .. } | Arrival::Restored => {}
                }
                if cookie.says_the_same_as(old) { Change::Unchanged } else { Change::Replaced }
            }
            None => Change::Added,
        };
        self.serial += 1;
        self.eviction.queue(&self.shelf, &cookie);
        let set_at = (arrival == Arrival::Set).then(|| cookie.place());
        let listed = self.shelf.put(cookie, place);
        if let Some(at) = set_at {
            let growth = Growth { place: at, listed, cookies: usize::from(place.is_none()), replaced_bytes };
            self.evicted += self.eviction.make_room(&mut self.shelf, self.limits, growth, now);
        }
        change
    }
}

/// How a cookie comes into the jar.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arrival {
    /// A server or a script set it.
    Set,
    /// It comes back as it was.
    Restored,
    /// It comes from another jar, which was written down then.
    Merged { written: Micros },
}

impl Arrival {
    fn replaces(self, new: &StoredCookie, old: &StoredCookie) -> bool {
        match self {
            Self::Set | Self::Restored => true,
            Self::Merged { written } => Self::age(new, written).replaces(old),
        }
    }

    /// Whether one that has expired removes the one in its place.
    fn deletes(self, new: &StoredCookie, old: &StoredCookie) -> bool {
        match self {
            Self::Set | Self::Restored => true,
            Self::Merged { written } => Self::age(new, written).deletes(old),
        }
    }

    fn age(new: &StoredCookie, written: Micros) -> Age {
        Age { updated: new.updated, written, expires: new.expires }
    }
}

#[cfg(feature = "psl")]
impl Default for Jar {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Jar {
    /// Without the cookies.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jar")
            .field("len", &self.len())
            .field("profile", &self.profile)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
