use std::sync::Arc;

use crate::slot::{Open, Slot, State};
use crate::{cookie_session, store_session};

/// Closes a slot whose request gets no response, because it was canceled, its handler panicked, or its service failed.
///
/// Changes that the browser would have to learn about are dropped. What ends a session is still carried out: a
/// user who has logged out must not stay logged in because a connection broke. The table is in the documentation of
/// [`ResponseFuture`](crate::ResponseFuture).
#[cold]
pub(crate) fn cancel(slot: &Arc<Slot>) {
    let State::Open(open) = slot.close() else { return };
    slot.trace.closing(&open);
    match open {
        Open::Cookie(session) => cookie_session::cancel(slot, &session),
        Open::Store(session) => store_session::cancel(slot, session),
    }
}
