use std::sync::Arc;

use hardtack_core::session::{Origin, Turn};

use crate::slot::{Data, Open, Slot, State, StoreSession};
use crate::store_session::{Underway, end_of};

/// Closes a slot whose request gets no response, because it was canceled, its handler panicked, or its service failed.
///
/// Changes that the browser would have to learn about are dropped. What ends a session is still carried out: a
/// user who has logged out must not stay logged in because a connection broke. The table is in the documentation of
/// [`ResponseFuture`](crate::ResponseFuture).
#[cold]
pub(crate) fn cancel(slot: &Arc<Slot>) {
    let State::Open(open) = slot.close() else { return };
    slot.notes.closing(&open);
    match open {
        Open::Cookie(session) => cancel_cookie(slot, &session.data),
        Open::Store(session) => cancel_stored(slot, session),
    }
}

fn cancel_cookie(slot: &Slot, data: &Data) {
    let ends = ends(data, data.turn, false);
    if loses_changes(data, data.turn, ends) {
        slot.config.tally.abandoned("its changes are not saved");
    }
    if ends {
        slot.config.tally.lost_logout(
            "its request was canceled, and only a response can end a session kept in its cookie",
        );
    }
}

fn cancel_stored(slot: &Arc<Slot>, mut session: Box<StoreSession>) {
    let tally = &slot.config.tally;
    // An early save that has begun is finished separately.
    let turn = if session.unsure { Turn::Stay } else { session.data.turn };
    if session.unsure && session.data.turn == Turn::LogOut {
        tally.lost_logout("an early save was given up before it, and its request was canceled");
    }
    let ends = ends(&session.data, turn, is_other_users(&session));
    let loses_name = matches!(turn, Turn::LogOut | Turn::Stay) && !ends && session.label.given.is_some();
    if loses_changes(&session.data, turn, ends) || loses_name {
        tally.abandoned("its changes are not saved");
    }
    if ends {
        tracing::info!("the request of a logout was canceled: its session is ended in the background");
        (session.data.turn, session.owner) = (Turn::LogOut, None);
        let backend = Arc::clone(&session.backend);
        Underway::new(slot, backend, end_of(&slot.config, session)).finish_in_background();
    }
}

/// Returns whether to end a session that the browser can still name, because of a logout or a login as another user.
fn ends(data: &Data, turn: Turn, is_other_users: bool) -> bool {
    let was_there = matches!(data.origin, Origin::Live | Origin::Forwarded);
    was_there
        && match turn {
            // A guest has no user to log out.
            Turn::LogOut => data.changes.forgets(),
            Turn::LogIn => data.changes.forgets() || is_other_users,
            Turn::Stay | Turn::Renew => false,
        }
}

fn is_other_users(session: &StoreSession) -> bool {
    let owner = session.place.as_ref().and_then(|place| place.record.owner());
    owner.is_some() && owner != session.owner.as_ref()
}

/// Returns whether anything is lost besides a logout, which discards the session's data anyway.
fn loses_changes(data: &Data, turn: Turn, ends: bool) -> bool {
    match turn {
        Turn::LogOut if ends => !data.changes.leaves_empty(&data.base),
        Turn::LogIn | Turn::Renew => true,
        Turn::LogOut | Turn::Stay => data.changes.is_dirty(&data.base),
    }
}
