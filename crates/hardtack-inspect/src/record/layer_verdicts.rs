use std::borrow::Cow;

use hardtack::inspect::{SessionTrace, Verdict};
use hardtack_core::cookie::WerkzeugParser;
use hardtack_core::crypto::Rejection;
use hardtack_core::store::Forwarded;

use crate::exchanges::CookieVerdict;
use crate::level::Level;

/// The verdicts of the layers on the cookies that they checked.
pub(super) struct LayerVerdicts<'a> {
    remaining: Vec<(&'a SessionTrace, usize)>,
}

impl<'a> LayerVerdicts<'a> {
    pub(super) fn new(traces: &'a [SessionTrace]) -> Self {
        Self { remaining: traces.iter().map(|trace| (trace, 0)).collect() }
    }

    /// Returns the verdict on the next cookie in the header, or `None` if it is not a session cookie.
    pub(super) fn next(&mut self, name: &[u8], value: &[u8]) -> Option<CookieVerdict> {
        let is_its_cookie = |trace: &SessionTrace| {
            trace.layer.as_ref().is_some_and(|layer| layer.cookie_name.as_bytes() == name)
        };
        let (trace, checked) = self.remaining.iter_mut().find(|(trace, _)| is_its_cookie(trace))?;
        if trace.opened_at.is_none() {
            let sentence = "A session’s; nobody has asked for it, so it was not looked at.";
            return Some(CookieVerdict::new(Level::Neutral, "not looked at", sentence));
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
                let sentence = "Flask’s parser leaves it out, for a space, a tab, or a lone quote in it.";
                Some(CookieVerdict::new(Level::Warning, "left out", sentence))
            }
            (None, Some(_)) => {
                let sentence = "Another cookie of the session’s name came before it, and that one counts.";
                Some(CookieVerdict::new(Level::Warning, "duplicate", sentence))
            }
        }
    }
}

/// Describes a layer's verdict on a cookie that has its session's name.
fn cookie_verdict(verdict: Verdict) -> CookieVerdict {
    use Level::{Bad, Good, Warning};
    let (level, short, sentence) = match verdict {
        Verdict::Genuine(0) => (Good, "verified", "The session’s; verified with the current key."),
        Verdict::Genuine(position) => return verified_with_previous_key(position),
        Verdict::Outdated => (
            Warning,
            "outdated",
            "Genuine, but a newer one came with it: the cookie once had another domain or path, which `formerly` can remove.",
        ),
        Verdict::Found(Forwarded::No) => (Good, "known", "The session’s; the store has it."),
        Verdict::Found(Forwarded::Yes) => {
            (Good, "forwarded", "An id from before a renewal; the store has led on to the session.")
        }
        Verdict::Ended => {
            (Bad, "ended", "A session that a login or a logout has ended; nothing is written to it.")
        }
        Verdict::Expired | Verdict::Rejected(Rejection::Expired) => {
            (Bad, "expired", "A session that has expired; a new one begins empty.")
        }
        Verdict::Unknown => {
            (Bad, "unknown id", "An id that the store does not know; a new session begins empty.")
        }
        Verdict::Unreadable => {
            (Bad, "unreadable", "The store has a record that cannot be read; a new session begins empty.")
        }
        Verdict::NoId => (Bad, "no id", "Not a session’s id at all; a new session begins empty."),
        Verdict::Rejected(Rejection::Malformed) => {
            (Bad, "malformed", "It does not have the form of a session; a new one begins empty.")
        }
        Verdict::Rejected(Rejection::Signature) => (
            Bad,
            "not genuine",
            "None of the keys has made it for this cookie’s name and purpose, or it was changed; a new session begins empty.",
        ),
        Verdict::Rejected(Rejection::Future) => {
            (Bad, "from the future", "It says that it was made later than now: two servers’ clocks disagree.")
        }
        Verdict::Rejected(Rejection::Payload) => {
            (Bad, "broken inside", "A key has made it, but what is inside cannot be read.")
        }
        Verdict::Rejected(Rejection::TooLarge) => {
            (Bad, "too large inside", "A key has made it, but it inflates beyond the limit.")
        }
        Verdict::Unanswered => (Bad, "not answered", "The store has failed; the response is a 503."),
        _ => (Warning, "seen", "The session’s layer has looked at it."),
    };
    CookieVerdict::new(level, short, sentence)
}

fn verified_with_previous_key(position: usize) -> CookieVerdict {
    let sentence =
        format!("The session’s; verified with previous key {position}. The next write makes it anew.");
    CookieVerdict::new(Level::Warning, "previous key", sentence)
}

/// Returns a cookie's value as Flask reads it, without the quotes around it, or `None` if Flask leaves the cookie out.
fn as_flask(value: &[u8]) -> Option<Cow<'_, [u8]>> {
    let pair = [b"a=", value].concat();
    WerkzeugParser::default().first([&pair], "a").map(|value| Cow::Owned(value.into_owned()))
}
