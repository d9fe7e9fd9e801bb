use std::sync::Arc;

use hardtack_core::cookie;
use hardtack_core::session::{Dictionary, Origin, SessionId};
use hardtack_core::store::{Forwarded, Opened, StoreError};
use http::{HeaderMap, HeaderValue, header};

use crate::config::StoreBackend;
use crate::slot::{MAX_CANDIDATES, Slot, StoreSession};

/// Opens the first live session that a cookie of its name leads to.
///
/// # Errors
///
/// Returns an error if the store fails.
pub(crate) async fn open<'a>(
    slot: &Slot,
    backend: &Arc<StoreBackend>,
    cookies: impl Iterator<Item = &'a HeaderValue>,
    headers: &HeaderMap,
) -> Result<Box<StoreSession>, StoreError> {
    let mut session = find(slot, backend, cookies).await?;
    if session.is_unnamed() {
        session.label.agent = headers.get(header::USER_AGENT).cloned();
    }
    Ok(session)
}

async fn find<'a>(
    slot: &Slot,
    backend: &Arc<StoreBackend>,
    cookies: impl Iterator<Item = &'a HeaderValue>,
) -> Result<Box<StoreSession>, StoreError> {
    let (config, notes) = (&*slot.config, &slot.notes);
    notes.opening(config);
    let mut origin = Origin::New;
    // Ids that did not lead to a session. If one is repeated, it is not looked up again, because each lookup may follow
    // a chain of renewals.
    let mut tried = Vec::new();
    let values = cookies.map(HeaderValue::as_bytes);
    for value in cookie::find_in_field_values(values, &config.cookie.name).take(MAX_CANDIDATES) {
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
        let opened = Arc::clone(&backend.store).open(purpose, key, config.now(), notes.clone()).await;
        if let Ok(opened) = &opened {
            notes.looked_up(opened);
        }
        match opened {
            Ok(Opened::Live(located, base, followed)) => {
                config.tally.loaded(Some(&located.key));
                let mut session = StoreSession::new(backend, followed.origin(), base, Some(located));
                // A forwarded session has a newer id, which this request does not know.
                session.id = (followed == Forwarded::No).then_some(id);
                return Ok(session);
            }
            Ok(Opened::Ended) => {
                config.tally.missed(&key);
                origin = Origin::Ended;
            }
            Ok(Opened::Expired) => config.tally.expired(Some(&key)),
            Ok(Opened::Unknown) => config.tally.missed(&key),
            Ok(Opened::Unreadable(error)) => config.tally.unreadable(Some(&key), &error),
            Err(error) => {
                config.tally.failed(&error);
                return Err(error);
            }
        }
        tried.push(key);
    }
    Ok(StoreSession::new(backend, origin, Dictionary::new(), None))
}
