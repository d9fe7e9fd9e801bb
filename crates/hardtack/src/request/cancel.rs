use std::sync::Arc;

use crate::slot::{Open, Slot, State};
use crate::{cookie_session, store_session};

/// Closes a slot whose request gets no response, because the request was canceled, its handler panicked, or its service
/// failed.
///
/// Changes are dropped, because no response acknowledges them. The end of a session is still carried out if possible: a
/// user who has logged out must not stay logged in because a connection broke. The documentation
/// of [`ResponseFuture`](crate::ResponseFuture) lists all cases.
#[cold]
pub(crate) fn cancel(slot: &Arc<Slot>) {
    let State::Open(open) = slot.close() else { return };
    slot.trace.closing(&open);
    match open {
        Open::Cookie(session) => cookie_session::cancel(slot, &session),
        Open::Store(session) => store_session::cancel(slot, session),
    }
}
