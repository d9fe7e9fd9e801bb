use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hardtack::generate_secret;
use hardtack::protocol::{Purpose, SessionId, StoreKey};

/// The time for which a link is valid.
pub(crate) const LIFETIME: Duration = Duration::from_secs(120);

/// The maximum number of unused tokens. If there are more, the token that expires first is dropped.
const MAX_TOKENS: usize = 1000;

/// A set of tokens that expire, and can be used only once.
///
/// Only digests of the tokens are stored, so that reading this memory reveals no usable token.
#[derive(Default)]
pub(crate) struct OneTimeTokens {
    /// A mutex from the standard library, because the critical sections are short and contain no `await`.
    expiries: Mutex<HashMap<StoreKey, Instant>>,
}

/// The state of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenState {
    /// Valid for the given duration.
    Valid(Duration),
    /// Used, expired, or never issued. The caller cannot distinguish these cases.
    Invalid,
}

impl OneTimeTokens {
    /// Issues a new token, and returns its 256 random bits as text for a link.
    pub(crate) fn issue(&self, now: Instant) -> String {
        let token = generate_secret();
        let mut expiries = self.expiries.lock().unwrap_or_else(PoisonError::into_inner);
        expiries.retain(|_, expiry| *expiry > now);
        if expiries.len() >= MAX_TOKENS
            && let Some(first) =
                expiries.iter().min_by_key(|(_, expiry)| **expiry).map(|(key, _)| *key)
        {
            expiries.remove(&first);
        }
        if let Some(key) = digest(&token) {
            expiries.insert(key, now + LIFETIME);
        }
        token
    }

    /// Checks a token without using it, because mail programs prefetch links.
    pub(crate) fn peek(&self, token: &str, now: Instant) -> TokenState {
        let expiries = self.expiries.lock().unwrap_or_else(PoisonError::into_inner);
        state_of(digest(token).and_then(|key| expiries.get(&key).copied()), now)
    }

    /// Uses a token, and returns the state that it had before.
    pub(crate) fn redeem(&self, token: &str, now: Instant) -> TokenState {
        let mut expiries = self.expiries.lock().unwrap_or_else(PoisonError::into_inner);
        state_of(digest(token).and_then(|key| expiries.remove(&key)), now)
    }
}

fn digest(token: &str) -> Option<StoreKey> {
    SessionId::parse(token.as_bytes()).map(|id| id.store_key(&Purpose::default()))
}

fn state_of(expiry: Option<Instant>, now: Instant) -> TokenState {
    match expiry.and_then(|expiry| expiry.checked_duration_since(now)) {
        Some(remaining) if !remaining.is_zero() => TokenState::Valid(remaining),
        _ => TokenState::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_works_once() {
        let (tokens, now) = (OneTimeTokens::default(), Instant::now());
        let token = tokens.issue(now);
        assert_eq!(tokens.peek(&token, now), TokenState::Valid(LIFETIME));
        assert_eq!(tokens.redeem(&token, now), TokenState::Valid(LIFETIME));
        assert_eq!(tokens.redeem(&token, now), TokenState::Invalid);
        assert_eq!(tokens.peek(&token, now), TokenState::Invalid);
    }

    #[test]
    fn a_token_expires() {
        let (tokens, now) = (OneTimeTokens::default(), Instant::now());
        let token = tokens.issue(now);
        assert_eq!(tokens.peek(&token, now + LIFETIME), TokenState::Invalid);
        assert_eq!(tokens.redeem(&token, now + LIFETIME), TokenState::Invalid);
        tokens.issue(now + LIFETIME);
        assert_eq!(tokens.expiries.lock().unwrap().len(), 1);
    }

    #[test]
    fn text_that_is_not_a_token_is_invalid() {
        let (tokens, now) = (OneTimeTokens::default(), Instant::now());
        for text in ["", "x", &"A".repeat(43), &"A".repeat(10_000)] {
            assert_eq!(tokens.redeem(text, now), TokenState::Invalid);
        }
    }

    #[test]
    fn the_number_of_tokens_is_bounded() {
        let (tokens, start) = (OneTimeTokens::default(), Instant::now());
        let first = tokens.issue(start);
        for number in 0..1500 {
            tokens.issue(start + Duration::from_millis(number + 1));
        }
        assert_eq!(tokens.expiries.lock().unwrap().len(), MAX_TOKENS);
        assert_eq!(tokens.peek(&first, start), TokenState::Invalid);
    }
}
