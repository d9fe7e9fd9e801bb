use std::collections::{BTreeMap, HashMap, btree_map};
use std::slice;

use super::cookie_record::CookieRecord;
use super::stored_cookie::{SendingOrder, StoredCookie};

/// The cookies of one domain in one partition, in the order in which they are sent.
///
/// Nearly all domains have few cookies, for which a scan is fastest. A file may contain a hundred thousand cookies for
/// one domain. A long list therefore has an index, which keeps the work per cookie small.
#[derive(Clone)]
pub(crate) enum CookieList {
    Few(Vec<StoredCookie>),
    Many(Box<Indexed>),
}

/// The maximum length of a list without an index. It exceeds the default limits for cookies that servers set.
const MAX_LINEAR: usize = 256;

#[derive(Clone, Default)]
pub(crate) struct Indexed {
    cookies: BTreeMap<SendingOrder, StoredCookie>,
    /// The position of each cookie, by the key that [`identity`] returns.
    by_identity: HashMap<Box<[u8]>, SendingOrder>,
}

impl CookieList {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Few(cookies) => cookies.len(),
            Self::Many(indexed) => indexed.cookies.len(),
        }
    }

    pub(crate) fn iter(&self) -> Iter<'_> {
        match self {
            Self::Few(cookies) => Iter::Few(cookies.iter()),
            Self::Many(indexed) => Iter::Many(indexed.cookies.values()),
        }
    }

    /// Returns the cookie that a new cookie replaces, if there is one.
    pub(crate) fn replaced_by(&self, new: &CookieRecord<'_>) -> Option<&StoredCookie> {
        match self {
            Self::Few(cookies) => cookies.iter().find(|old| old.is_replaced_by(new)),
            Self::Many(indexed) => {
                let identity = identity(&new.name, new.path.as_bytes(), new.host_only);
                indexed.cookies.get(indexed.by_identity.get(&*identity)?)
            }
        }
    }

    pub(crate) fn get(&self, order: SendingOrder) -> Option<&StoredCookie> {
        match self {
            Self::Few(cookies) => Some(&cookies[search(cookies, order).ok()?]),
            Self::Many(indexed) => indexed.cookies.get(&order),
        }
    }

    /// Inserts a cookie. Removes the cookie at the position `instead_of`, if given.
    pub(crate) fn put(&mut self, cookie: StoredCookie, instead_of: Option<SendingOrder>) {
        let order = cookie.sending_order();
        if let Some(old) = instead_of.filter(|old| *old != order) {
            self.take(old);
        }
        match self {
            Self::Few(cookies) => {
                match search(cookies, order) {
                    Ok(at) => cookies[at] = cookie,
                    Err(at) => cookies.insert(at, cookie),
                }
                if cookies.len() > MAX_LINEAR {
                    let mut indexed = Indexed::default();
                    cookies.drain(..).for_each(|cookie| indexed.put(cookie));
                    *self = Self::Many(Box::new(indexed));
                }
            }
            Self::Many(indexed) => indexed.put(cookie),
        }
    }

    pub(crate) fn take(&mut self, order: SendingOrder) -> Option<StoredCookie> {
        match self {
            Self::Few(cookies) => Some(cookies.remove(search(cookies, order).ok()?)),
            Self::Many(indexed) => {
                let cookie = indexed.cookies.remove(&order)?;
                indexed.by_identity.remove(&identity_of(&cookie));
                Some(cookie)
            }
        }
    }

    pub(crate) fn retain(&mut self, keep: &mut impl FnMut(&StoredCookie) -> bool) {
        match self {
            Self::Few(cookies) => cookies.retain(keep),
            Self::Many(indexed) => {
                indexed.cookies.retain(|_, cookie| keep(cookie));
                indexed.by_identity.retain(|_, order| indexed.cookies.contains_key(order));
            }
        }
    }
}

