use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::domain::with_parents;
use crate::stored_cookie::StoredCookie;

/// The cookies, each at its domain, so that whoever looks for those of a host meets no others.
#[derive(Clone, Default)]
pub(crate) struct Shelf {
    /// Those of one domain stand in the order in which they are sent.
    domains: HashMap<Arc<str>, Vec<StoredCookie>>,
    /// The same domains, each beside those that lie under it.
    tree: BTreeSet<Reversed>,
    len: usize,
}

/// A domain that is ordered from its end, so that all under one follow each other.
#[derive(Clone, PartialEq, Eq)]
struct Reversed(Arc<str>);

impl Shelf {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn at(&self, domain: &str) -> &[StoredCookie] {
        self.domains.get(domain).map_or(&[], Vec::as_slice)
    }

    /// All cookies, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &StoredCookie> {
        self.domains.values().flatten()
    }

    /// The domains at or above a host, the host first.
    pub(crate) fn above<'a>(&'a self, host: &'a str) -> impl Iterator<Item = &'a StoredCookie> {
        with_parents(host).flat_map(|domain| self.at(domain))
    }

    /// The cookies of the domains under one.
    pub(crate) fn under<'a>(&'a self, domain: &str) -> impl Iterator<Item = &'a StoredCookie> {
        let suffix = Reversed(format!(".{domain}").into());
        self.tree
            .range(suffix.clone()..)
            .take_while(move |below| below.0.ends_with(&*suffix.0))
            .flat_map(|below| self.at(&below.0))
    }

    /// Puts a cookie into its place in the order; whether one like it is there is the caller's to know.
    pub(crate) fn put(&mut self, mut cookie: StoredCookie) {
        let shelf = match self.domains.get_key_value(&*cookie.domain) {
            // One text for all cookies of a domain.
            Some((domain, _)) => {
                cookie.domain = Arc::clone(domain);
                self.domains.get_mut(&*cookie.domain)
            }
            None => None,
        };
        match shelf {
            Some(shelf) => {
                let place = shelf.partition_point(|other| other.sending_order(&cookie).is_lt());
                shelf.insert(place, cookie);
            }
            None => {
                self.tree.insert(Reversed(Arc::clone(&cookie.domain)));
                self.domains.insert(Arc::clone(&cookie.domain), vec![cookie]);
            }
        }
        self.len += 1;
    }

    /// Takes a cookie out, by its serial number.
    pub(crate) fn take(&mut self, domain: &str, serial: u64) -> Option<StoredCookie> {
        let shelf = self.domains.get_mut(domain)?;
        let at = shelf.iter().position(|cookie| cookie.serial == serial)?;
        let cookie = shelf.remove(at);
        self.len -= 1;
        if shelf.is_empty() {
            self.forget(&cookie.domain);
        }
        Some(cookie)
    }

    /// Keeps only some of the cookies, and returns how many went.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&StoredCookie) -> bool) -> usize {
        let before = self.len;
        self.domains.retain(|_, shelf| {
            shelf.retain(&mut keep);
            !shelf.is_empty()
        });
        self.len = self.domains.values().map(Vec::len).sum();
        self.tree.retain(|domain| self.domains.contains_key(&domain.0));
        before - self.len
    }

    fn forget(&mut self, domain: &Arc<str>) {
        self.domains.remove(domain);
        self.tree.remove(&Reversed(Arc::clone(domain)));
    }
}

impl PartialOrd for Reversed {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Reversed {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.bytes().rev().cmp(other.0.bytes().rev())
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::record::CookieRecord;

    fn cookie(domain: &str, serial: u64) -> StoredCookie {
        StoredCookie::new(&CookieRecord::new("a", "b", domain, SystemTime::UNIX_EPOCH), serial)
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
            shelf.put(cookie(domain, serial as u64));
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
        shelf.put(cookie("a.example", 1));
        shelf.put(cookie("a.example", 2));
        assert_eq!(shelf.take("a.example", 3).map(|cookie| cookie.serial), None);
        assert_eq!(shelf.take("a.example", 1).map(|cookie| cookie.serial), Some(1));
        assert_eq!((shelf.len(), shelf.tree.len()), (1, 1));
        assert_eq!(shelf.take("a.example", 2).map(|cookie| cookie.serial), Some(2));
        assert_eq!((shelf.len(), shelf.tree.len(), shelf.domains.len()), (0, 0, 0));
    }

    #[test]
    fn retaining_counts_what_went() {
        let mut shelf = Shelf::default();
        for serial in 0..6 {
            shelf.put(cookie(if serial < 2 { "a.example" } else { "b.example" }, serial));
        }
        assert_eq!(shelf.retain(|cookie| cookie.serial > 3), 4);
        assert_eq!((shelf.len(), shelf.tree.len(), shelf.at("a.example").len()), (2, 1, 0));
    }
}
