use std::sync::MutexGuard;

use hardtack_core::store::StoreError;
use http::{HeaderMap, HeaderValue, header};

use crate::config::Backend;
use crate::slot::{Open, Slot, State};
use crate::{cookie_session, store_session};

/// Opens a slot, unless it has been opened before, and returns its state.
///
/// If two tasks of one request open the slot at the same time, both load the session, and the one that is loaded first
/// is used.
///
/// # Errors
///
/// Returns an error if the store fails.
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
    let mut open = match &slot.config.backend {
        Backend::Cookie(backend) => Open::Cookie(cookie_session::open(slot, backend, cookies.iter())),
        Backend::Store(backend) => {
            Open::Store(store_session::open(slot, backend, cookies.iter(), headers).await?)
        }
    };
    open.data_mut().sent_bytes = cookies.iter().map(HeaderValue::len).sum();
    slot.trace.found(&open);
    let mut state = slot.lock();
    if matches!(*state, State::Unopened) {
        *state = State::Open(open);
    }
    Ok(state)
}
