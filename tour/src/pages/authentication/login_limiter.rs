use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::peer::Peer;

/// The maximum number of login attempts for one name from one address within a window.
const MAX_ATTEMPTS_PER_NAME: u32 = 5;

/// The maximum number of failed logins from one address within a window, regardless of the names. There is a limit
/// because each attempt costs a password hash.
const MAX_FAILURES_PER_ADDRESS: u32 = 20;

const WINDOW: Duration = Duration::from_secs(60);

/// The maximum number of combinations of name and address that are counted, and the maximum number of addresses. At the
/// limit, attempts with unknown names must wait, and attempts with the names of users are counted by name alone.
const MAX_COUNTED: usize = 10_000;

/// The maximum length of a name. Longer names belong to no user, and share one count.
const MAX_NAME_BYTES: usize = 64;

/// A counter of recent login attempts per name and address. Attempts are counted whether or not the user exists, so
/// that the response does not reveal which users exist. If attempts were counted by name alone, anyone could lock a
/// user out.
pub(crate) struct LoginLimiter {
    /// A mutex from the standard library, because the critical sections are short and contain no `await`.
    counts: Mutex<Counts>,
    users: &'static [&'static str],
}

#[derive(Default)]
struct Counts {
    windows: HashMap<(Box<str>, Peer), Window>,
    addresses: HashMap<Peer, Window>,
}

struct Window {
    started: Instant,
    attempts: u32,
}

impl LoginLimiter {
    /// Creates a limiter. Attempts with the names of the given users are always counted, even if very many unknown
    /// names are tried.
    pub(crate) fn new(users: &'static [&'static str]) -> Self {
        Self { counts: Mutex::default(), users }
    }

    /// Counts an attempt, or returns how long the visitor must wait before the next attempt.
    pub(crate) fn count_attempt(
        &self,
        name: &str,
        peer: Peer,
        now: Instant,
    ) -> Result<(), Duration> {
        let mut key = key(name, peer);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let Counts { windows, addresses } = &mut *counts;
        if let Some(remaining) = addresses
            .get(&peer)
            .and_then(|window| window.remaining_if_full(MAX_FAILURES_PER_ADDRESS, now))
        {
            return Err(remaining);
        }
        if windows.len() >= MAX_COUNTED && !windows.contains_key(&key) {
            windows.retain(|_, window| window.remaining(now).is_some());
            if windows.len() >= MAX_COUNTED {
                if !self.users.contains(&&*key.0) {
                    return Err(WINDOW);
                }
                key.1 = Peer::ANY;
            }
        }
        let window = windows.entry(key).or_insert(Window { started: now, attempts: 0 });
        if let Some(remaining) = window.remaining_if_full(MAX_ATTEMPTS_PER_NAME, now) {
            return Err(remaining);
        }
        window.count(now);
        if addresses.len() >= MAX_COUNTED {
            addresses.retain(|_, window| window.remaining(now).is_some());
        }
        // If there are too many addresses, further ones are not counted, and only the limit per name applies to them.
        if addresses.len() < MAX_COUNTED || addresses.contains_key(&peer) {
            addresses
                .entry(peer)
                .or_insert(Window { started: now, attempts: 0 })
                .count(now);
        }
        Ok(())
    }

    /// Resets the count for a user who entered the correct password, and removes this attempt from the count of the
    /// address.
    pub(crate) fn reset(&self, name: &str, peer: Peer) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.windows.remove(&key(name, peer));
        if let Some(window) = counts.addresses.get_mut(&peer) {
            window.attempts = window.attempts.saturating_sub(1);
        }
    }
}

impl Window {
    /// Returns the time that remains in the window, or `None` if the window is over.
    fn remaining(&self, now: Instant) -> Option<Duration> {
        WINDOW
            .checked_sub(now.saturating_duration_since(self.started))
            .filter(|remaining| !remaining.is_zero())
    }

    /// Returns the time that remains in the window, if the window already has `max` attempts.
    fn remaining_if_full(&self, max: u32, now: Instant) -> Option<Duration> {
        self.remaining(now).filter(|_| self.attempts >= max)
    }

