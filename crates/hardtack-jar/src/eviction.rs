use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use crate::limits::Limits;
use crate::micros::Micros;
use crate::shelf::Shelf;
use crate::stored_cookie::StoredCookie;

/// Who has to go when there are too many (RFC 6265bis, section 5.7, "remove excess cookies").
///
/// The two queues exist from the moment at which the jar is full for the first time. Their entries may be out of date:
/// a cookie that was used since it was queued is queued again when its turn comes, so that using one costs nothing.
#[derive(Clone, Default)]
pub(crate) struct Eviction {
    queues: Option<Queues>,
}

#[derive(Clone, Default)]
struct Queues {
    by_access: BinaryHeap<Reverse<Entry>>,
    by_expiry: BinaryHeap<Reverse<Entry>>,
}

type Entry = (Micros, u64, Arc<str>);

impl Eviction {
    /// Makes room after a server set a cookie: first at its domain, which has `at_domain`, then in all. Returns how many
    /// went that had not expired.
    ///
    /// A jar that holds more than its limits already, because they were imported, stays as large as it was: it has
    /// `grown` by none or one.
    pub(crate) fn make_room(
        &mut self,
        shelf: &mut Shelf,
        limits: Limits,
        domain: &str,
        at_domain: usize,
        grown: usize,
        now: Micros,
    ) -> u64 {
        let total = limits.total.max(shelf.len() - grown);
        let per_domain = limits.per_domain.max(at_domain - grown);
        let mut evicted = 0;
        if at_domain > per_domain {
            evicted += shrink(shelf, per_domain, domain, now);
        }
        if shelf.len() > total {
            let queues = self.queues.get_or_insert_with(|| Queues::of(shelf));
            queues.drop_expired(shelf, now);
            evicted += queues.drop_unused(shelf, total);
        }
        evicted
    }

    /// Queues a new cookie, or one that was replaced by another with its serial number.
    pub(crate) fn queue(&mut self, shelf: &Shelf, cookie: &StoredCookie) {
        let Some(queues) = &mut self.queues else { return };
        queues.push(cookie);
        // What is out of date must not outweigh the rest.
        let most = 2 * shelf.len() + 64;
        if queues.by_access.len() > most || queues.by_expiry.len() > most {
            *queues = Queues::of(shelf);
        }
    }
}

/// The expired of one domain, then those without `Secure`, then any.
fn shrink(shelf: &mut Shelf, most: usize, domain: &str, now: Micros) -> u64 {
    let mut victims: Vec<_> = shelf
        .at(domain)
        .iter()
        .map(|cookie| (!cookie.is_expired(now), cookie.secure, cookie.last_accessed(), cookie.serial))
        .collect();
    victims.sort_unstable();
    let over = victims.len() - most;
    let expired = victims.iter().take_while(|(is_live, ..)| !is_live).count();
    for &(.., serial) in &victims[..over.max(expired)] {
        shelf.take(domain, serial);
    }
    over.saturating_sub(expired) as u64
}

impl Queues {
    fn of(shelf: &Shelf) -> Self {
        let mut queues = Self::default();
        shelf.iter().for_each(|cookie| queues.push(cookie));
        queues
    }

    fn push(&mut self, cookie: &StoredCookie) {
        let entry = |time| Reverse((time, cookie.serial, Arc::clone(&cookie.domain)));
        self.by_access.push(entry(cookie.last_accessed()));
        if let Some(expires) = cookie.expires {
            self.by_expiry.push(entry(expires));
        }
    }

    fn drop_expired(&mut self, shelf: &mut Shelf, now: Micros) {
        while self.by_expiry.peek().is_some_and(|Reverse((expires, ..))| *expires <= now) {
            let Some(Reverse((expires, serial, domain))) = self.by_expiry.pop() else { break };
            if find(shelf, &domain, serial).is_some_and(|cookie| cookie.expires == Some(expires)) {
                shelf.take(&domain, serial);
            }
        }
    }

    fn drop_unused(&mut self, shelf: &mut Shelf, most: usize) -> u64 {
        let mut dropped = 0;
        while shelf.len() > most {
            let Some(Reverse((queued, serial, domain))) = self.by_access.pop() else { break };
            let Some(cookie) = find(shelf, &domain, serial) else { continue };
            let used = cookie.last_accessed();
            if used == queued {
                shelf.take(&domain, serial);
                dropped += 1;
            } else {
                self.by_access.push(Reverse((used, serial, domain)));
            }
        }
        dropped
    }
}

fn find<'a>(shelf: &'a Shelf, domain: &str, serial: u64) -> Option<&'a StoredCookie> {
    shelf.at(domain).iter().find(|cookie| cookie.serial == serial)
}
