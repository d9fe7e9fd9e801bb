use std::collections::{BTreeMap, HashMap};
use std::iter;
use std::sync::{Arc, OnceLock};

use crate::cookie_list::{CookieList, SendingOrder};
use crate::domain::with_parents;
use crate::record::CookieRecord;
use crate::site::PartitionKey;
use crate::stored_cookie::StoredCookie;

/// The cookies by domain, so that a lookup for one host does not visit the others.
#[derive(Clone, Default)]
pub(crate) struct Shelf {
    /// Every domain in this map has at least one cookie.
    domains: HashMap<Arc<str>, Domain>,
    /// The same domains, each next to its subdomains. Built on first use, which only an unencrypted connection needs.
    tree: OnceLock<Tree>,
    len: usize,
}

/// The cookies of one domain.
#[derive(Clone, Default)]
pub(crate) struct Domain {
    pub(crate) unpartitioned: CookieList,
    /// Each partition counts separately, and a page sees one. None is empty.
    pub(crate) partitions: BTreeMap<Arc<PartitionKey>, CookieList>,
}

/// Where a cookie is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) order: SendingOrder,
    pub(crate) domain: Arc<str>,
    pub(crate) partition: Option<Arc<PartitionKey>>,
}

/// Domains by their reversed bytes, so that all subdomains of one are adjacent.
type Tree = BTreeMap<Box<[u8]>, Arc<str>>;

impl Shelf {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The cookies of a domain, with its name.
    pub(crate) fn at(&self, domain: &str) -> Option<(&Arc<str>, &Domain)> {
        self.domains.get_key_value(domain)
    }

    /// The cookie that a new one replaces.
    pub(crate) fn replaced_by(&self, new: &CookieRecord<'_>) -> Option<&StoredCookie> {
        let (_, domain) = self.at(&new.domain)?;
        domain.list(new.partition.as_ref())?.replaced_by(new)
    }

    /// All cookies of the same domain and partition, including the cookie itself.
    pub(crate) fn beside(&self, place: &Place) -> Option<&CookieList> {
        let (_, domain) = self.at(&place.domain)?;
        domain.list(place.partition.as_deref())
    }

    pub(crate) fn get(&self, place: &Place) -> Option<&StoredCookie> {
        self.beside(place)?.get(place.order)
    }

    /// All cookies, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &StoredCookie> {
        self.domains.values().flat_map(Domain::iter)
    }

    /// The cookies of a host and of its parent domains, the host's first.
    pub(crate) fn above<'a>(&'a self, host: &'a str) -> impl Iterator<Item = &'a StoredCookie> {
        with_parents(host).filter_map(|domain| self.domains.get(domain)).flat_map(Domain::iter)
    }

    /// The cookies of a domain's subdomains.
    pub(crate) fn under<'a>(&'a self, domain: &str) -> impl Iterator<Item = &'a StoredCookie> {
        let mut below = reversed(domain);
        below.push(b'.');
        let below = below.into_boxed_slice();
        let tree = self.tree.get_or_init(|| {
            self.domains.keys().map(|domain| (reversed(domain).into(), Arc::clone(domain))).collect()
        });
        tree.range(below.clone()..)
            .take_while(move |(reversed, _)| reversed.starts_with(&below))
            .filter_map(|(_, domain)| self.domains.get(domain))
            .flat_map(Domain::iter)
    }

    /// Inserts a cookie, in place of an old one of its list if there is one, and returns the new length of the list.
    pub(crate) fn put(&mut self, cookie: StoredCookie, instead_of: Option<SendingOrder>) -> usize {
        self.len += usize::from(instead_of.is_none());
        let domain = match self.domains.get_mut(&*cookie.domain) {
            Some(domain) => domain,
            None => {
                if let Some(tree) = self.tree.get_mut() {
                    tree.insert(reversed(&cookie.domain).into(), Arc::clone(&cookie.domain));
                }
                self.domains.entry(Arc::clone(&cookie.domain)).or_default()
            }
        };
        let list = match &cookie.partition {
            None => &mut domain.unpartitioned,
            Some(key) => domain.partitions.entry(Arc::clone(key)).or_default(),
        };
        list.put(cookie, instead_of);
        list.len()
    }

    pub(crate) fn take(&mut self, place: &Place) -> Option<StoredCookie> {
        let domain = self.domains.get_mut(&place.domain)?;
        let cookie = match &place.partition {
            None => domain.unpartitioned.take(place.order)?,
            Some(key) => {
                let list = domain.partitions.get_mut(key)?;
                let cookie = list.take(place.order)?;
                if list.len() == 0 {
                    domain.partitions.remove(key);
                }
                cookie
            }
        };
        self.len -= 1;
        if domain.is_empty() {
            self.domains.remove(&place.domain);
            if let Some(tree) = self.tree.get_mut() {
                tree.remove(&*reversed(&place.domain));
            }
        }
        Some(cookie)
    }

    /// Keeps only some of the cookies, and returns how many were removed.
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
        self.tree.take();
        before - self.len
    }
}

