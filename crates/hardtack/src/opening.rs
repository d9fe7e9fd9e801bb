use std::sync::Arc;

use hardtack_core::cookie;
use hardtack_core::crypto::Rejection;
use hardtack_core::session::{Origin, SessionId};
use hardtack_core::store::{Followed, Opened, StoreError};
use http::{HeaderMap, HeaderValue, header};

use crate::config::{Config, Kind};
use crate::sealed::unseal;
use crate::slot::{Open, Slot, Standing, State};
use crate::vault::Vault;

/// More cookies of one name than any browser holds for one request; past it each would cost a look-up for nothing.
const MOST_CANDIDATES: usize = 8;

/// Opens a slot, if nobody has yet.
///
/// Two tasks of one request that open at once both read, and the first to be done counts.
pub(crate) async fn open(slot: &Arc<Slot>, headers: &HeaderMap) -> Result<(), StoreError> {
    if !matches!(*slot.lock(), State::Unopened) {
        return Ok(());
    }
    let mut open = match &slot.config.kind {
        Kind::Signed { .. } | Kind::Encrypted { .. } => open_sealed(slot, cookies(headers)),
        Kind::Stored { vault, .. } => open_stored(slot, vault, headers).await?,
    };
    if open.may_be_named() {
        open.label.agent = headers.get(header::USER_AGENT).cloned();
    }
    let mut state = slot.lock();
    if matches!(*state, State::Unopened) {
        *state = State::Open(open);
    }
    Ok(())
}

/// Opens a session kept in its cookie: of several cookies of its name the first that verifies.
pub(crate) fn open_sealed<'a>(slot: &Slot, cookies: impl Iterator<Item = &'a HeaderValue>) -> Box<Open> {
    let (config, notes): (&Config, _) = (&slot.config, &slot.notes);
    notes.opening(config);
    // Flask looks at the first cookie only, whatever it is.
    let candidates = if config.flask.is_some() { 1 } else { MOST_CANDIDATES };
    let tokens = cookie::find_in_field_values(cookies.map(HeaderValue::as_bytes), &config.cookie.name);
    for token in tokens.take(candidates) {
        notes.candidate(token);
        match unseal(config, notes, token) {
            Some(Ok((seal, base))) => {
                config.tally.loaded();
                let open = Open::on(Origin::Live, Standing::Sealed(seal), base);
                notes.found(&open);
                return open;
            }
            Some(Err(rejection)) => {
                notes.rejected(rejection);
                match rejection {
                    Rejection::Expired => config.tally.expired(),
                    _ => config.tally.rejected(rejection.reason()),
                }
            }
            None => {}
        }
    }
    let open = Open::empty(Origin::New);
    notes.found(&open);
    open
}

/// Opens a stored session: of several cookies of its name the first whose session lives.
async fn open_stored(
    slot: &Slot,
    vault: &Arc<dyn Vault>,
    headers: &HeaderMap,
) -> Result<Box<Open>, StoreError> {
    let (config, notes): (&Config, _) = (&slot.config, &slot.notes);
    notes.opening(config);
    let mut origin = Origin::New;
    let values = cookies(headers).map(HeaderValue::as_bytes);
    for value in cookie::find_in_field_values(values, &config.cookie.name).take(MOST_CANDIDATES) {
        notes.candidate(value);
        let Some(id) = SessionId::parse(value) else {
            notes.no_id();
            config.tally.rejected("it is no session id");
            continue;
        };
        let (purpose, key) = (config.purpose.clone(), id.store_key(&config.purpose));
        let opened = Arc::clone(vault).open(purpose, key, config.now(), notes.clone()).await;
        let opened = opened.inspect_err(|error| config.tally.failed(error))?;
        notes.looked_up(&opened);
        match opened {
            Opened::Live(place, base, followed) => {
                config.tally.loaded();
                let mut open = Open::on(followed.origin(), Standing::Stored(place), base);
                // A forwarded session's own id is the newer one, which this request does not know.
                open.id = (followed == Followed::No).then_some(id);
                notes.found(&open);
                return Ok(open);
            }
            Opened::Ended => {
                config.tally.missed();
                origin = Origin::Ended;
            }
            Opened::Expired => {
                config.tally.expired();
            }
            Opened::Unknown => {
                config.tally.missed();
            }
        }
    }
    let open = Open::empty(origin);
    notes.found(&open);
    Ok(open)
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &HeaderValue> {
    headers.get_all(header::COOKIE).iter()
}
