use std::sync::Arc;

use http::StatusCode;

use crate::config::Backend;
use crate::slot::{Ending, Headers, Open, Slot, State};
use crate::store_session::Closing;
use crate::{cookie_session, store_session};

/// Closes a slot, so that nothing more can be written, and settles the changes made so far.
pub(crate) fn close(slot: &Arc<Slot>, status: StatusCode) -> Closing {
    let open = match (slot.close(), &slot.config.backend) {
        (State::Open(open), _) => open,
        (State::Unopened, Backend::Cookie(backend)) if !slot.cookies.is_empty() => {
            let open = Open::Cookie(cookie_session::open(slot, backend, slot.cookies.iter()));
            slot.trace.found(&open);
            open
        }
        (State::Unopened | State::Closed(_), _) => return Closing::Done(Ending::Add(Headers::default())),
    };
    slot.trace.closing(&open);
    match open {
        Open::Cookie(session) => Closing::Done(cookie_session::close(slot, session, status)),
        Open::Store(session) => store_session::close(slot, session, status),
    }
}
