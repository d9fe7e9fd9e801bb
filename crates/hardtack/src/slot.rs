use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[cfg(feature = "axum08")]
use axum::extract::OriginalUri;
use hardtack_core::session::{
    Changes, CookieAct, Dictionary, Flash, Lineage, Origin, Owner, SessionId, Turn,
};
use hardtack_core::store::Place;
use hardtack_core::value::{self, Value};
#[cfg(feature = "axum08")]
use http::Uri;
use http::{HeaderValue, Method, Request, header};

use crate::config::Config;
use crate::notes::Notes;
use crate::refusal::Refusal;
use crate::sealed::{Rivals, Seal};

/// What a request carries of one session: a place that is opened when it is first asked for.
pub(crate) struct Slot {
    pub(crate) config: Arc<Config>,
    /// A short critical section that never spans an await or the application's code, so a plain mutex.
    state: Mutex<State>,
    /// Under Flask's rules also an unopened session may have to be refreshed, so its cookies are kept.
    pub(crate) cookies: Vec<HeaderValue>,
    pub(crate) notes: Notes,
    /// Whether the response has no body, so that no page is shown.
    pub(crate) is_head: bool,
    /// What the browser asked for, where there is a login page that may send it back.
    #[cfg(feature = "axum08")]
    pub(crate) asked_for: Option<Box<Uri>>,
}

/// The states of a slot, in the order they are gone through.
pub(crate) enum State {
    /// Nobody has asked for the session.
    Unopened,
    /// It can be read and written. Boxed, so that a slot nobody opens is small.
    Open(Box<Open>),
    /// The response head has been sent, and what is written now comes too late. A handle that is left, as in a streaming
    /// body, reads the session as it was then.
    Closed(Option<Box<Open>>),
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
    /// Whose session it is, as the store says, or who logs in.
    pub(crate) owner: Option<Owner>,
    /// The lineage that the store has of it.
    pub(crate) lineage: Option<Lineage>,
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
    /// The bytes of all cookies that the browser sent.
    pub(crate) sent_bytes: usize,
    /// What an early save has left for the response to say.
    pub(crate) unsaid: CookieAct,
    /// Of a session kept in its cookie, if the browser sent older genuine cookies of its name.
    pub(crate) rivals: Option<Rivals>,
    /// An early save whose outcome is unknown: the response cannot be a success.
    pub(crate) unsure: bool,
    /// A developer's mistake by which something was not stored: the response cannot be a success.
    pub(crate) mistake: Option<&'static str>,
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

impl Slot {
    pub(crate) fn new<B>(config: Arc<Config>, request: &Request<B>, notes: Notes) -> Arc<Self> {
        let cookies = match config.flask {
            Some(flask) if flask.refresh_each_request => {
                request.headers().get_all(header::COOKIE).iter().cloned().collect()
            }
            _ => Vec::new(),
        };
        Arc::new(Self {
            #[cfg(feature = "axum08")]
            asked_for: config.login_path.is_some().then(|| Box::new(first_uri(request).clone())),
            is_head: request.method() == Method::HEAD,
            config,
            state: Mutex::new(State::Unopened),
            cookies,
            notes,
        })
    }

    /// Whether its request is over.
    pub(crate) fn is_closed(&self) -> bool {
        matches!(*self.lock(), State::Closed(_))
    }

    /// The state. A panic under the lock cannot leave it half changed, so poisoning is passed over.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the slot, and returns the state that it was in.
    pub(crate) fn close(self: &Arc<Self>) -> State {
        // Mostly nobody is left who could read, and nothing is copied for them.
        let is_held = Arc::strong_count(self) > 1;
        let mut state = self.lock();
        let last = match &mut *state {
            State::Open(open) if is_held => Some(open.snapshot()),
            State::Closed(last) => last.take(),
            State::Unopened | State::Open(_) => None,
        };
        std::mem::replace(&mut *state, State::Closed(last))
    }
}

/// The URI as the browser sent it: a nested router of axum's cuts its prefix off the request's own.
#[cfg(feature = "axum08")]
fn first_uri<B>(request: &Request<B>) -> &Uri {
    request.extensions().get::<OriginalUri>().map_or(request.uri(), |original| &original.0)
}

impl State {
    /// Notes that a function that updates the session has used it: what it computed may be wrong, so the response cannot
    /// be a success.
    #[cold]
    pub(crate) fn note_misuse(&mut self) -> Refusal {
        self.note_mistake(
            "the function of an `update` used its own session: read what it needs before the `update`",
        );
        Refusal::InsideUpdate
    }

