use std::sync::{Arc, MutexGuard};

use hardtack_core::cookie::{self, WerkzeugParser};
use hardtack_core::crypto::Rejection;
use hardtack_core::session::{Origin, SessionId};
use hardtack_core::store::{Followed, Opened, StoreError};
use http::{HeaderMap, HeaderValue, header};

use crate::config::{Config, Kind};
use crate::sealed::{Rivals, unseal};
use crate::slot::{Open, Slot, Standing, State};
use crate::vault::Vault;

/// More cookies of one name than any browser holds for one request; past it each would cost a look-up for nothing.
const MOST_CANDIDATES: usize = 8;

/// Opens a slot, unless it has been opened before, and returns its state.
///
/// Two tasks of one request that open at once both read, and the first to be done counts.
pub(crate) async fn open<'s>(
    slot: &'s Slot,
    headers: &HeaderMap,
) -> Result<MutexGuard<'s, State>, StoreError> {
    {
        let state = slot.lock();
        if !matches!(*state, State::Unopened) {
            return Ok(state);
        }
    }
    let cookies = headers.get_all(header::COOKIE);
    let sent_bytes = cookies.iter().map(HeaderValue::len).sum();
    let mut open = match &slot.config.kind {
        Kind::Signed { .. } | Kind::Encrypted { .. } => open_sealed(slot, cookies.iter()),
        Kind::Stored { vault, .. } => open_stored(slot, vault, cookies.iter()).await?,
    };
    open.sent_bytes = sent_bytes;
    if open.may_be_named() {
        open.label.agent = headers.get(header::USER_AGENT).cloned();
    }
    let mut state = slot.lock();
    if matches!(*state, State::Unopened) {
        *state = State::Open(open);
    }
    Ok(state)
}

/// Opens a session kept in its cookie: of several cookies of its name the newest that is genuine.
pub(crate) fn open_sealed<'a>(slot: &Slot, cookies: impl Iterator<Item = &'a HeaderValue>) -> Box<Open> {
    let config: &Config = &slot.config;
    slot.notes.opening(config);
    let (fields, name) = (cookies.map(HeaderValue::as_bytes), &config.cookie.name);
    let found = if config.flask.is_some() {
        // Flask looks at the first cookie only, whatever it is, and passes over an empty one.
        let token = WerkzeugParser::default().first(fields, name).filter(|token| !token.is_empty());
        token.and_then(|token| try_token(slot, &token))
    } else {
        // A deployment that changes the cookie's domain or path leaves the earlier one in the browser, which sends
        // both.
        let mut newest: Option<Box<Open>> = None;
        for token in cookie::find_in_field_values(fields, name).take(MOST_CANDIDATES) {
            if let Some(open) = try_token(slot, token) {
                newest = Some(match newest {
                    Some(first) => newer(first, open),
                    None => open,
                });
            }
        }
        newest
    };
    let open = found.unwrap_or_else(|| Open::empty(Origin::New));
    slot.notes.found(&open);
    open
}

/// Of two sessions the one that was written later; in the same second the one that a logout left empty, or else the one
/// that the browser sent first.
#[cold]
fn newer(first: Box<Open>, second: Box<Open>) -> Box<Open> {
    let seal = |open: &Open| match &open.standing {
        Standing::Sealed(seal) => Some(*seal),
        Standing::Nowhere | Standing::Stored(_) => None,
    };
    let rank = |open: &Open| (seal(open).map(|seal| seal.issued_at), open.base.is_empty());
    let (mut newer, older) = if rank(&second) > rank(&first) { (second, first) } else { (first, second) };
    // Each is compared with the newest of those before it, so that one of the two knows all other rivals.
    newer.rivals = Some(Rivals::with(newer.rivals.or(older.rivals), seal(&older)));
    newer
}

/// The session of a cookie's value, if it verifies.
fn try_token(slot: &Slot, token: &[u8]) -> Option<Box<Open>> {
    let (config, notes): (&Config, _) = (&slot.config, &slot.notes);
    notes.candidate(token);
    match unseal(config, notes, token)? {
        Ok((seal, base)) => {
            config.tally.loaded(None);
            Some(Open::on(Origin::Live, Standing::Sealed(seal), base))
        }
        Err(rejection) => {
            notes.rejected(rejection);
            match rejection {
                Rejection::Expired => config.tally.expired(None),
                _ => config.tally.rejected(rejection.reason()),
            }
            None
        }
    }
}

/// Opens a stored session: of several cookies of its name the first whose session lives.
async fn open_stored<'a>(
    slot: &Slot,
    vault: &Arc<dyn Vault>,
    cookies: impl Iterator<Item = &'a HeaderValue>,
) -> Result<Box<Open>, StoreError> {
    let (config, notes): (&Config, _) = (&slot.config, &slot.notes);
    notes.opening(config);
    let mut origin = Origin::New;
    // Ids that led nowhere. One that comes again is not looked up again: each look-up may follow a chain of renewals.
    let mut tried = Vec::new();
    let values = cookies.map(HeaderValue::as_bytes);
    for value in cookie::find_in_field_values(values, &config.cookie.name).take(MOST_CANDIDATES) {
        notes.candidate(value);
        let Some(id) = SessionId::parse(value) else {
            notes.no_id();
            config.tally.rejected("it is no session id");
            continue;
        };
        let (purpose, key) = (config.purpose.clone(), id.store_key(&config.purpose));
        if tried.contains(&key) {
            continue;
        }
        let opened = Arc::clone(vault).open(purpose, key, config.now(), notes.clone()).await;
        if let Ok(opened) = &opened {
            notes.looked_up(opened);
        }
        match opened {
            Ok(Opened::Live(place, base, followed)) => {
                config.tally.loaded(Some(&place.key));
                let mut open = Open::on(followed.origin(), Standing::Stored(place), base);
                // A forwarded session's own id is the newer one, which this request does not know.
                open.id = (followed == Followed::No).then_some(id);
                notes.found(&open);
                return Ok(open);
            }
            Ok(Opened::Ended) => {
                config.tally.missed(&key);
                origin = Origin::Ended;
            }
            Ok(Opened::Expired) => {
                config.tally.expired(Some(&key));
            }
            Ok(Opened::Unknown) => {
                config.tally.missed(&key);
            }
            Ok(Opened::Unreadable(error)) => {
                config.tally.unreadable(Some(&key), &error);
            }
            Err(error) => {
                config.tally.failed(&error);
                return Err(error);
            }
        }
        tried.push(key);
    }
    let open = Open::empty(origin);
    notes.found(&open);
    Ok(open)
}
