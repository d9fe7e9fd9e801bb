use hardtack_core::protocol::{Changes, Dictionary, Facts, Flash, IdChange, Origin};
use hardtack_core::value::{self, Value};
use http::StatusCode;

use crate::slot::{PERMANENT_KEY, Refusal, USER_KEY};

/// The data of an open session, and what a request does with it.
pub(crate) struct Data {
    pub(crate) origin: Origin,
    /// The data as it was when the session was opened or last saved.
    pub(crate) base: Dictionary,
    /// The changes relative to `base`.
    pub(crate) changes: Changes,
    pub(crate) id_change: IdChange,
    /// The flash messages that this request has shown.
    pub(crate) flashes: Option<Vec<Flash>>,
    /// Whether anything was read or written.
    pub(crate) used: bool,
    /// Whether the application has opened the session, like Flask's `accessed`.
    pub(crate) accessed: bool,
    /// The total size of all cookies that the browser sent, in bytes.
    pub(crate) sent_bytes: usize,
    /// A developer's mistake that prevented a change, so that the response cannot be a success.
    pub(crate) mistake: Option<&'static str>,
}

impl Data {
    #[inline]
    pub(crate) fn new(origin: Origin, base: Dictionary) -> Self {
        Self {
            origin,
            base,
            changes: Changes::new(),
            id_change: IdChange::Stay,
            flashes: None,
            used: false,
            accessed: false,
            sent_bytes: 0,
            mistake: None,
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.changes.get(&self.base, key)
    }

    /// Sets a key. The key that names the user can only be set to its current value.
    ///
    /// # Errors
    ///
    /// Returns [`Refusal::Reserved`] if this would change the logged-in user.
    pub(crate) fn set(&mut self, key: &str, text: String) -> Result<(), Refusal> {
        if self.reserves(key, &text) {
            return Err(Refusal::Reserved);
        }
        self.changes.set(&self.base, key, text);
        Ok(())
    }

    /// Returns whether setting `key` to `text` would change the logged-in user.
    pub(crate) fn reserves(&self, key: &str, text: &str) -> bool {
        key == USER_KEY && self.get(key) != Some(text)
    }

    /// Removes a key, and returns whether it was present. The key that names the user cannot be removed.
    ///
    /// # Errors
    ///
    /// Returns [`Refusal::Reserved`] for the key that names the user.
    pub(crate) fn remove(&mut self, key: &str) -> Result<bool, Refusal> {
        // As in Flask, removing a missing key is not a write.
        match self.get(key) {
            None => Ok(false),
            Some(_) if key == USER_KEY => Err(Refusal::Reserved),
            Some(_) => Ok(self.changes.remove(&self.base, key)),
        }
    }

    /// Returns the user named in the data. Some applications store a number, which is returned as a string.
    pub(crate) fn named_user(&self) -> Option<String> {
        parse_user(self.get(USER_KEY)?)
    }

    /// Returns the user whom the data named when the session was opened or last saved.
    pub(crate) fn user_before(&self) -> Option<String> {
        parse_user(self.base.get(USER_KEY)?)
    }

    /// Returns whether the cookie is kept after the browser closes: if the value of `_permanent` is truthy, as in
    /// Flask.
    pub(crate) fn is_permanent(&self) -> bool {
        is_truthy(self.get(PERMANENT_KEY))
    }

    /// Returns whether this request has changed the result of [`is_permanent`](Data::is_permanent) from false to true
    /// or back.
    pub(crate) fn turns_permanent(&self) -> bool {
        self.changes.touches(PERMANENT_KEY) && self.is_permanent() != is_truthy(self.base.get(PERMANENT_KEY))
    }

    /// Returns the facts that decide how the request ends.
    pub(crate) fn facts(&self, status: StatusCode) -> Facts {
        let mut facts = Facts::new(self.origin);
        facts.id_change = self.id_change;
        facts.used = self.used;
        facts.dirty = self.changes.is_dirty(&self.base);
        facts.empty = self.changes.leaves_empty(&self.base);
        facts.expiry_changed = self.turns_permanent();
        // A timeout layer inside the session layer responds with a 408.
        facts.failed = status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT;
        facts
    }

    /// Drops all changes except a logout, which is carried out even after a developer's mistake. Returns whether there
    /// is a logout.
    pub(crate) fn keep_only_logout(&mut self) -> bool {
        let is_logout = self.id_change == IdChange::LogOut && self.changes.forgets();
        if is_logout {
            // Drops what was written after the logout.
            self.changes.forget();
        }
        is_logout
    }

    /// Returns whether a canceled request ends a session that the browser can still name. A logout ends the session,
    /// and so does a login as another user.
    pub(crate) fn ends_when_canceled(&self, id_change: IdChange, is_other_users: bool) -> bool {
        let was_there = matches!(self.origin, Origin::Live | Origin::Forwarded);
        was_there
            && match id_change {
                // The logout of a guest only changes the id, and keeps the data.
                IdChange::LogOut => self.changes.forgets(),
                IdChange::LogIn => self.changes.forgets() || is_other_users,
                IdChange::Stay | IdChange::Renew => false,
            }
    }

    /// Returns whether a canceled request loses changes. `dirty` is true if there is anything to write, and `ends` if
    /// the request ends its session. After a logout that ends the session, only data that was written later is lost.
    pub(crate) fn loses_when_canceled(&self, id_change: IdChange, ends: bool, dirty: bool) -> bool {
        match id_change {
            IdChange::LogOut if ends => !self.changes.leaves_empty(&self.base),
            IdChange::LogIn | IdChange::Renew => true,
            IdChange::LogOut | IdChange::Stay => dirty,
        }
    }
}

fn parse_user(text: &str) -> Option<String> {
    match Value::from_text(text).ok()? {
        Value::String(user) => Some(user),
        Value::Int(user) => Some(user.to_string()),
        _ => None,
    }
}

fn is_truthy(text: Option<&str>) -> bool {
    text.is_some_and(value::is_truthy)
}
