use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many logins may be tried for one name within a window.
const MOST_TRIES: u32 = 5;
const WINDOW: Duration = Duration::from_secs(60);

/// How many names are remembered that belong to nobody. Past it, new ones wait until old ones are forgotten.
const MOST_NAMES: usize = 10_000;

/// A longer name belongs to nobody, and counts as the same.
const LONGEST_NAME: usize = 64;

/// How often a login was tried lately, per name, whether there is such a user or not: the answer must not tell.
pub(crate) struct Tries {
    /// A short critical section that never spans an await, so a plain mutex.
    windows: Mutex<HashMap<Box<str>, Window>>,
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
    pub(crate) fn begin(&self, name: &str, now: Instant) -> Result<(), Duration> {
        let name = shortened(name);
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= MOST_NAMES && !windows.contains_key(name) && !self.users.contains(&name) {
            windows.retain(|_, window| window.left(now).is_some());
            if windows.len() >= MOST_NAMES {
                return Err(WINDOW);
            }
        }
        let window = windows.entry(name.into()).or_insert(Window { begun: now, tries: 0 });
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
    pub(crate) fn forget(&self, name: &str) {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner).remove(shortened(name));
    }
}

impl Window {
    /// How long it still lasts.
    fn left(&self, now: Instant) -> Option<Duration> {
        WINDOW.checked_sub(now.saturating_duration_since(self.begun)).filter(|left| !left.is_zero())
    }
}

fn shortened(name: &str) -> &str {
    if name.len() > LONGEST_NAME { "" } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_try_within_a_minute_waits() {
        let (tries, start) = (Tries::new(&["john"]), Instant::now());
        for second in 0..5 {
            assert_eq!(tries.begin("john", start + Duration::from_secs(second)), Ok(()));
        }
        assert_eq!(tries.begin("john", start + Duration::from_secs(20)), Err(Duration::from_secs(40)));
        assert_eq!(tries.begin("jane", start), Ok(()), "another name has tries of its own");
        assert_eq!(tries.begin("john", start + WINDOW), Ok(()));
    }

    #[test]
    fn a_password_that_was_right_begins_anew() {
        let (tries, now) = (Tries::new(&["john"]), Instant::now());
        for _ in 0..20 {
            assert_eq!(tries.begin("john", now), Ok(()));
            tries.forget("john");
        }
    }

    #[test]
    fn strangers_names_fill_no_memory_and_shut_no_user_out() {
        let (tries, now) = (Tries::new(&["john"]), Instant::now());
        for number in 0..MOST_NAMES {
            assert_eq!(tries.begin(&format!("nobody{number}"), now), Ok(()));
        }
        assert_eq!(tries.begin("one more", now), Err(WINDOW));
        assert_eq!(tries.begin("john", now), Ok(()));
        assert!(tries.windows.lock().unwrap().len() <= MOST_NAMES + 1);
        assert_eq!(tries.begin("one more", now + WINDOW), Ok(()));
        assert_eq!(tries.windows.lock().unwrap().len(), 1);
    }

    #[test]
    fn long_names_are_one() {
        let (tries, now) = (Tries::new(&[]), Instant::now());
        for letter in ["a", "b", "c", "d", "e"] {
            assert_eq!(tries.begin(&letter.repeat(65), now), Ok(()));
        }
        assert!(tries.begin(&"f".repeat(100_000), now).is_err());
    }
}
