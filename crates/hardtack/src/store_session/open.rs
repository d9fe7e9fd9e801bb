use std::sync::Arc;
use std::time::Duration;

use hardtack_core::cookie;
use hardtack_core::crypto::Rejection;
use hardtack_core::protocol::{Dictionary, Origin, SessionId};
use hardtack_core::store::{Forwarded, Opened, StoreError};
use http::{HeaderMap, HeaderValue, header};

use crate::config::{BoxFuture, StoreBackend};
use crate::observe::{EventKind, Stopwatch, StoreOperation, Subject};
use crate::slot::{MAX_CANDIDATES, Slot, StoreSession};

/// Looks up the ids in the cookies with the session's name, in order, and opens the first live session. If there is
/// none, opens a new session.
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

/// Waits for the store, and returns how long it took.
async fn measured(
    work: BoxFuture<Opened>,
    stopwatch: Stopwatch,
) -> (Result<Opened, StoreError>, Option<Duration>) {
    let opened = work.await;
    (opened, stopwatch.elapsed())
}

async fn find<'a>(
    slot: &Slot,
    backend: &Arc<StoreBackend>,
    cookies: impl Iterator<Item = &'a HeaderValue>,
) -> Result<Box<StoreSession>, StoreError> {
    let (config, trace) = (&*slot.config, &slot.trace);
    trace.opening(config);
    let mut origin = Origin::New;
    // The keys of ids that did not lead to a session. If such an id is repeated, it is not looked up again, because
    // each lookup may follow a chain of renewals.
    let mut tried = Vec::new();
    let values = cookies.map(HeaderValue::as_bytes);
    for value in cookie::find_in_field_values(values, &config.cookie.name).take(MAX_CANDIDATES) {
        trace.candidate(value);
        let Some(id) = SessionId::parse(value) else {
            slot.emit(Subject::default(), EventKind::Rejected { reason: Rejection::Malformed });
            continue;
        };
        let (purpose, key) = (config.purpose.clone(), id.store_key(&config.purpose));
        if tried.contains(&key) {
            continue;
        }
        let work = Arc::clone(&backend.store).open(purpose, key, config.now(), trace.clone());
        // Boxed only if it is measured, because the time at which it began would make every handler's future larger.
        let stopwatch = config.events.start();
        let (opened, took) = match stopwatch.is_running() {
            false => (work.await, None),
            true => Box::pin(measured(work, stopwatch)).await,
        };
        let subject = Subject::of(Some(&key)).took(took);
        match opened {
            Ok(Opened::Live(located, base, followed)) => {
                slot.emit(
                    Subject::of(Some(&located.key)).took(took),
                    EventKind::Loaded { forwarded: followed },
                );
                let mut session = StoreSession::new(backend, followed.origin(), base, Some(located));
                // A forwarded session has a newer id, which this request does not have.
                session.id = (followed == Forwarded::No).then_some(id);
                return Ok(session);
            }
            Ok(Opened::Ended) => {
                slot.emit(subject, EventKind::Missed { is_ended: true });
                origin = Origin::Ended;
            }
            Ok(Opened::Expired) => slot.emit(subject, EventKind::Expired),
            Ok(Opened::Unreadable(error)) => {
                slot.emit(subject, EventKind::Unreadable { operation: StoreOperation::Load, error: &error });
            }
            // `Unknown`. A result that is added later also means that there is no session.
            Ok(_) => slot.emit(subject, EventKind::Missed { is_ended: false }),
            Err(error) => {
                slot.emit(subject, EventKind::StoreFailed { operation: StoreOperation::Load, error: &error });
                return Err(error);
            }
        }
        tried.push(key);
    }
    Ok(StoreSession::new(backend, origin, Dictionary::new(), None))
}