    /// Notes a mistake of the developer's, for which the response is a 500.
    pub(crate) fn note_mistake(&mut self, sentence: &'static str) {
        if let Self::Open(open) = self {
            open.mistake.get_or_insert(sentence);
        }
    }
}

impl Open {
    /// A session that begins empty.
    pub(crate) fn empty(origin: Origin) -> Box<Self> {
        Self::on(origin, Standing::Nowhere, Dictionary::new())
    }

    pub(crate) fn on(origin: Origin, standing: Standing, base: Dictionary) -> Box<Self> {
        let record = match &standing {
            Standing::Stored(place) => Some(&place.record),
            Standing::Nowhere | Standing::Sealed(_) => None,
        };
        let owner = record.and_then(|record| record.owner().cloned());
        let lineage = record.and_then(|record| record.lineage().copied());
        // Allocated first, so that it is made in its place and not copied there.
        let room = Box::new_uninit();
        let open = Self {
            origin,
            standing,
            base,
            changes: Changes::new(),
            turn: Turn::Stay,
            owner,
            lineage,
            label: Label::default(),
            flashes: None,
            used: false,
            accessed: false,
            id: None,
            sent_bytes: 0,
            unsaid: CookieAct::Nothing,
            rivals: None,
            unsure: false,
            mistake: None,
        };
        Box::write(room, open)
    }

    /// What a handle reads once the response head has been sent.
    #[cold]
    fn snapshot(&self) -> Box<Self> {
        let standing = match &self.standing {
            Standing::Sealed(seal) => Standing::Sealed(*seal),
            Standing::Nowhere | Standing::Stored(_) => Standing::Nowhere,
        };
        let mut last = Self::on(self.origin, standing, self.changes.whole(&self.base));
        last.owner.clone_from(&self.owner);
        last.flashes.clone_from(&self.flashes);
        last
    }

    /// Sets a key, unless it is the one that says who has logged in. That one may be set to what it says already.
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

    /// Whether setting a key to this text would say that another user has logged in.
    pub(crate) fn reserves(&self, key: &str, text: &str) -> bool {
        key == USER_KEY && self.get(key) != Some(text)
    }

    /// Removes a key, unless it is the one that says who has logged in, and says whether it was there.
    ///
    /// # Errors
    ///
    /// [`Refusal::Reserved`].
    pub(crate) fn remove(&mut self, key: &str) -> Result<bool, Refusal> {
        // As in Flask, removing what is not there is not a write.
        match self.get(key) {
            None => Ok(false),
            Some(_) if key == USER_KEY => Err(Refusal::Reserved),
            Some(_) => Ok(self.changes.remove(&self.base, key)),
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.changes.get(&self.base, key)
    }

    /// The user in it; a number, as some applications keep it, counts as its text.
    ///
    /// A signature or a seal vouches for the whole cookie, and Flask-Login may have logged in there. A stored session has
    /// the owner that its record names, and no other: only such a login is listed among the user's devices and ended
    /// with them.
    pub(crate) fn user(&self) -> Option<String> {
        let user = match Value::from_text(self.get(USER_KEY)?).ok()? {
            Value::String(user) => user,
            Value::Int(user) => user.to_string(),
            _ => return None,
        };
        let is_vouched_for = match &self.standing {
            Standing::Sealed(_) => true,
            Standing::Nowhere | Standing::Stored(_) => {
                self.owner.as_ref().is_some_and(|owner| owner.as_str() == user)
            }
        };
        is_vouched_for.then_some(user)
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
    text.is_some_and(value::is_truthy)
}
