use std::sync::Arc;

use hardtack_core::session::{
    Changes, CookieAct, Dictionary, Facts, Flash, Lineage, Origin, Owner, SessionId, Turn,
};
use hardtack_core::store::Place;
use hardtack_core::value::{self, Value};
use http::{HeaderValue, StatusCode};

use crate::config::{CookieBackend, CookieMeta, Rivals, StoreBackend};
use crate::slot::Refusal;

/// An open session. Boxed, so that the slot of an unopened session is small.
pub(crate) enum Open {
    Cookie(Box<CookieSession>),
    Store(Box<StoreSession>),
}

/// An open session that is kept in its cookie.
pub(crate) struct CookieSession {
    pub(crate) data: Data,
    pub(crate) backend: Arc<CookieBackend>,
    /// The metadata of the cookie; `None` if no cookie was accepted.
    pub(crate) meta: Option<CookieMeta>,
    /// The older genuine cookies of the same name, if the browser sent any.
    pub(crate) rivals: Option<Rivals>,
}

/// An open session that is kept in a store.
pub(crate) struct StoreSession {
    pub(crate) data: Data,
    pub(crate) backend: Arc<StoreBackend>,
    /// The session's record; `None` if the store has none.
    pub(crate) place: Option<Place>,
    /// The session's user: the owner in the record, or the user who is logging in.
    pub(crate) owner: Option<Owner>,
    /// The lineage in the record.
    pub(crate) lineage: Option<Lineage>,
    pub(crate) label: Label,
    /// The id that the browser has, or will be sent.
    pub(crate) id: Option<SessionId>,
    /// What an early save has left for the response to do with the cookie.
    pub(crate) unsaid: CookieAct,
    /// Whether an early save has an unknown outcome, so that the response cannot be a success.
    pub(crate) unsure: bool,
}

/// The data of an open session, and what a request does with it.
pub(crate) struct Data {
    pub(crate) origin: Origin,
    /// The data as it was when the session was opened or last saved.
    pub(crate) base: Dictionary,
    /// The changes since then.
    pub(crate) changes: Changes,
    pub(crate) turn: Turn,
    /// The messages that this request has shown.
    pub(crate) flashes: Option<Vec<Flash>>,
    /// Whether anything was read or written.
    pub(crate) used: bool,
    /// Whether the session was passed to the application at all, like Flask's `accessed`.
    pub(crate) accessed: bool,
    /// The total size of all cookies that the browser sent, in bytes.
    pub(crate) sent_bytes: usize,
    /// A developer's mistake that kept something from being stored, so that the response cannot be a success.
    pub(crate) mistake: Option<&'static str>,
}

/// The name of the session's device.
#[derive(Default)]
pub(crate) struct Label {
    /// The name given in this request.
    pub(crate) given: Option<Arc<str>>,
    /// The `User-Agent` that the browser sent.
    pub(crate) agent: Option<HeaderValue>,
}

impl Open {
    #[inline]
    pub(crate) fn data(&self) -> &Data {
        match self {
            Self::Cookie(session) => &session.data,
            Self::Store(session) => &session.data,
        }
    }

    #[inline]
    pub(crate) fn data_mut(&mut self) -> &mut Data {
        match self {
            Self::Cookie(session) => &mut session.data,
            Self::Store(session) => &mut session.data,
        }
    }

    /// Returns the user who has logged in.
    pub(crate) fn user(&self) -> Option<String> {
        match self {
            // The signature or encryption authenticates the whole cookie, and Flask-Login may have logged the user in.
            Self::Cookie(session) => session.data.named_user(),
            Self::Store(session) => session.user(),
        }
    }

    /// Returns whether a user is logged in, or was when the request began. Another application may have stored a user
    /// that cannot be read here, and a session that has been cleared still has its owner.
    pub(crate) fn has_user(&self) -> bool {
        match self {
            Self::Cookie(session) => {
                session.data.get(USER_KEY).is_some() || session.data.base.get(USER_KEY).is_some()
            }
            Self::Store(session) => session.data.get(USER_KEY).is_some() || session.owner.is_some(),
        }
    }

    /// Sets the user whose session this becomes, for backends that record the user beside the data.
    pub(crate) fn set_owner(&mut self, owner: Option<Owner>) {
        match self {
            Self::Cookie(_) => {}
            Self::Store(session) => session.owner = owner,
        }
    }

