use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::iter;
use std::sync::{Arc, OnceLock};

use super::cookie_list::CookieList;
use super::cookie_record::CookieRecord;
use super::micros::Micros;
use super::secure_index::SecureIndex;
use super::stored_cookie::{CookieLocation, SendingOrder, StoredCookie};
use crate::request::{PartitionKey, with_parents};

/// A jar's cookies, grouped by domain, so that a lookup for one host does not visit the cookies of other hosts.
#[derive(Clone, Default)]
pub(crate) struct CookieMap {
    /// Every domain in this map has at least one cookie.
    domains: HashMap<Arc<str>, DomainCookies>,
    /// An index of the `Secure` cookies. It is built on first use, because only unencrypted connections need it.
    secure: OnceLock<SecureIndex>,
    len: usize,
}

/// The cookies of one domain.
#[derive(Clone, Default)]
pub(crate) struct DomainCookies {
    pub(crate) unpartitioned: CookieList,
    /// The cookies in each partition, none of which is empty. They are separate because each partition has its own
    /// limits, and a page sees only one partition.
    pub(crate) partitions: BTreeMap<Arc<PartitionKey>, CookieList>,
}

impl CookieMap {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Returns the cookies of a domain, with the string that they share as their domain.
    pub(crate) fn at(&self, domain: &str) -> Option<(&Arc<str>, &DomainCookies)> {
        self.domains.get_key_value(domain)
    }

    /// Returns the cookie that a new cookie replaces, if there is one.
    pub(crate) fn replaced_by(&self, new: &CookieRecord<'_>) -> Option<&StoredCookie> {
        let (_, domain) = self.at(&new.domain)?;
        domain.list(new.partition.as_ref())?.replaced_by(new)
    }

    /// Returns all cookies with the same domain and partition as the cookie at this location, including that cookie.
    pub(crate) fn beside(&self, location: &CookieLocation) -> Option<&CookieList> {
        let (_, domain) = self.at(&location.domain)?;
        domain.list(location.partition.as_deref())
    }

    pub(crate) fn get(&self, location: &CookieLocation) -> Option<&StoredCookie> {
        self.beside(location)?.get(location.order)
    }

    /// Returns all cookies, in an unspecified order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &StoredCookie> {
        self.domains.values().flat_map(DomainCookies::iter)
    }

    /// Returns the cookies of a host and of its parent domains, starting with the host's.
    pub(crate) fn above<'a>(&'a self, host: &'a str) -> impl Iterator<Item = &'a StoredCookie> {
        with_parents(host).filter_map(|domain| self.domains.get(domain)).flat_map(DomainCookies::iter)
    }

    /// Returns whether a new cookie would shadow a `Secure` cookie in the map. It would if the two have the same name,
    /// if the new cookie's path matches the path of the other, and if their domains are equal or one is a subdomain of
    /// the other.
    pub(crate) fn has_secure_near(&self, new: &CookieRecord<'_>, now: Micros) -> bool {
        let index = self.secure.get_or_init(|| SecureIndex::of(self.iter()));
        index.any(new, |domain, path, host_only| {
            let near = CookieRecord {
                name: Cow::Borrowed(&new.name),
                value: Cow::default(),
                domain: domain.into(),
                path: path.into(),
                host_only,
                partition: None,
                ..*new
            };
            self.replaced_by(&near).is_some_and(|old| old.secure && !old.is_expired(now))
        })
    }

    /// Inserts a cookie into its list, and returns the list's new length. Removes the cookie at the position
    /// `instead_of` of the same list, if given.
    pub(crate) fn put(&mut self, cookie: StoredCookie, instead_of: Option<SendingOrder>) -> usize {
        self.len += usize::from(instead_of.is_none());
        let domain = match self.domains.get_mut(&*cookie.domain) {
            Some(domain) => domain,
            None => self.domains.entry(Arc::clone(&cookie.domain)).or_default(),
        };
        let list = match &cookie.partition {
            None => &mut domain.unpartitioned,
            Some(key) => domain.partitions.entry(Arc::clone(key)).or_default(),
        };
        if let Some(index) = self.secure.get_mut() {
            // Remove the old cookie's entry first. It may be equal to the new cookie's entry, and the new cookie has
            // none if it is not `Secure`.
            if let Some(old) = instead_of.and_then(|order| list.get(order)) {
                index.take(old);
            }
            index.put(&cookie);
        }
        list.put(cookie, instead_of);
        list.len()
    }

    pub(crate) fn take(&mut self, location: &CookieLocation) -> Option<StoredCookie> {
        let domain = self.domains.get_mut(&location.domain)?;
        let cookie = match &location.partition {
            None => domain.unpartitioned.take(location.order)?,
            Some(key) => {
                let list = domain.partitions.get_mut(key)?;
                let cookie = list.take(location.order)?;
                if list.len() == 0 {
                    domain.partitions.remove(key);
                }
                cookie
            }
        };
        self.len -= 1;
        if domain.is_empty() {
            self.domains.remove(&location.domain);
        }
        if let Some(index) = self.secure.get_mut() {
            index.take(&cookie);
        }
        Some(cookie)
    }

    /// Removes the cookies for which `keep` returns `false`, and returns their number.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&StoredCookie) -> bool) -> usize {
        let before = self.len;
        self.len = 0;
        self.domains.retain(|_, domain| {
            domain.unpartitioned.retain(&mut keep);
            domain.partitions.retain(|_, list| {
                list.retain(&mut keep);
                list.len() > 0
            });
            self.len += domain.lists().map(CookieList::len).sum::<usize>();
            !domain.is_empty()
        });
        self.secure.take();
        before - self.len
    }
}

