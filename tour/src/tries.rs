use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::peer::Peer;

/// How many logins may be tried for one name from one address within a window.
const MOST_TRIES: u32 = 5;
const WINDOW: Duration = Duration::from_secs(60);

/// How many names and addresses are remembered. Past it names that belong to nobody wait, and users are counted by
/// their name alone.
const MOST_REMEMBERED: usize = 10_000;

/// A longer name belongs to nobody, and counts as the same.
const LONGEST_NAME: usize = 64;

/// How often a login was tried lately, per name and address, whether there is such a user or not: the answer must not
/// tell. Counted by the name alone, anybody could keep a user out.
pub(crate) struct Tries {
    /// A short critical section that never spans an await, so a plain mutex.
    windows: Mutex<HashMap<(Box<str>, Peer), Window>>,
    users: &'static [&'static str],
}

struct Window {
    begun: Instant,
    tries: u32,
}

impl Tries {
    /// Counts for these users always, however many strangers' names come in.
    pub(crate) fn new(users: &'static [&'static str]) -> Self {
        Self { windows: Mutex::default(), users }
    }

    /// Counts a try, or says how long to wait for the next one.
    pub(crate) fn begin(
        &self,
        name: &str,
        peer: Peer,
        now: Instant,
    ) -> Result<(), Duration> {
        let mut key = key(name, peer);
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= MOST_REMEMBERED && !windows.contains_key(&key) {
            windows.retain(|_, window| window.left(now).is_some());
            if windows.len() >= MOST_REMEMBERED {
                if !self.users.contains(&&*key.0) {
                    return Err(WINDOW);
                }
                key.1 = Peer::ANY;
            }
        }
        let window = windows.entry(key).or_insert(Window { begun: now, tries: 0 });
        let Some(left) = window.left(now) else {
            *window = Window { begun: now, tries: 1 };
            return Ok(());
        };
        if window.tries >= MOST_TRIES {
            return Err(left);
        }
        window.tries += 1;
        Ok(())
    }

    /// Whoever knew the password begins anew.
    pub(crate) fn forget(&self, name: &str, peer: Peer) {
        self.windows
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&key(name, peer));
    }
}

impl Window {
    /// How long it still lasts.
    fn left(&self, now: Instant) -> Option<Duration> {
        WINDOW
            .checked_sub(now.saturating_duration_since(self.begun))
            .filter(|left| !left.is_zero())
    }
}

fn key(name: &str, peer: Peer) -> (Box<str>, Peer) {
    let name = if name.len() > LONGEST_NAME { "" } else { name };
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
        for number in 0..MOST_REMEMBERED {
            assert_eq!(tries.begin(&format!("nobody{number}"), HERE, now), Ok(()));
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
        assert_eq!(tries.windows.lock().unwrap().len(), MOST_REMEMBERED + 1);
        assert_eq!(tries.begin("one more", HERE, now + WINDOW), Ok(()));
        assert_eq!(tries.windows.lock().unwrap().len(), 1);
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
