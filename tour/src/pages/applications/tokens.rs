use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hardtack::generate_secret;
use hardtack::protocol::{Purpose, SessionId, StoreKey};

/// The time for which a link is valid.
pub(crate) const LIFETIME: Duration = Duration::from_secs(120);

/// The maximum number of unused tokens. Beyond it, the token that expires first is dropped.
const MAX_TOKENS: usize = 1000;

/// Tokens that can be used once, and expire.
///
/// Only digests are stored, so that reading this memory reveals no usable token.
#[derive(Default)]
pub(crate) struct Tokens {
    /// A plain mutex, because the critical sections are short and never span an await.
    ends: Mutex<HashMap<StoreKey, Instant>>,
}

/// The state of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Valid for this duration.
    Good(Duration),
    /// Used, expired, or never issued. The caller cannot distinguish these.
    Dead,
}

impl Tokens {
    /// Issues a new token: 256 random bits, as text for a link.
    pub(crate) fn issue(&self, now: Instant) -> String {
        let token = generate_secret();
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        ends.retain(|_, end| *end > now);
        if ends.len() >= MAX_TOKENS
            && let Some(first) =
                ends.iter().min_by_key(|(_, end)| **end).map(|(key, _)| *key)
        {
            ends.remove(&first);
        }
        if let Some(key) = digest(&token) {
            ends.insert(key, now + LIFETIME);
        }
        token
    }

    /// Checks a token without using it, because mail programs prefetch links.
    pub(crate) fn look(&self, token: &str, now: Instant) -> Standing {
        let ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        standing(digest(token).and_then(|key| ends.get(&key).copied()), now)
    }

    /// Uses a token.
    pub(crate) fn redeem(&self, token: &str, now: Instant) -> Standing {
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        standing(digest(token).and_then(|key| ends.remove(&key)), now)
    }
}

fn digest(token: &str) -> Option<StoreKey> {
    SessionId::parse(token.as_bytes()).map(|id| id.store_key(&Purpose::default()))
}

fn standing(end: Option<Instant>, now: Instant) -> Standing {
    match end.and_then(|end| end.checked_duration_since(now)) {
        Some(left) if !left.is_zero() => Standing::Good(left),
        _ => Standing::Dead,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_once() {
        let (tokens, now) = (Tokens::default(), Instant::now());
        let token = tokens.issue(now);
        assert_eq!(tokens.look(&token, now), Standing::Good(LIFETIME));
        assert_eq!(tokens.redeem(&token, now), Standing::Good(LIFETIME));
        assert_eq!(tokens.redeem(&token, now), Standing::Dead);
        assert_eq!(tokens.look(&token, now), Standing::Dead);
    }

    #[test]
    fn it_ends_by_itself() {
        let (tokens, now) = (Tokens::default(), Instant::now());
        let token = tokens.issue(now);
        assert_eq!(tokens.look(&token, now + LIFETIME), Standing::Dead);
        assert_eq!(tokens.redeem(&token, now + LIFETIME), Standing::Dead);
        tokens.issue(now + LIFETIME);
        assert_eq!(tokens.ends.lock().unwrap().len(), 1);
    }

    #[test]
    fn what_is_no_token_is_dead() {
        let (tokens, now) = (Tokens::default(), Instant::now());
        for text in ["", "x", &"A".repeat(43), &"A".repeat(10_000)] {
            assert_eq!(tokens.redeem(text, now), Standing::Dead);
        }
    }

    #[test]
    fn too_many_fill_no_memory() {
        let (tokens, start) = (Tokens::default(), Instant::now());
        let first = tokens.issue(start);
        for number in 0..1500 {
            tokens.issue(start + Duration::from_millis(number + 1));
        }
        assert_eq!(tokens.ends.lock().unwrap().len(), MAX_TOKENS);
        assert_eq!(tokens.look(&first, start), Standing::Dead);
    }
}
