use std::sync::Arc;

use hardtack_core::session::{
    Changes, CookieAct, Dictionary, Facts, Flash, Lineage, Origin, Owner, SessionId, Turn,
};
use hardtack_core::store::Place;
use hardtack_core::value::{self, Value};
use http::{HeaderValue, StatusCode};

use crate::config::{CookieBackend, CookieMeta, Rivals, StoreBackend};
use crate::slot::Refusal;

/// An open session. Boxed, so that a slot whose session is not opened is small.
pub(crate) enum Open {
    Cookie(Box<CookieSession>),
    Store(Box<StoreSession>),
}

/// An open session that its cookie holds.
pub(crate) struct CookieSession {
    pub(crate) data: Data,
    pub(crate) backend: Arc<CookieBackend>,
    /// What the cookie carried besides the data; `None` if none was accepted.
    pub(crate) meta: Option<CookieMeta>,
    /// The older genuine cookies of its name, if the browser sent any.
    pub(crate) rivals: Option<Rivals>,
}

/// An open session that a store holds.
pub(crate) struct StoreSession {
    pub(crate) data: Data,
    pub(crate) backend: Arc<StoreBackend>,
    /// Its record; `None` if the store has none.
    pub(crate) place: Option<Place>,
    /// Whose session it is: the owner in the record, or the user who logs in.
    pub(crate) owner: Option<Owner>,
    /// The lineage in the record.
    pub(crate) lineage: Option<Lineage>,
    pub(crate) label: Label,
    /// The id that the browser has, or will be sent.
    pub(crate) id: Option<SessionId>,
    /// What an early save has left for the response to do with the cookie.
    pub(crate) unsaid: CookieAct,
    /// An early save whose outcome is unknown: the response cannot be a success.
    pub(crate) unsure: bool,
}

/// The dictionary of an open session, and what a request does with it.
pub(crate) struct Data {
    pub(crate) origin: Origin,
    /// What it said when it was opened, or last saved.
    pub(crate) base: Dictionary,
    /// What has been done to it since.
    pub(crate) changes: Changes,
    pub(crate) turn: Turn,
    /// The messages that this request has shown.
    pub(crate) flashes: Option<Vec<Flash>>,
    /// Whether anything was read or written.
    pub(crate) used: bool,
    /// Whether it was handed to the application at all: Flask's `accessed`.
    pub(crate) accessed: bool,
    /// The bytes of all cookies that the browser sent.
    pub(crate) sent_bytes: usize,
    /// A developer's mistake by which something was not stored: the response cannot be a success.
    pub(crate) mistake: Option<&'static str>,
}

/// What the device calls itself.
#[derive(Default)]
pub(crate) struct Label {
    /// The name it was given in this request.
    pub(crate) given: Option<Arc<str>>,
    /// The name that its browser sends.
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

    /// The user who has logged in.
    pub(crate) fn user(&self) -> Option<String> {
        match self {
            // A signature or a seal vouches for the whole cookie, and Flask-Login may have logged in there.
            Self::Cookie(session) => session.data.named_user(),
            Self::Store(session) => session.user(),
        }
    }

    /// Whether a user has logged in, or had when the request began. Another application may keep a user that cannot be
    /// read here, and a session that has been cleared has its owner still.
    pub(crate) fn has_user(&self) -> bool {
        match self {
            Self::Cookie(session) => {
                session.data.get(USER_KEY).is_some() || session.data.base.get(USER_KEY).is_some()
            }
            Self::Store(session) => session.data.get(USER_KEY).is_some() || session.owner.is_some(),
        }
    }

    /// Names the user whose session it becomes, for backends that record it beside the data.
    pub(crate) fn set_owner(&mut self, owner: Option<Owner>) {
        match self {
            Self::Cookie(_) => {}
            Self::Store(session) => session.owner = owner,
        }
    }

    /// What a handle reads after the response head has been sent.
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
        // Allocated first, so that it is made in its place and not copied there.
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
        // Allocated first, so that it is made in its place and not copied there.
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

    /// The user who has logged in: the owner that its record names, and no other. Only such a login is listed among the
    /// user's devices and ended with them.
    pub(crate) fn user(&self) -> Option<String> {
        let is_owner = |user: &String| self.owner.as_ref().is_some_and(|owner| owner.as_str() == user);
        self.data.named_user().filter(is_owner)
    }

    /// Whether its device has no name yet.
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

    /// Sets a key, unless it is the one that names the user. That one may be set to the value that it has.
    ///
    /// # Errors
    ///
    /// [`Refusal::Reserved`].
    pub(crate) fn set(&mut self, key: &str, text: String) -> Result<(), Refusal> {
        if self.reserves(key, &text) {
            return Err(Refusal::Reserved);
        }
        self.changes.set(&self.base, key, text);
        Ok(())
    }

    /// Whether setting a key to this text would name another user.
    pub(crate) fn reserves(&self, key: &str, text: &str) -> bool {
        key == USER_KEY && self.get(key) != Some(text)
    }

    /// Removes a key, unless it is the one that names the user, and returns whether it was there.
    ///
    /// # Errors
    ///
    /// [`Refusal::Reserved`].
    pub(crate) fn remove(&mut self, key: &str) -> Result<bool, Refusal> {
        // As in Flask, removing a missing key is not a write.
        match self.get(key) {
            None => Ok(false),
            Some(_) if key == USER_KEY => Err(Refusal::Reserved),
            Some(_) => Ok(self.changes.remove(&self.base, key)),
        }
    }

    /// The user whom the data names; a number, as some applications keep it, counts as its text.
    pub(crate) fn named_user(&self) -> Option<String> {
        match Value::from_text(self.get(USER_KEY)?).ok()? {
            Value::String(user) => Some(user),
            Value::Int(user) => Some(user.to_string()),
            _ => None,
        }
    }

    /// Whether its cookie outlives the browser, as Flask's `session.permanent` says: by truthiness.
    pub(crate) fn is_permanent(&self) -> bool {
        is_truthy(self.get(PERMANENT_KEY))
    }

    /// Whether this request has changed that.
    pub(crate) fn turns_permanent(&self) -> bool {
        self.changes.touches(PERMANENT_KEY) && self.is_permanent() != is_truthy(self.base.get(PERMANENT_KEY))
    }

    /// What the end of the request has to know of it.
    pub(crate) fn facts(&self, status: StatusCode) -> Facts {
        Facts {
            origin: self.origin,
            turn: self.turn,
            used: self.used,
            dirty: self.changes.is_dirty(&self.base),
            empty: self.changes.leaves_empty(&self.base),
            expiry_changed: self.turns_permanent(),
            touch_due: false,
            // 408 is what a timeout layer inside answers.
            failed: status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT,
        }
    }

    /// Drops all changes but a logout, which goes through even after a developer's mistake. Returns whether there is one.
    pub(crate) fn keep_only_logout(&mut self) -> bool {
        let is_logout = self.turn == Turn::LogOut && self.changes.forgets();
        if is_logout {
            // What was written after it is left out.
            self.changes.forget();
        }
        is_logout
    }
}

/// Where Flask-Login keeps the user.
pub(crate) const USER_KEY: &str = "_user_id";

/// Where Flask keeps `session.permanent`.
pub(crate) const PERMANENT_KEY: &str = "_permanent";

fn is_truthy(text: Option<&str>) -> bool {
    text.is_some_and(value::is_truthy)
}