impl Domain {
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

fn reversed(domain: &str) -> Vec<u8> {
    domain.bytes().rev().collect()
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::record::CookieRecord;

    fn cookie(domain: &str, serial: u64) -> StoredCookie {
        StoredCookie::new(
            &CookieRecord::new("a", "b", domain, SystemTime::UNIX_EPOCH),
            domain.into(),
            None,
            serial,
        )
    }

    #[test]
    fn those_under_a_domain_are_found_and_no_others() {
        let mut shelf = Shelf::default();
        let domains = [
            "example.com",
            "a.example.com",
            "b.a.example.com",
            "badexample.com",
            "example.com.au",
            "com",
            "z.com",
        ];
        for (serial, domain) in domains.iter().enumerate() {
            shelf.put(cookie(domain, serial as u64), None);
            // After the first use, the tree is kept up to date.
            assert_eq!(shelf.under("nowhere.example").count(), 0);
        }
        let under = |domain: &str| {
            let mut found: Vec<_> = shelf.under(domain).map(StoredCookie::domain).collect();
            found.sort_unstable();
            found
        };
        assert_eq!(under("example.com"), ["a.example.com", "b.a.example.com"]);
        assert_eq!(under("a.example.com"), ["b.a.example.com"]);
        assert_eq!(under("b.a.example.com"), [""; 0]);
        assert_eq!(
            under("com"),
            ["a.example.com", "b.a.example.com", "badexample.com", "example.com", "z.com"]
        );
        let above: Vec<_> = shelf.above("b.a.example.com").map(StoredCookie::domain).collect();
        assert_eq!(above, ["b.a.example.com", "a.example.com", "example.com", "com"]);
    }

    #[test]
    fn what_is_taken_leaves_nothing_behind() {
        let mut shelf = Shelf::default();
        assert_eq!(shelf.put(cookie("a.example", 1), None), 1);
        assert_eq!(shelf.put(cookie("a.example", 2), None), 2);
        assert_eq!(shelf.under("example").count(), 2);
        let tree = |shelf: &Shelf| shelf.tree.get().map(BTreeMap::len);
        let take = |shelf: &mut Shelf, serial| {
            shelf.take(&cookie("a.example", serial).place()).map(|cookie| cookie.serial)
        };
        assert_eq!(take(&mut shelf, 3), None);
        assert_eq!(take(&mut shelf, 1), Some(1));
        assert_eq!((shelf.len(), tree(&shelf)), (1, Some(1)));
        assert_eq!(take(&mut shelf, 2), Some(2));
        assert_eq!((shelf.len(), tree(&shelf), shelf.domains.len()), (0, Some(0), 0));
    }

    #[test]
    fn a_partition_that_is_empty_is_gone() {
        let mut shelf = Shelf::default();
        let mut record = CookieRecord::new("a", "b", "a.example", SystemTime::UNIX_EPOCH);
        record.partition = Some(PartitionKey::new("https://top.example".parse().expect("a site")));
        let key = record.partition.clone().map(Arc::new);
        let partitioned = StoredCookie::new(&record, "a.example".into(), key, 1);
        let place = partitioned.place();
        assert_eq!(shelf.put(cookie("a.example", 2), None), 1);
        assert_eq!(shelf.put(partitioned.clone(), None), 1);
        assert_eq!((shelf.len(), shelf.iter().count()), (2, 2));
        assert_eq!(shelf.get(&place).map(|cookie| cookie.serial), Some(1));
        assert!(shelf.take(&place).is_some() && shelf.take(&place).is_none());
        assert!(shelf.domains["a.example"].partitions.is_empty());
        shelf.put(partitioned, None);
        assert_eq!(shelf.retain(|cookie| cookie.partition.is_none()), 1);
        assert!(shelf.domains["a.example"].partitions.is_empty());
    }

    #[test]
    fn retaining_counts_what_went() {
        let mut shelf = Shelf::default();
        for serial in 0..6 {
            shelf.put(cookie(if serial < 2 { "a.example" } else { "b.example" }, serial), None);
        }
        assert_eq!(shelf.retain(|cookie| cookie.serial > 3), 4);
        assert_eq!(
            (shelf.len(), shelf.above("a.example").count(), shelf.under("example").count()),
            (2, 0, 2)
        );
    }
}
