use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::peer::Peer;

/// The maximum number of login attempts for one name from one address within a window.
const MAX_TRIES: u32 = 5;

/// The maximum number of failed logins from one address within a window, regardless of the names: each one costs a
/// password hash.
const MAX_FAILURES: u32 = 20;

const WINDOW: Duration = Duration::from_secs(60);

/// The maximum number of names and addresses that are remembered. Beyond it, unknown names must wait, and users are
/// counted by name alone.
const MAX_REMEMBERED: usize = 10_000;

/// The maximum length of a name. Longer names belong to no user, and share one count.
const MAX_NAME: usize = 64;

/// A counter of recent login attempts per name and address. Attempts count whether or not the user exists, so that the
/// response does not reveal whether they do. If only names were counted, anyone could lock a user out.
pub(crate) struct Tries {
    /// A plain mutex, because the critical sections are short and never span an await.
    counts: Mutex<Counts>,
    users: &'static [&'static str],
}

#[derive(Default)]
struct Counts {
    windows: HashMap<(Box<str>, Peer), Window>,
    addresses: HashMap<Peer, Window>,
}

struct Window {
    begun: Instant,
    tries: u32,
}

impl Tries {
    /// Creates the counts. Attempts for these users are always counted, however many unknown names are tried.
    pub(crate) fn new(users: &'static [&'static str]) -> Self {
        Self { counts: Mutex::default(), users }
    }

    /// Counts an attempt, or returns how long to wait for the next one.
    pub(crate) fn begin(
        &self,
        name: &str,
        peer: Peer,
        now: Instant,
    ) -> Result<(), Duration> {
        let mut key = key(name, peer);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let Counts { windows, addresses } = &mut *counts;
        if let Some(left) =
            addresses.get(&peer).and_then(|window| window.full(MAX_FAILURES, now))
        {
            return Err(left);
        }
        if windows.len() >= MAX_REMEMBERED && !windows.contains_key(&key) {
            windows.retain(|_, window| window.left(now).is_some());
            if windows.len() >= MAX_REMEMBERED {
                if !self.users.contains(&&*key.0) {
                    return Err(WINDOW);
                }
                key.1 = Peer::ANY;
            }
        }
        let window = windows.entry(key).or_insert(Window { begun: now, tries: 0 });
        if let Some(left) = window.full(MAX_TRIES, now) {
            return Err(left);
        }
        window.count(now);
        if addresses.len() >= MAX_REMEMBERED {
            addresses.retain(|_, window| window.left(now).is_some());
        }
        // With this many addresses at the same time, only names are counted.
        if addresses.len() < MAX_REMEMBERED || addresses.contains_key(&peer) {
            addresses.entry(peer).or_insert(Window { begun: now, tries: 0 }).count(now);
        }
        Ok(())
    }

    /// Resets the count for a user who entered the correct password, and does not count this attempt against the
    /// address.
    pub(crate) fn forget(&self, name: &str, peer: Peer) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.windows.remove(&key(name, peer));
        if let Some(window) = counts.addresses.get_mut(&peer) {
            window.tries = window.tries.saturating_sub(1);
        }
    }
}

impl Window {
    /// Returns the time that remains in the window.
    fn left(&self, now: Instant) -> Option<Duration> {
        WINDOW
            .checked_sub(now.saturating_duration_since(self.begun))
            .filter(|left| !left.is_zero())
    }

    /// Returns the time that remains in the window, if the window already has `most` attempts.
    fn full(&self, most: u32, now: Instant) -> Option<Duration> {
        self.left(now).filter(|_| self.tries >= most)
    }

    /// Counts an attempt, in a new window if this one is over.
    fn count(&mut self, now: Instant) {
        if self.left(now).is_none() {
            *self = Self { begun: now, tries: 0 };
        }
        self.tries += 1;
    }
}

fn key(name: &str, peer: Peer) -> (Box<str>, Peer) {
    let name = if name.len() > MAX_NAME { "" } else { name };
    (name.into(), peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Peer = Peer::ANY;

    fn elsewhere(number: u8) -> Peer {
        Peer::of([192, 0, 2, number].into())
    }

    #[test]
    fn the_sixth_try_within_a_minute_waits() {
        let (tries, start) = (Tries::new(&["john"]), Instant::now());
        for second in 0..5 {
            assert_eq!(
                tries.begin("john", HERE, start + Duration::from_secs(second)),
                Ok(())
            );
        }
        assert_eq!(
            tries.begin("john", HERE, start + Duration::from_secs(20)),
            Err(Duration::from_secs(40))
        );
        assert_eq!(
            tries.begin("jane", HERE, start),
            Ok(()),
            "another name has tries of its own"
        );
        assert_eq!(
            tries.begin("john", elsewhere(1), start),
            Ok(()),
            "and so has another address"
        );
        assert_eq!(tries.begin("john", HERE, start + WINDOW), Ok(()));
    }

    #[test]
    fn a_password_that_was_right_begins_anew() {
        let (tries, now) = (Tries::new(&["john"]), Instant::now());
        for _ in 0..20 {
            assert_eq!(tries.begin("john", HERE, now), Ok(()));
            tries.forget("john", HERE);
        }
    }

    #[test]
    fn strangers_names_fill_no_memory_and_shut_no_user_out() {
        let (tries, now) = (Tries::new(&["john"]), Instant::now());
        for number in 0..MAX_REMEMBERED {
            let [.., high, low] = number.to_be_bytes();
            let there = Peer::of([10, 0, high, low].into());
            assert_eq!(tries.begin(&format!("nobody{number}"), there, now), Ok(()));
        }
        assert_eq!(tries.begin("one more", HERE, now), Err(WINDOW));
        for number in 0..5 {
            assert_eq!(tries.begin("john", elsewhere(number), now), Ok(()));
        }
        assert_eq!(
            tries.begin("john", elsewhere(9), now),
            Err(WINDOW),
            "then by the name alone"
        );
        let remembered = || {
            let counts = tries.counts.lock().unwrap();
            (counts.windows.len(), counts.addresses.len())
        };
        assert_eq!(remembered(), (MAX_REMEMBERED + 1, MAX_REMEMBERED));
        assert_eq!(tries.begin("one more", HERE, now + WINDOW), Ok(()));
        assert_eq!(remembered(), (1, 1));
    }

    #[test]
    fn one_address_cannot_try_names_without_end() {
        let (tries, now) = (Tries::new(&["john"]), Instant::now());
        for number in 0..MAX_FAILURES {
            assert_eq!(
                tries.begin(&format!("nobody{number}"), elsewhere(1), now),
                Ok(())
            );
        }
        let later = now + Duration::from_secs(20);
        let wait = Err(Duration::from_secs(40));
        for name in ["one more", "john"] {
            assert_eq!(tries.begin(name, elsewhere(1), later), wait, "{name}");
        }
        assert_eq!(tries.begin("john", elsewhere(2), later), Ok(()));
        assert_eq!(tries.begin("john", elsewhere(1), now + WINDOW), Ok(()));
    }

    #[test]
    fn long_names_are_one() {
        let (tries, now) = (Tries::new(&[]), Instant::now());
        for letter in ["a", "b", "c", "d", "e"] {
            assert_eq!(tries.begin(&letter.repeat(65), HERE, now), Ok(()));
        }
        assert!(tries.begin(&"f".repeat(100_000), HERE, now).is_err());
    }
}
