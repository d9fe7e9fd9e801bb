use std::borrow::Cow;

use hardtack::inspect::{SessionTrace, Verdict};
use hardtack_core::cookie::WerkzeugParser;
use hardtack_core::crypto::Rejection;
use hardtack_core::store::Forwarded;

use crate::exchanges::CookieVerdict;
use crate::level::Level;

/// The session layers' verdicts on the cookies that they checked.
pub(super) struct LayerVerdicts<'a> {
    remaining: Vec<(&'a SessionTrace, usize)>,
}

impl<'a> LayerVerdicts<'a> {
    pub(super) fn new(traces: &'a [SessionTrace]) -> Self {
        Self { remaining: traces.iter().map(|trace| (trace, 0)).collect() }
    }

    /// Returns the verdict on the next cookie in the header, or `None` if that cookie is not a session cookie.
    pub(super) fn next(&mut self, name: &[u8], value: &[u8]) -> Option<CookieVerdict> {
        let is_its_cookie = |trace: &SessionTrace| {
            trace.layer.as_ref().is_some_and(|layer| layer.cookie_name.as_bytes() == name)
        };
        let (trace, checked) = self.remaining.iter_mut().find(|(trace, _)| is_its_cookie(trace))?;
        if trace.opened_at.is_none() {
            let sentence = "A session cookie. No handler used the session, so the cookie was not checked.";
            return Some(CookieVerdict::new(Level::Neutral, "not checked", sentence));
        }
        let is_like_flask = trace.layer.as_ref().is_some_and(|layer| layer.is_like_flask);
        let value = if is_like_flask { as_flask(value) } else { Some(Cow::Borrowed(value)) };
        let candidate = trace.candidates.get(*checked);
        match (candidate.filter(|candidate| Some(&*candidate.value) == value.as_deref()), value) {
            (Some(candidate), _) => {
                *checked += 1;
                Some(cookie_verdict(candidate.verdict))
            }
            (None, None) => {
                let sentence =
                    "Flask’s parser ignores it, because it contains a space, a tab, or an unpaired quote.";
                Some(CookieVerdict::new(Level::Warning, "ignored", sentence))
            }
            (None, Some(_)) => {
                let sentence =
                    "Another cookie with the session’s name came first, and the session layer uses that one.";
                Some(CookieVerdict::new(Level::Warning, "duplicate", sentence))
            }
        }
    }
}

/// Describes a session layer's verdict on a cookie that has the name of the layer's session cookie.
fn cookie_verdict(verdict: Verdict) -> CookieVerdict {
    use Level::{Bad, Good, Warning};
    let (level, short, sentence) = match verdict {
        Verdict::Genuine(0) => (Good, "verified", "The session cookie, verified with the current key."),
        Verdict::Genuine(position) => return verified_with_previous_key(position),
        Verdict::Outdated => (
            Warning,
            "outdated",
            "Genuine, but a newer one came with it: the cookie once had another domain or path. `formerly` removes the old one.",
        ),
        Verdict::Found(Forwarded::No) => (Good, "known", "The session cookie; the store knows its id."),
        Verdict::Found(Forwarded::Yes) => {
            (Good, "forwarded", "An id from before a renewal, which the store forwards to the session.")
        }
        Verdict::Ended => {
            (Bad, "ended", "The session was ended by a login or a logout. Nothing is written to it.")
        }
        Verdict::Expired | Verdict::Rejected(Rejection::Expired) => {
            (Bad, "expired", "The session has expired; a new one starts empty.")
        }
        Verdict::Unknown => {
            (Bad, "unknown id", "The store does not know this id; a new session starts empty.")
        }
        Verdict::Unreadable => {
            (Bad, "unreadable", "The record in the store cannot be read; a new session starts empty.")
        }
        Verdict::NoId => (Bad, "no id", "Not in the format of a session id; a new session starts empty."),
        Verdict::Rejected(Rejection::Malformed) => {
            (Bad, "malformed", "Not in the format of a session cookie; a new session starts empty.")
        }
        Verdict::Rejected(Rejection::Signature) => (
            Bad,
            "not genuine",
            "No key of the layer made it for this cookie’s name and purpose, or it was changed; a new session starts empty.",
        ),
        Verdict::Rejected(Rejection::Future) => {
            (Bad, "from the future", "Its timestamp is in the future: the clocks of two servers differ.")
        }
        Verdict::Rejected(Rejection::Payload) => {
            (Bad, "unreadable payload", "It was made with one of the keys, but its payload cannot be read.")
        }
        Verdict::Rejected(Rejection::TooLarge) => (
            Bad,
            "payload too large",
            "It was made with one of the keys, but its decompressed payload exceeds the limit.",
        ),
        Verdict::Unanswered => (Bad, "store failed", "The store failed, so the response is a 503."),
        _ => (Warning, "checked", "The session layer has checked it."),
    };
    CookieVerdict::new(level, short, sentence)
}

fn verified_with_previous_key(position: usize) -> CookieVerdict {
    let sentence = format!(
        "The session cookie, verified with previous key {position}. The next write uses the current key."
    );
    CookieVerdict::new(Level::Warning, "previous key", sentence)
}

/// Returns a cookie's value as Flask reads it, without surrounding quotes, or `None` if Flask ignores the cookie.
fn as_flask(value: &[u8]) -> Option<Cow<'_, [u8]>> {
    let pair = [b"a=", value].concat();
    WerkzeugParser::default().first([&pair], "a").map(|value| Cow::Owned(value.into_owned()))
}