impl DomainCookies {
    pub(crate) fn list(&self, partition: Option<&PartitionKey>) -> Option<&CookieList> {
        match partition {
            None => Some(&self.unpartitioned),
            Some(key) => self.partitions.get(key),
        }
    }

    fn lists(&self) -> impl Iterator<Item = &CookieList> {
        iter::once(&self.unpartitioned).chain(self.partitions.values())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &StoredCookie> {
        self.lists().flat_map(CookieList::iter)
    }

    fn is_empty(&self) -> bool {
        self.unpartitioned.len() == 0 && self.partitions.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    fn cookie(domain: &str, serial: u64) -> StoredCookie {
        StoredCookie::new(
            &CookieRecord::new("a", "b", domain, SystemTime::UNIX_EPOCH),
            domain.into(),
            None,
            serial,
        )
    }

    #[test]
    fn a_secure_cookie_that_a_new_one_would_shadow_is_found() {
        let at = |seconds: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let record = |domain, secure, expires: Option<u64>| {
            let mut record = CookieRecord::new("a", "b", domain, at(0));
            (record.secure, record.expires) = (secure, expires.map(at));
            record
        };
        let stored = |record: &CookieRecord<'_>| StoredCookie::new(record, (&*record.domain).into(), None, 1);
        let new = record("a.example", false, None);
        let mut cookie_map = CookieMap::default();
        let shadows = |cookie_map: &CookieMap| cookie_map.has_secure_near(&new, Micros::of(at(10)));
        assert!(!shadows(&cookie_map));
        // The index exists now, and every change updates it.
        for (old, expected) in [
            (record("a.example", true, None), true),
            (record("b.a.example", true, Some(11)), true),
            (record("a.example", true, Some(10)), false),
            (record("a.example", false, None), false),
            (record("b.example", true, None), false),
        ] {
            let cookie = stored(&old);
            cookie_map.put(cookie.clone(), None);
            assert_eq!(shadows(&cookie_map), expected, "{old:?}");
            assert_eq!(shadows(&cookie_map.clone()), expected, "{old:?}");
            assert!(cookie_map.take(&cookie.location()).is_some());
            assert!(!shadows(&cookie_map), "{old:?}");
        }
        let secure = stored(&record("a.example", true, None));
        cookie_map.put(secure.clone(), None);
        cookie_map.put(stored(&record("a.example", false, None)), Some(secure.sending_order()));
        assert!(!shadows(&cookie_map));
    }

    #[test]
    fn removal_leaves_nothing_behind() {
        let mut cookie_map = CookieMap::default();
        assert_eq!(cookie_map.put(cookie("a.example", 1), None), 1);
        assert_eq!(cookie_map.put(cookie("a.example", 2), None), 2);
        let take = |cookie_map: &mut CookieMap, serial| {
            cookie_map.take(&cookie("a.example", serial).location()).map(|cookie| cookie.serial)
        };
        assert_eq!(take(&mut cookie_map, 3), None);
        assert_eq!(take(&mut cookie_map, 1), Some(1));
        assert_eq!(cookie_map.len(), 1);
        assert_eq!(take(&mut cookie_map, 2), Some(2));
        assert_eq!((cookie_map.len(), cookie_map.domains.len()), (0, 0));
    }

    #[test]
    fn a_partition_that_is_empty_is_gone() {
        let mut cookie_map = CookieMap::default();
        let mut record = CookieRecord::new("a", "b", "a.example", SystemTime::UNIX_EPOCH);
        record.partition = Some(PartitionKey::new("https://top.example".parse().expect("a site")));
        let key = record.partition.clone().map(Arc::new);
        let partitioned = StoredCookie::new(&record, "a.example".into(), key, 1);
        let location = partitioned.location();
        assert_eq!(cookie_map.put(cookie("a.example", 2), None), 1);
        assert_eq!(cookie_map.put(partitioned.clone(), None), 1);
        assert_eq!((cookie_map.len(), cookie_map.iter().count()), (2, 2));
        assert_eq!(cookie_map.get(&location).map(|cookie| cookie.serial), Some(1));
        assert!(cookie_map.take(&location).is_some() && cookie_map.take(&location).is_none());
        assert!(cookie_map.domains["a.example"].partitions.is_empty());
        cookie_map.put(partitioned, None);
        assert_eq!(cookie_map.retain(|cookie| cookie.partition.is_none()), 1);
        assert!(cookie_map.domains["a.example"].partitions.is_empty());
    }

    #[test]
    fn retaining_counts_the_removed_cookies() {
        let mut cookie_map = CookieMap::default();
        for serial in 0..6 {
            cookie_map.put(cookie(if serial < 2 { "a.example" } else { "b.example" }, serial), None);
        }
        assert_eq!(cookie_map.retain(|cookie| cookie.serial > 3), 4);
        assert_eq!(
            (cookie_map.len(), cookie_map.above("a.example").count(), cookie_map.above("b.example").count()),
            (2, 0, 2)
        );
    }
}
