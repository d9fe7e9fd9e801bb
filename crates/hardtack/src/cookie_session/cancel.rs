use crate::observe::{EventKind, Subject};
use crate::slot::{CookieSession, Slot};

/// Closes a session whose request gets no response. Changes and logouts are lost, and reported as events, because only
/// a response can write or end a session that is kept in its cookie.
pub(crate) fn cancel(slot: &Slot, session: &CookieSession) {
    let data = &session.data;
    let ends = data.ends_when_canceled(data.id_change, false);
    if data.loses_when_canceled(data.id_change, ends, data.changes.is_dirty(&data.base)) {
        slot.emit(Subject::default(), EventKind::Abandoned { what: "its changes are not saved" });
    }
    if ends {
        let why = "its request was canceled, and only a response can end a session kept in its cookie";
        slot.emit(Subject::default(), EventKind::LogoutLost { why });
    }
}
