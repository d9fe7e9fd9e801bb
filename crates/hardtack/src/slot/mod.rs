//! The slot: the state of one session during a request.

mod cookie_session;
mod data;
mod ending;
mod handles;
mod headers;
mod keys;
mod open;
mod refusal;
mod rejection;
mod running;
mod store_session;
mod too_large;
mod trace;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[cfg(feature = "axum08")]
use axum::extract::OriginalUri;
#[cfg(feature = "axum08")]
use http::Uri;
use http::{HeaderValue, Method, Request, header};

use crate::config::Config;
use crate::observe::{EventKind, Subject, Trace};

pub(crate) use cookie_session::CookieSession;
pub(crate) use data::Data;
pub(crate) use ending::Ending;
pub(crate) use handles::Handles;
pub(crate) use headers::Headers;
pub(crate) use keys::{PERMANENT_KEY, USER_KEY};
pub(crate) use open::Open;
pub(crate) use refusal::Refusal;
pub use rejection::SessionRejection;
pub(crate) use running::{RunningGuard, is_misused};
pub(crate) use store_session::StoreSession;
pub(crate) use too_large::TOO_LARGE;
pub use too_large::TooLarge;

/// The maximum number of cookies with the session's name that are examined. A browser is not expected to send more,
/// and each additional cookie would cost a lookup.
pub(crate) const MAX_CANDIDATES: usize = 8;

/// The slot of one session in a request. The session is opened when it is first used.
pub(crate) struct Slot {
    pub(crate) config: Arc<Config>,
    /// An asynchronous mutex is not needed, because critical sections are short and contain neither an `await` nor
    /// application code.
    state: Mutex<State>,
    /// The `Cookie` headers, which are kept only under Flask's rules: even an unopened session may have to be
    /// refreshed.
    pub(crate) cookies: Vec<HeaderValue>,
    pub(crate) trace: Trace,
    /// Whether the request is a `HEAD` request, so that the visitor does not see the response.
    pub(crate) is_head: bool,
    /// The URI that the browser requested, if a login page may redirect back to it.
    #[cfg(feature = "axum08")]
    pub(crate) requested_uri: Option<Box<Uri>>,
}

/// The states of a slot, in order.
pub(crate) enum State {
    /// The session has not been used yet.
    Unopened,
    /// The session can be read and written.
    Open(Open),
    /// The response head has been sent, so writes are too late. If a handle remains, for instance in a streaming body,
    /// it reads the session as it was then.
    Closed(Option<Open>),
}

impl Slot {
    pub(crate) fn new<B>(config: Arc<Config>, request: &Request<B>, trace: Trace) -> Arc<Self> {
        let cookies = match config.flask() {
            Some(flask) if flask.refresh_each_request => {
                request.headers().get_all(header::COOKIE).iter().cloned().collect()
            }
            _ => Vec::new(),
        };
        Arc::new(Self {
            #[cfg(feature = "axum08")]
            requested_uri: config.login_path.is_some().then(|| Box::new(first_uri(request).clone())),
            is_head: request.method() == Method::HEAD,
            config,
            state: Mutex::new(State::Unopened),
            cookies,
            trace,
        })
    }

    /// Reports an event of this slot's session. The caller must not hold the lock.
    #[inline(always)]
    pub(crate) fn emit(&self, subject: Subject<'_>, kind: EventKind<'_>) {
        self.config.events.emit(&self.trace, subject, kind);
    }

    /// Returns whether the slot has been closed, because its request has ended.
    pub(crate) fn is_closed(&self) -> bool {
        matches!(*self.lock(), State::Closed(_))
    }

    /// Locks the state. A panic under the lock cannot leave the state half changed, so poisoning is ignored.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the slot, and returns the state that it was in.
    pub(crate) fn close(self: &Arc<Self>) -> State {
        // Usually no handle remains that could read the session, so nothing is copied.
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

/// Returns the URI as the browser sent it: a nested axum router strips its prefix from the request's own URI.
#[cfg(feature = "axum08")]
fn first_uri<B>(request: &Request<B>) -> &Uri {
    request.extensions().get::<OriginalUri>().map_or(request.uri(), |original| &original.0)
}

impl State {
    /// Records that the function of an `update` has used its own session. The function's result may be wrong, so the
    /// response must not be a success.
    #[cold]
    pub(crate) fn record_misuse(&mut self) -> Refusal {
        self.record_mistake(
            "the function of an `update` used its own session: read what it needs before the `update`",
        );
        Refusal::InsideUpdate
    }

    /// Records a developer's mistake, which turns the response into a 500.
    pub(crate) fn record_mistake(&mut self, sentence: &'static str) {
        if let Self::Open(open) = self {
            open.data_mut().mistake.get_or_insert(sentence);
        }
    }
}