    /// Returns the session that a handle reads after the response head has been sent.
    #[cold]
    pub(crate) fn snapshot(&self) -> Self {
        let Data { origin, base, changes, flashes, .. } = self.data();
        let whole = changes.whole(base);
        let mut last = match self {
            Self::Cookie(session) => {
                Self::Cookie(CookieSession::new(&session.backend, *origin, whole, session.meta))
            }
            Self::Store(session) => {
                let mut last = StoreSession::new(&session.backend, *origin, whole, None);
                last.owner.clone_from(&session.owner);
                Self::Store(last)
            }
        };
        last.data_mut().flashes.clone_from(flashes);
        last
    }
}

impl CookieSession {
    pub(crate) fn new(
        backend: &Arc<CookieBackend>,
        origin: Origin,
        base: Dictionary,
        meta: Option<CookieMeta>,
    ) -> Box<Self> {
        // Allocated first, so that the session is built in place instead of being copied there.
        let room = Box::new_uninit();
        let backend = Arc::clone(backend);
        Box::write(room, Self { data: Data::new(origin, base), backend, meta, rivals: None })
    }
}

impl StoreSession {
    pub(crate) fn new(
        backend: &Arc<StoreBackend>,
        origin: Origin,
        base: Dictionary,
        place: Option<Place>,
    ) -> Box<Self> {
        let record = place.as_ref().map(|place| &place.record);
        let owner = record.and_then(|record| record.owner().cloned());
        let lineage = record.and_then(|record| record.lineage().copied());
        // Allocated first, so that the session is built in place instead of being copied there.
        let room = Box::new_uninit();
        let session = Self {
            data: Data::new(origin, base),
            backend: Arc::clone(backend),
            place,
            owner,
            lineage,
            label: Label::default(),
            id: None,
            unsaid: CookieAct::Nothing,
            unsure: false,
        };
        Box::write(room, session)
    }

    /// Returns the user who has logged in. A user named in the data counts only if they are the owner, because only
    /// such a login is listed among the user's devices and ended with them.
    pub(crate) fn user(&self) -> Option<String> {
        let is_owner = |user: &String| self.owner.as_ref().is_some_and(|owner| owner.as_str() == user);
        self.data.named_user().filter(is_owner)
    }

    /// Returns whether the device does not have a name yet.
    pub(crate) fn is_unnamed(&self) -> bool {
        self.place.as_ref().is_none_or(|place| place.record.label.is_none())
    }
}

impl Data {
    #[inline]
    pub(crate) fn new(origin: Origin, base: Dictionary) -> Self {
        Self {
            origin,
            base,
            changes: Changes::new(),
            turn: Turn::Stay,
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
    /// Returns [`Refusal::Reserved`] if the text would name another user.
    pub(crate) fn set(&mut self, key: &str, text: String) -> Result<(), Refusal> {
        if self.reserves(key, &text) {
            return Err(Refusal::Reserved);
        }
        self.changes.set(&self.base, key, text);
        Ok(())
    }

    /// Returns whether setting a key to this text would name another user.
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

    /// Returns the user named in the data. Some applications store a number, which is returned as text.
    pub(crate) fn named_user(&self) -> Option<String> {
        match Value::from_text(self.get(USER_KEY)?).ok()? {
            Value::String(user) => Some(user),
            Value::Int(user) => Some(user.to_string()),
            _ => None,
        }
    }

    /// Returns whether the cookie outlives the browser. Any truthy value counts, as for Flask's `session.permanent`.
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
        Facts {
            origin: self.origin,
            turn: self.turn,
            used: self.used,
            dirty: self.changes.is_dirty(&self.base),
            empty: self.changes.leaves_empty(&self.base),
            expiry_changed: self.turns_permanent(),
            touch_due: false,
            // A timeout layer inside this one responds with 408.
            failed: status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT,
        }
    }

    /// Drops all changes except a logout, which is carried out even after a developer's mistake. Returns whether there
    /// is one.
    pub(crate) fn keep_only_logout(&mut self) -> bool {
        let is_logout = self.turn == Turn::LogOut && self.changes.forgets();
        if is_logout {
            // Drops what was written after the logout.
            self.changes.forget();
        }
        is_logout
    }
}

/// The key under which Flask-Login keeps the user.
pub(crate) const USER_KEY: &str = "_user_id";

/// The key under which Flask keeps `session.permanent`.
pub(crate) const PERMANENT_KEY: &str = "_permanent";

fn is_truthy(text: Option<&str>) -> bool {
    text.is_some_and(value::is_truthy)
}
