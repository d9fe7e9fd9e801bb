use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hardtack_core::session::{Changes, CookieAct, Dictionary, Flash, Login, Origin, SessionId, Turn};
use hardtack_core::store::Place;
use hardtack_core::value::Value;
use http::{HeaderMap, HeaderValue, header};

use crate::config::Config;
use crate::notes::Notes;
use crate::sealed::Seal;

/// What a request carries of one session: a place that is opened when it is first asked for.
pub(crate) struct Slot {
    pub(crate) config: Arc<Config>,
    /// A short critical section that never spans an await or the application's code, so a plain mutex.
    state: Mutex<State>,
    /// Under Flask's rules also an unopened session may have to be refreshed, so its cookies are kept.
    pub(crate) cookies: Vec<HeaderValue>,
    pub(crate) notes: Notes,
}

/// The states of a slot, in the order they are gone through.
pub(crate) enum State {
    /// Nobody has asked for the session.
    Unopened,
    /// It can be read and written. Boxed, so that a slot nobody opens is small.
    Open(Box<Open>),
    /// The response head has left, and what is written now comes too late.
    Closed,
}

/// An open session.
pub(crate) struct Open {
    pub(crate) origin: Origin,
    pub(crate) standing: Standing,
    /// What it said when it was opened, or last saved.
    pub(crate) base: Dictionary,
    /// What has been done to it since.
    pub(crate) changes: Changes,
    pub(crate) turn: Turn,
    /// Who logs in; or, while an early save is under way, who has logged in.
    pub(crate) login: Option<Login>,
    /// What the device calls itself: the name it was given, or else what its browser says.
    pub(crate) label: Label,
    /// The messages that this request has shown.
    pub(crate) flashes: Option<Vec<Flash>>,
    /// Whether anything was read or written.
    pub(crate) used: bool,
    /// Whether it was handed to the application at all: Flask's `accessed`.
    pub(crate) accessed: bool,
    /// The id that the browser holds, or shall hold.
    pub(crate) id: Option<SessionId>,
    /// What an early save has left for the response to say.
    pub(crate) unsaid: CookieAct,
    /// An early save whose outcome is unknown: the response cannot be a success.
    pub(crate) unsure: bool,
}

/// What the session was found as.
pub(crate) enum Standing {
    /// Not at all.
    Nowhere,
    /// A record in a store.
    Stored(Place),
    /// A cookie's value.
    Sealed(Seal),
}

/// What the device calls itself.
#[derive(Default)]
pub(crate) struct Label {
    /// The name it was given in this request.
    pub(crate) given: Option<Arc<str>>,
    /// What its browser says.
    pub(crate) agent: Option<HeaderValue>,
}

/// A slot in a request's extensions, under the marker that tells the sessions of one application apart.
pub(crate) struct Handle<K> {
    /// `None` if the layer is not set up right.
    slot: Option<Arc<Slot>>,
    marker: PhantomData<fn() -> K>,
}

impl<K> Handle<K> {
    pub(crate) fn new(slot: Option<Arc<Slot>>) -> Self {
        Self { slot, marker: PhantomData }
    }

    pub(crate) fn slot(&self) -> Option<&Arc<Slot>> {
        self.slot.as_ref()
    }
}

impl<K> Clone for Handle<K> {
    fn clone(&self) -> Self {
        Self::new(self.slot.clone())
    }
}

impl Slot {
    pub(crate) fn new(config: Arc<Config>, headers: &HeaderMap, notes: Notes) -> Arc<Self> {
        let cookies = match config.flask {
            Some(flask) if flask.refresh_each_request => {
                headers.get_all(header::COOKIE).iter().cloned().collect()
            }
            _ => Vec::new(),
        };
        Arc::new(Self { config, state: Mutex::new(State::Unopened), cookies, notes })
    }

    /// The state. A panic under the lock cannot leave it half changed, so poisoning is passed over.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// A session that begins empty.
    pub(crate) fn empty(origin: Origin) -> Box<Self> {
        Self::on(origin, Standing::Nowhere, Dictionary::new())
    }

    pub(crate) fn on(origin: Origin, standing: Standing, base: Dictionary) -> Box<Self> {
        // Allocated first, so that it is made in its place and not copied there.
        let room = Box::new_uninit();
        let open = Self {
            origin,
            standing,
            base,
            changes: Changes::new(),
            turn: Turn::Stay,
            login: None,
            label: Label::default(),
            flashes: None,
            used: false,
            accessed: false,
            id: None,
            unsaid: CookieAct::Nothing,
            unsure: false,
        };
        Box::write(room, open)
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.changes.get(&self.base, key)
    }

    /// The user in it; a number, as some applications keep it, counts as its text.
    pub(crate) fn user(&self) -> Option<String> {
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

    /// Whether it is of the kind that devices are listed of, and has no name yet.
    pub(crate) fn may_be_named(&self) -> bool {
        match &self.standing {
            Standing::Stored(place) => place.record.label.is_none(),
            Standing::Nowhere => true,
            Standing::Sealed(_) => false,
        }
    }
}

/// Where Flask-Login keeps the user.
pub(crate) const USER_KEY: &str = "_user_id";

/// Where Flask keeps `session.permanent`.
pub(crate) const PERMANENT_KEY: &str = "_permanent";

fn is_truthy(text: Option<&str>) -> bool {
    text.is_some_and(|text| !matches!(text, "false" | "null" | "0" | "0.0" | "\"\"" | "[]" | "{}"))
}