    /// Counts an attempt, in a new window if this one is over.
    fn count(&mut self, now: Instant) {
        if self.remaining(now).is_none() {
            *self = Self { started: now, attempts: 0 };
        }
        self.attempts += 1;
    }
}

fn key(name: &str, peer: Peer) -> (Box<str>, Peer) {
    let name = if name.len() > MAX_NAME_BYTES { "" } else { name };
    (name.into(), peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Peer = Peer::ANY;

    fn other_peer(number: u8) -> Peer {
        Peer::of([192, 0, 2, number].into())
    }

    #[test]
    fn the_sixth_attempt_within_a_minute_must_wait() {
        let (limiter, start) = (LoginLimiter::new(&["john"]), Instant::now());
        for second in 0..5 {
            assert_eq!(
                limiter.count_attempt(
                    "john",
                    HERE,
                    start + Duration::from_secs(second)
                ),
                Ok(())
            );
        }
        assert_eq!(
            limiter.count_attempt("john", HERE, start + Duration::from_secs(20)),
            Err(Duration::from_secs(40))
        );
        assert_eq!(
            limiter.count_attempt("jane", HERE, start),
            Ok(()),
            "another name has its own count"
        );
        assert_eq!(
            limiter.count_attempt("john", other_peer(1), start),
            Ok(()),
            "and so has another address"
        );
        assert_eq!(limiter.count_attempt("john", HERE, start + WINDOW), Ok(()));
    }

    #[test]
    fn a_correct_password_resets_the_count() {
        let (limiter, now) = (LoginLimiter::new(&["john"]), Instant::now());
        for _ in 0..20 {
            assert_eq!(limiter.count_attempt("john", HERE, now), Ok(()));
            limiter.reset("john", HERE);
        }
    }

    #[test]
    fn unknown_names_neither_fill_memory_nor_lock_users_out() {
        let (limiter, now) = (LoginLimiter::new(&["john"]), Instant::now());
        for number in 0..MAX_COUNTED {
            let [.., high, low] = number.to_be_bytes();
            let there = Peer::of([10, 0, high, low].into());
            assert_eq!(
                limiter.count_attempt(&format!("nobody{number}"), there, now),
                Ok(())
            );
        }
        assert_eq!(limiter.count_attempt("one more", HERE, now), Err(WINDOW));
        for number in 0..5 {
            assert_eq!(limiter.count_attempt("john", other_peer(number), now), Ok(()));
        }
        assert_eq!(
            limiter.count_attempt("john", other_peer(9), now),
            Err(WINDOW),
            "then by the name alone"
        );
        let counted = || {
            let counts = limiter.counts.lock().unwrap();
            (counts.windows.len(), counts.addresses.len())
        };
        assert_eq!(counted(), (MAX_COUNTED + 1, MAX_COUNTED));
        assert_eq!(limiter.count_attempt("one more", HERE, now + WINDOW), Ok(()));
        assert_eq!(counted(), (1, 1));
    }

    #[test]
    fn attempts_from_one_address_are_limited() {
        let (limiter, now) = (LoginLimiter::new(&["john"]), Instant::now());
        for number in 0..MAX_FAILURES_PER_ADDRESS {
            assert_eq!(
                limiter.count_attempt(&format!("nobody{number}"), other_peer(1), now),
                Ok(())
            );
        }
        let later = now + Duration::from_secs(20);
        let wait = Err(Duration::from_secs(40));
        for name in ["one more", "john"] {
            assert_eq!(
                limiter.count_attempt(name, other_peer(1), later),
                wait,
                "{name}"
            );
        }
        assert_eq!(limiter.count_attempt("john", other_peer(2), later), Ok(()));
        assert_eq!(limiter.count_attempt("john", other_peer(1), now + WINDOW), Ok(()));
    }

    #[test]
    fn long_names_share_one_count() {
        let (limiter, now) = (LoginLimiter::new(&[]), Instant::now());
        for letter in ["a", "b", "c", "d", "e"] {
            assert_eq!(limiter.count_attempt(&letter.repeat(65), HERE, now), Ok(()));
        }
        assert!(limiter.count_attempt(&"f".repeat(100_000), HERE, now).is_err());
    }
}
