use std::sync::Arc;

use hardtack_core::cookie::{self, WerkzeugParser};
use hardtack_core::crypto::Rejection;
use hardtack_core::protocol::{Dictionary, Origin};
use hardtack_core::store::Forwarded;
use hardtack_core::value::breaks_flask;
use http::HeaderValue;

use crate::config::{CookieBackend, Rivals, unix_seconds};
use crate::observe::{EventKind, Subject};
use crate::slot::{CookieSession, MAX_CANDIDATES, Slot};

/// Opens the newest session in the authentic cookies with the session's name, or a new session if there are none. Under
/// Flask's rules, only the first cookie is read.
pub(crate) fn open<'a>(
    slot: &Slot,
    backend: &Arc<CookieBackend>,
    cookies: impl Iterator<Item = &'a HeaderValue>,
) -> Box<CookieSession> {
    slot.trace.opening(&slot.config);
    let (fields, name) = (cookies.map(HeaderValue::as_bytes), &slot.config.cookie.name);
    let found = if backend.flask.is_some() {
        // Flask reads only the first cookie, even if it is not authentic, and ignores an empty value.
        let token = WerkzeugParser::default().first(fields, name).filter(|token| !token.is_empty());
        token.and_then(|token| verify(slot, backend, &token))
    } else {
        // If a deployment changes the cookie's domain or path, the browser keeps the earlier cookie and sends both.
        let tokens = cookie::find_in_field_values(fields, name).take(MAX_CANDIDATES);
        tokens.filter_map(|token| verify(slot, backend, token)).reduce(newer)
    };
    found.unwrap_or_else(|| CookieSession::new(backend, Origin::New, Dictionary::new(), None))
}

/// Returns the newer of two authentic sessions. If both were written in the same second, returns the empty one, which a
/// logout may have written, or else the one that the browser sent first.
#[cold]
fn newer(first: Box<CookieSession>, second: Box<CookieSession>) -> Box<CookieSession> {
    let rank =
        |session: &CookieSession| (session.meta.map(|meta| meta.issued_at), session.data.base.is_empty());
    let (mut newer, older) = if rank(&second) > rank(&first) { (second, first) } else { (first, second) };
    // `reduce` compares each session with the newest of the earlier ones, so one of the two has already recorded all
    // other rivals.
    newer.rivals = Some(Rivals::with(newer.rivals.or(older.rivals), older.meta));
    newer
}

/// Verifies a cookie's value, and returns its session, or `None` if the cookie is rejected.
fn verify(slot: &Slot, backend: &Arc<CookieBackend>, token: &[u8]) -> Option<Box<CookieSession>> {
    slot.trace.candidate(token);
    let decoded = backend.codec.decode(token, unix_seconds(slot.config.now()), &slot.trace);
    match decoded.and_then(|(meta, text)| Ok((meta, dictionary(backend, text)?))) {
        Ok((meta, base)) => {
            slot.emit(Subject::default(), EventKind::Loaded { forwarded: Forwarded::No });
            Some(CookieSession::new(backend, Origin::Live, base, Some(meta)))
        }
        Err(rejection) => {
            match rejection {
                Rejection::Expired => slot.emit(Subject::default(), EventKind::Expired),
                reason => slot.emit(Subject::default(), EventKind::Rejected { reason }),
            }
            None
        }
    }
}

/// Parses the wire text of an authentic cookie. Under Flask's rules, text on which Flask would respond with a 500 is
/// treated as damaged.
fn dictionary(backend: &CookieBackend, text: String) -> Result<Dictionary, Rejection> {
    let dictionary = Dictionary::parse(text).map_err(|_| Rejection::Payload)?;
    if backend.flask.is_some() && dictionary.iter().any(|(_, value)| breaks_flask(value)) {
        return Err(Rejection::Payload);
    }
    Ok(dictionary)
}
