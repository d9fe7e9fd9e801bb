use std::sync::Arc;

use hardtack_core::session::{Origin, Turn};

use crate::closing::end_of;
use crate::config::Kind;
use crate::slot::{Open, Slot, Standing, State};
use crate::underway::Underway;

/// Closes a slot whose request gets no response: it was canceled, its handler has panicked, or its service has failed.
///
/// What the browser would have had to learn is not done. What ends a session is done all the same: who has logged out
/// must not stay logged in because a connection broke. The table is in the documentation of
/// [`ResponseFuture`](crate::ResponseFuture).
#[cold]
pub(crate) fn cancel(slot: &Arc<Slot>) {
    let state = slot.close();
    let State::Open(open) = state else { return };
    let tally = &slot.config.tally;
    slot.notes.closing(&open);
    // What an early save has begun is finished by that.
    let turn = if open.unsure { Turn::Stay } else { open.turn };
    if open.unsure && open.turn == Turn::LogOut {
        tally.lost_logout("an early save was given up before it, and its request was canceled");
    }
    let ends = ends(&open, turn);
    if loses_changes(&open, turn, ends) {
        tally.abandoned("its changes are not saved");
    }
    match &slot.config.kind {
        Kind::Stored { vault, .. } if ends => {
            tracing::info!("the request of a logout was canceled: its session is ended in the background");
            Underway::new(slot, vault, end_of(&slot.config, ended(open))).finish_in_background();
        }
        Kind::Signed { .. } | Kind::Encrypted { .. } if ends => {
            tally.lost_logout(
                "its request was canceled, and only a response can end a session kept in its cookie",
            );
        }
        _ => {}
    }
}

/// Whether a session is to end that the browser can still name: by a logout, or by a login as another user.
fn ends(open: &Open, turn: Turn) -> bool {
    let was_there = matches!(open.origin, Origin::Live | Origin::Forwarded);
    was_there
        && match turn {
            // A guest has nobody to log out.
            Turn::LogOut => open.changes.forgets(),
            Turn::LogIn => open.changes.forgets() || is_other_users(open),
            Turn::Stay | Turn::Renew => false,
        }
}

fn is_other_users(open: &Open) -> bool {
    matches!(&open.standing, Standing::Stored(place) if place.record.owner().is_some() && place.record.owner() != open.owner.as_ref())
}

/// Whether anything is lost besides a logout, which takes what is in the session with it.
fn loses_changes(open: &Open, turn: Turn, ends: bool) -> bool {
    match turn {
        Turn::LogOut if ends => !open.changes.leaves_empty(&open.base),
        Turn::LogIn | Turn::Renew => true,
        Turn::LogOut | Turn::Stay => open.changes.is_dirty(&open.base) || open.label.given.is_some(),
    }
}

fn ended(mut open: Box<Open>) -> Box<Open> {
    (open.turn, open.owner) = (Turn::LogOut, None);
    open
}