impl Default for CookieList {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Indexed {
    fn put(&mut self, cookie: StoredCookie) {
        let order = cookie.sending_order();
        self.by_identity.insert(identity_of(&cookie), order);
        self.cookies.insert(order, cookie);
    }
}

fn search(cookies: &[StoredCookie], order: SendingOrder) -> Result<usize, usize> {
    cookies.binary_search_by(|cookie| cookie.sending_order().cmp(&order))
}

fn identity_of(cookie: &StoredCookie) -> Box<[u8]> {
    identity(cookie.name(), cookie.path_bytes(), cookie.host_only)
}

/// Returns a key that identifies a cookie in a list. The byte between the name and the path is the flag `host_only` as
/// 0 or 1, a control character that neither can contain. Cookies with the same key therefore have the same name,
/// path, and flag.
fn identity(name: &[u8], path: &[u8], host_only: bool) -> Box<[u8]> {
    [name, path].join(&u8::from(host_only)).into()
}

/// An iterator over a list's cookies, in the order in which they are sent.
pub(crate) enum Iter<'a> {
    Few(slice::Iter<'a, StoredCookie>),
    Many(btree_map::Values<'a, SendingOrder, StoredCookie>),
}

impl<'a> Iterator for Iter<'a> {
    type Item = &'a StoredCookie;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Few(cookies) => cookies.next(),
            Self::Many(cookies) => cookies.next(),
        }
    }

    /// Checks the kind of list once, instead of before each cookie. Most of the time for retrieving cookies is spent in
    /// this loop.
    fn fold<B, F: FnMut(B, Self::Item) -> B>(self, init: B, f: F) -> B {
        match self {
            Self::Few(cookies) => cookies.fold(init, f),
            Self::Many(cookies) => cookies.fold(init, f),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    fn record(number: u64, path: &'static str) -> CookieRecord<'static> {
        let created = SystemTime::UNIX_EPOCH + Duration::from_secs(number % 7);
        let mut record = CookieRecord::new("", "1", "example.com", created).into_owned();
        record.name = format!("n{}", number % 400).into_bytes().into();
        record.host_only = number.is_multiple_of(3);
        record.path = path.into();
        record
    }

    #[test]
    fn long_lists_behave_like_short_ones() {
        let mut many = CookieList::Many(Box::default());
        let mut few = Vec::new();
        for serial in 0..2_000 {
            let record = record(serial * 31 % 1_000, ["/", "/a", "/a/b"][serial as usize % 3]);
            let new = StoredCookie::new(&record, "example.com".into(), None, serial);
            let old = few.iter().position(|old: &StoredCookie| old.is_replaced_by(&record));
            let order = many.replaced_by(&record).map(StoredCookie::sending_order);
            assert_eq!(old.map(|old| few[old].serial), order.map(|order| order.serial));
            if let Some(order) = order {
                assert_eq!(many.get(order).map(|cookie| cookie.serial), Some(order.serial));
            }
            old.map(|old| few.remove(old));
            if serial % 5 == 4 {
                // Remove the old cookie without inserting the new one.
                order.map(|order| many.take(order));
            } else {
                few.push(new.clone());
                many.put(new, order);
            }
        }
        few.sort_by_key(StoredCookie::sending_order);
        let serials = |cookies: Iter<'_>| cookies.map(|cookie| cookie.serial).collect::<Vec<_>>();
        assert_eq!(serials(many.iter()), few.iter().map(|cookie| cookie.serial).collect::<Vec<_>>());
        many.retain(&mut |cookie| cookie.serial % 2 == 0);
        few.retain(|cookie| cookie.serial % 2 == 0);
        assert_eq!(serials(many.iter()), few.iter().map(|cookie| cookie.serial).collect::<Vec<_>>());
        let CookieList::Many(indexed) = &many else { unreachable!("it was made so") };
        assert_eq!((indexed.by_identity.len(), many.len()), (few.len(), few.len()));
    }

    #[test]
    fn a_list_that_grows_gets_an_index_and_keeps_its_order() {
        let mut list = CookieList::default();
        for serial in 0..=MAX_LINEAR as u64 {
            assert!(matches!(list, CookieList::Few(_)));
            let record = CookieRecord::new("a", "1", "example.com", SystemTime::UNIX_EPOCH);
            list.put(StoredCookie::new(&record, "example.com".into(), None, 1_000 - serial), None);
        }
        assert!(matches!(list, CookieList::Many(_)));
        assert!(list.iter().is_sorted_by_key(|cookie| cookie.serial));
        assert_eq!(list.len(), MAX_LINEAR + 1);
    }
}
