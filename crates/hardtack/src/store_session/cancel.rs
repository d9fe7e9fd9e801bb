use std::sync::Arc;

use hardtack_core::protocol::IdChange;

use crate::observe::{EventKind, Subject};
use crate::slot::{Slot, StoreSession};
use crate::store_session::commit::end_of;
use crate::store_session::underway::Underway;

/// Closes a session whose request gets no response. After a logout, ends the session in the background.
pub(crate) fn cancel(slot: &Arc<Slot>, mut session: Box<StoreSession>) {
    let data = &session.data;
    // If an early save has begun, it is finished separately.
    let id_change = if session.unsure { IdChange::Stay } else { data.id_change };
    if session.unsure && data.id_change == IdChange::LogOut {
        let why = "its request was canceled after an early save had been dropped";
        slot.emit(Subject::of(session.key()), EventKind::LogoutLost { why });
    }
    let ends = data.ends_when_canceled(id_change, is_other_users(&session));
    let dirty = data.changes.is_dirty(&data.base) || session.label.given.is_some();
    if data.loses_when_canceled(id_change, ends, dirty) {
        slot.emit(Subject::of(session.key()), EventKind::Abandoned { what: "its changes are not saved" });
    }
    if ends {
        tracing::info!("the request that logs out was canceled: its session is ended in the background");
        (session.data.id_change, session.owner) = (IdChange::LogOut, None);
        let backend = Arc::clone(&session.backend);
        Underway::new(slot, backend, end_of(&slot.config, session)).finish_in_background();
    }
}

fn is_other_users(session: &StoreSession) -> bool {
    let owner = session.located.as_ref().and_then(|located| located.record.owner());
    owner.is_some() && owner != session.owner.as_ref()
}
