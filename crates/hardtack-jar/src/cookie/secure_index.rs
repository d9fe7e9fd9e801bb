use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher, RandomState};

use super::cookie_record::CookieRecord;
use super::stored_cookie::StoredCookie;
use crate::request::with_parents;

/// An index of `Secure` cookies. It finds the cookies that a new cookie from an unencrypted connection would shadow,
/// without visiting all others.
///
/// The index excludes partitioned cookies, because a cookie from an unencrypted connection is never partitioned.
#[derive(Clone, Default)]
pub(crate) struct SecureIndex {
    hashes: RandomState,
    /// One entry for each cookie. Domains are stored with their bytes reversed, so that all subdomains of a domain are
    /// next to each other.
    entries: BTreeSet<Entry>,
}

/// A digest of a cookie's name, path, and host-only flag, and the reversed bytes of its domain.
type Entry = (u64, Box<[u8]>);

impl SecureIndex {
    pub(crate) fn of<'a>(cookies: impl Iterator<Item = &'a StoredCookie>) -> Self {
        let mut index = Self::default();
        cookies.for_each(|cookie| index.put(cookie));
        index
    }

    /// Adds a cookie, if it is `Secure` and not partitioned.
    pub(crate) fn put(&mut self, cookie: &StoredCookie) {
        if let Some(entry) = self.entry(cookie) {
            self.entries.insert(entry);
        }
    }

    pub(crate) fn take(&mut self, cookie: &StoredCookie) {
        if let Some(entry) = self.entry(cookie) {
            self.entries.remove(&entry);
        }
    }

    fn entry(&self, cookie: &StoredCookie) -> Option<Entry> {
        let is_one = cookie.secure && cookie.partition.is_none();
        is_one.then(|| {
            let mut hasher = self.hasher(cookie.host_only, cookie.name());
            hasher.write(cookie.path_bytes());
            (hasher.finish(), reversed(&cookie.domain))
        })
    }

    fn hasher(&self, host_only: bool, name: &[u8]) -> impl Hasher + Clone {
        let mut hasher = self.hashes.build_hasher();
        hasher.write(&[u8::from(host_only)]);
        hasher.write(name);
        // A separator that no name contains.
        hasher.write(b"\n");
        hasher
    }

    /// Returns whether the index has a cookie that a new cookie would shadow, and that `accept` confirms. Such a cookie
    /// has the same name, a path that the new cookie's path matches, and a domain that is the new cookie's domain, one
    /// of its parents, or one of its subdomains.
    ///
    /// `accept` receives the domain, the path, and whether the cookie is host-only. It must check that the cookie
    /// exists, because digests can collide.
    pub(crate) fn any(
        &self,
        new: &CookieRecord<'_>,
        mut accept: impl FnMut(&str, &str, bool) -> bool,
    ) -> bool {
        let domain = reversed(&new.domain);
        let mut above: Vec<_> =
            with_parents(&new.domain).map(|domain| (domain, (0, reversed(domain)))).collect();
        let mut under: Entry = (0, [&*domain, b"."].concat().into());
        for host_only in [true, false] {
            let mut hasher = self.hasher(host_only, &new.name);
            let mut written = 0;
            for end in matching_ends(&new.path) {
                hasher.write(&new.path.as_bytes()[written..end]);
                written = end;
                let (digest, path) = (hasher.clone().finish(), &new.path[..end]);
                for (domain, entry) in &mut above {
                    entry.0 = digest;
                    if self.entries.contains(entry) && accept(domain, path, host_only) {
                        return true;
                    }
                }
                under.0 = digest;
                let is_under = |entry: &&Entry| entry.0 == digest && entry.1.starts_with(&under.1);
                for (_, domain) in self.entries.range(&under..).take_while(is_under) {
                    let domain: Vec<u8> = domain.iter().rev().copied().collect();
                    if str::from_utf8(&domain).is_ok_and(|domain| accept(domain, path, host_only)) {
                        return true;
                    }
                }
            }
        }
        false
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}

/// Returns the length of each prefix of a path that the path [matches](crate::request::path_match), including its own
/// length.
fn matching_ends(path: &str) -> impl Iterator<Item = usize> {
    let bytes = path.as_bytes();
    (1..=bytes.len())
        .filter(move |&end| bytes[end - 1] == b'/' || bytes.get(end).is_none_or(|&next| next == b'/'))
}

fn reversed(domain: &str) -> Box<[u8]> {
    domain.bytes().rev().collect()
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::request::path_match;

    #[test]
    fn the_ends_are_those_of_the_paths_that_match() {
        for path in ["/", "/a", "/a/", "/a/b", "//a//", "/\u{fc}/b", "x/y", ""] {
            let ends: Vec<_> = matching_ends(path).collect();
            let expected: Vec<_> = (1..=path.len())
                .filter(|&end| path.is_char_boundary(end) && path_match(path, &path[..end]))
                .collect();
            assert_eq!(ends, expected, "{path}");
        }
    }

    #[test]
    fn those_above_and_under_a_domain_are_found_and_no_others() {
        let cookie = |domain: &str, path: &str, host_only: bool| {
            let mut record = CookieRecord::new("a", "b", domain, SystemTime::UNIX_EPOCH);
            (record.secure, record.host_only) = (true, host_only);
            record.path = path.into();
            StoredCookie::new(&record, domain.into(), None, 0)
        };
        let mut index = SecureIndex::default();
        let domains =
            ["example.com", "a.example.com", "b.a.example.com", "badexample.com", "example.com.au", "com"];
        for domain in domains {
            index.put(&cookie(domain, "/a", domain.len() % 2 == 0));
            index.put(&cookie(domain, "/ab", true));
        }
        let near = |domain: &str, path: &str, name: &str| {
            let mut new = CookieRecord::new(name, "b", domain, SystemTime::UNIX_EPOCH);
            new.path = path.into();
            let mut found = Vec::new();
            index.any(&new, |domain, path, host_only| {
                assert_eq!((path, host_only), ("/a", domain.len() % 2 == 0));
                found.push(domain.to_owned());
                false
            });
            found.sort_unstable();
            found
        };
        assert_eq!(
            near("a.example.com", "/a/b", "a"),
            ["a.example.com", "b.a.example.com", "com", "example.com"]
        );
        assert_eq!(near("badexample.com", "/a", "a"), ["badexample.com", "com"]);
        assert_eq!(near("au", "/a/", "a"), ["example.com.au"]);
        for (path, name) in [("/", "a"), ("/b", "a"), ("/a", "b")] {
            assert_eq!(near("example.com", path, name), [""; 0]);
        }
        for domain in domains {
            index.take(&cookie(domain, "/a", domain.len() % 2 == 0));
        }
        assert_eq!(index.len(), domains.len());
    }
}
