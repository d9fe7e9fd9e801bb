use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::limits::Limits;
use crate::cookie::{CookieLocation, CookieMap, Micros, StoredCookie};

/// The eviction of excess cookies (RFC 6265bis, section 5.7, "remove excess cookies").
///
/// The two queues are created when the jar is full for the first time. Using a cookie does not update its entries, so a
/// use costs nothing. If an entry at the head of a queue turns out to be outdated, because its cookie has been used
/// since, the cookie is queued again.
#[derive(Clone, Default)]
pub(crate) struct Eviction {
    queues: Option<Queues>,
}

#[derive(Clone, Default)]
struct Queues {
    by_access: BinaryHeap<Reverse<Entry>>,
    by_expiry: BinaryHeap<Reverse<Entry>>,
}

type Entry = (Micros, u64, CookieLocation);

/// The change in the size of the jar when a server or a script sets a cookie.
pub(crate) struct Growth {
    /// The location of the cookie.
    pub(crate) location: CookieLocation,
    /// The number of cookies with the same domain and partition, including this one.
    pub(crate) listed: usize,
    /// The number of cookies that the jar gained: zero or one.
    pub(crate) cookies: usize,
    /// The size in bytes of the cookie that was replaced, or zero if none was.
    pub(crate) replaced_bytes: usize,
}

impl Eviction {
    /// Evicts cookies after a server or a script set one: first cookies with the same domain and partition, and then
    /// any cookies in the jar. Returns the number of unexpired cookies that were evicted.
    ///
    /// A jar that already exceeds its limits because of an import keeps its size.
    pub(crate) fn make_room(
        &mut self,
        cookie_map: &mut CookieMap,
        limits: Limits,
        growth: Growth,
        now: Micros,
    ) -> u64 {
        let total = limits.total.max(cookie_map.len() - growth.cookies);
        let mut evicted = match ListLimits::of(cookie_map, limits, &growth) {
            Some(limits) => shrink(cookie_map, &growth.location, limits, now),
            None => 0,
        };
        if cookie_map.len() > total {
            let queues = self.queues.get_or_insert_with(|| Queues::of(cookie_map));
            queues.drop_expired(cookie_map, now);
            evicted += queues.drop_unused(cookie_map, total);
        }
        evicted
    }

    /// Queues a cookie before it is added to the map.
    pub(crate) fn queue(&mut self, cookie_map: &CookieMap, cookie: &StoredCookie) {
        let Some(queues) = &mut self.queues else { return };
        // Rebuild the queues before outdated entries outnumber the others.
        let max_entries = 2 * cookie_map.len() + 64;
        if queues.by_access.len() >= max_entries || queues.by_expiry.len() >= max_entries {
            *queues = Queues::of(cookie_map);
        }
        queues.push(cookie);
    }
}

/// The limits for one domain in one partition.
#[derive(Clone, Copy)]
struct ListLimits {
    cookies: usize,
    bytes: usize,
}

impl ListLimits {
    /// Returns the limits to enforce, or `None` if they are not exceeded.
    fn of(cookie_map: &CookieMap, limits: Limits, growth: &Growth) -> Option<Self> {
        let before = growth.listed - growth.cookies;
        if growth.location.partition.is_none() {
            let cookies = limits.per_domain.max(before);
            return (growth.listed > cookies).then_some(Self { cookies, bytes: usize::MAX });
        }
        let bytes: usize = cookie_map.beside(&growth.location)?.iter().map(StoredCookie::size).sum();
        let new = cookie_map.get(&growth.location)?.size();
        let own = Self {
            cookies: limits.per_partition.max(before),
            bytes: limits.per_partition_bytes.max(bytes - new + growth.replaced_bytes),
        };
        (growth.listed > own.cookies || bytes > own.bytes).then_some(own)
    }
}

/// Evicts cookies of one domain and partition: all that have expired, and then, until the limits are met, those without
/// `Secure` before others. In each group, the least recently used cookies are evicted first.
fn shrink(cookie_map: &mut CookieMap, location: &CookieLocation, limits: ListLimits, now: Micros) -> u64 {
    let Some(list) = cookie_map.beside(location) else { return 0 };
    let mut victims: Vec<_> = list
        .iter()
        .map(|cookie| {
            let rank = (!cookie.is_expired(now), cookie.secure, cookie.last_accessed(), cookie.serial);
            (rank, cookie.sending_order(), cookie.size())
        })
        .collect();
    victims.sort_unstable();
    let (mut cookies, mut evicted) = (victims.len(), 0);
    let mut bytes: usize = victims.iter().map(|(.., size)| size).sum();
    for ((is_live, ..), order, size) in victims {
        if is_live && cookies <= limits.cookies && bytes <= limits.bytes {
            break;
        }
        cookie_map.take(&CookieLocation { order, ..location.clone() });
        evicted += u64::from(is_live);
        (cookies, bytes) = (cookies - 1, bytes - size);
    }
    evicted
}

impl Queues {
    fn of(cookie_map: &CookieMap) -> Self {
        let mut queues = Self::default();
        cookie_map.iter().for_each(|cookie| queues.push(cookie));
        queues
    }

    fn push(&mut self, cookie: &StoredCookie) {
        let entry = |time| Reverse((time, cookie.serial, cookie.location()));
        self.by_access.push(entry(cookie.last_accessed()));
        if let Some(expires) = cookie.expires {
            self.by_expiry.push(entry(expires));
        }
    }

    fn drop_expired(&mut self, cookie_map: &mut CookieMap, now: Micros) {
        while self.by_expiry.peek().is_some_and(|Reverse((expires, ..))| *expires <= now) {
            let Some(Reverse((expires, _, location))) = self.by_expiry.pop() else { break };
            if cookie_map.get(&location).is_some_and(|cookie| cookie.expires == Some(expires)) {
                cookie_map.take(&location);
            }
        }
    }

    fn drop_unused(&mut self, cookie_map: &mut CookieMap, max_total: usize) -> u64 {
        let mut dropped = 0;
        while cookie_map.len() > max_total {
            let Some(Reverse((queued, serial, location))) = self.by_access.pop() else { break };
            let Some(cookie) = cookie_map.get(&location) else { continue };
            let used = cookie.last_accessed();
            if used == queued {
                cookie_map.take(&location);
                dropped += 1;
            } else {
                self.by_access.push(Reverse((used, serial, location)));
            }
        }
        dropped
    }
}
