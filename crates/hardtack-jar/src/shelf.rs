use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use crate::domain::with_parents;
use crate::stored_cookie::StoredCookie;

/// The cookies, each at its domain, so that whoever looks for those of a host meets no others.
#[derive(Clone, Default)]
pub(crate) struct Shelf {
    /// Those of one domain stand in the order in which they are sent. No domain stands here without a cookie.
    domains: HashMap<Arc<str>, Vec<StoredCookie>>,
    /// The same domains, each beside those that lie under it; made when that is first asked for, which only a connection
    /// without encryption does.
    tree: OnceLock<Tree>,
    len: usize,
}

/// Domains by their bytes from the end, so that all under one follow each other.
type Tree = BTreeMap<Box<[u8]>, Arc<str>>;

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
        let mut below = reversed(domain);
        below.push(b'.');
        let below = below.into_boxed_slice();
        let tree = self.tree.get_or_init(|| {
            self.domains.keys().map(|domain| (reversed(domain).into(), Arc::clone(domain))).collect()
        });
        tree.range(below.clone()..)
            .take_while(move |(reversed, _)| reversed.starts_with(&below))
            .flat_map(|(_, domain)| self.at(domain))
    }

    /// Puts a cookie into its place in the order, instead of the one with a serial number if there is one, and returns how
    /// many its domain has then.
    pub(crate) fn put(&mut self, cookie: StoredCookie, instead_of: Option<u64>) -> usize {
        let Some(shelf) = self.domains.get_mut(&*cookie.domain) else {
            if let Some(tree) = self.tree.get_mut() {
                tree.insert(reversed(&cookie.domain).into(), Arc::clone(&cookie.domain));
            }
            self.domains.insert(Arc::clone(&cookie.domain), vec![cookie]);
            self.len += 1;
            return 1;
        };
        let old = instead_of.and_then(|serial| shelf.iter().position(|old| old.serial == serial));
        match old {
            Some(old) => drop(shelf.remove(old)),
            None => self.len += 1,
        }
        let place = shelf.partition_point(|other| other.sending_order(&cookie).is_lt());
        shelf.insert(place, cookie);
        shelf.len()
    }

    /// Takes a cookie out, by its serial number.
    pub(crate) fn take(&mut self, domain: &str, serial: u64) -> Option<StoredCookie> {
        let shelf = self.domains.get_mut(domain)?;
        let at = shelf.iter().position(|cookie| cookie.serial == serial)?;
        let cookie = shelf.remove(at);
        self.len -= 1;
        if shelf.is_empty() {
            self.domains.remove(domain);
            if let Some(tree) = self.tree.get_mut() {
                tree.remove(&*reversed(domain));
            }
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
        self.tree.take();
        before - self.len
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
        StoredCookie::new(&CookieRecord::new("a", "b", domain, SystemTime::UNIX_EPOCH), domain.into(), serial)
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
            // From the second one on the tree is kept up.
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
        assert_eq!(shelf.take("a.example", 3).map(|cookie| cookie.serial), None);
        assert_eq!(shelf.take("a.example", 1).map(|cookie| cookie.serial), Some(1));
        assert_eq!((shelf.len(), tree(&shelf)), (1, Some(1)));
        assert_eq!(shelf.take("a.example", 2).map(|cookie| cookie.serial), Some(2));
        assert_eq!((shelf.len(), tree(&shelf), shelf.domains.len()), (0, Some(0), 0));
    }

    #[test]
    fn retaining_counts_what_went() {
        let mut shelf = Shelf::default();
        for serial in 0..6 {
            shelf.put(cookie(if serial < 2 { "a.example" } else { "b.example" }, serial), None);
        }
        assert_eq!(shelf.retain(|cookie| cookie.serial > 3), 4);
        assert_eq!((shelf.len(), shelf.at("a.example").len(), shelf.under("example").count()), (2, 0, 2));
    }
}
