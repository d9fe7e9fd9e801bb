use std::fmt;
use std::sync::Arc;

use hardtack_core::protocol::{Settled, StoreAction, settle};
use hardtack_core::store::{Commit, Committed, Outcome, StoreError};
use http::StatusCode;

use crate::config::StoreBackend;
use crate::cookie_session;
use crate::observe::{EventKind, Subject};
use crate::session::Session;
use crate::slot::{Open, State, TooLarge};
use crate::store_session::{Underway, commit_of, excess, facts, unmerged};

/// The outcome of an early [`Session::save`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Saved {
    /// There was no conflict: all changes are saved, or there were none. For a session kept in its cookie, `save`
    /// returns `Clean` and writes nothing.
    Clean,
    /// Another request had written a newer version: all changes are merged into it and saved.
    Merged,
    /// Nothing is saved, because the session has been ended in the meantime.
    Dropped,
}

/// The error of an early [`Session::save`].
#[derive(Debug)]
#[non_exhaustive]
pub enum SaveError {
    /// The store failed. Whether the changes were saved is unknown, and the response becomes a 503.
    Store(StoreError),
    /// The session is larger than its [limit](crate::SessionLayer::max_size) or, if it is kept in its cookie, larger
    /// than browsers accept. The error names the key under which less should be stored.
    TooLarge(TooLarge),
    /// An [`update`](Session::update) of this request failed, or could not run again on a value that another request
    /// had written. Nothing is saved, and the response becomes a 500. The log names the key.
    UpdateFailed,
    /// The response head has been sent.
    TooLate,
    /// Another save of the same request is in progress, or has failed.
    Busy,
}

impl<K: 'static> Session<K> {
    /// Saves the changes made so far immediately, instead of when the response is ready.
    ///
    /// Use this method if the changes must be saved before something else happens. If the session is kept in its
    /// cookie, nothing is written; the method only checks that the session fits into the cookie, and
    /// with [`like_flask`](crate::SessionLayer::like_flask), not even that.
    ///
    /// ```
    /// # use hardtack_jar::Browser;
    /// # use axum::{Router, routing::get};
    /// # use hardtack::{MemoryStore, SessionLayer};
    /// use hardtack::{SaveError, Saved, Session};
    ///
    /// async fn order(session: Session) -> Result<&'static str, SaveError> {
    ///     session.insert("order", 17);
    ///     match session.save().await? {
    ///         Saved::Dropped => Ok("you have logged out meanwhile"),
    ///         _ => Ok("ordered"),
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let app = Router::new().route("/", get(order)).layer(SessionLayer::stored(MemoryStore::new()));
    /// # assert_eq!(Browser::new(app).get("/").await?.text(), "ordered");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the store fails, if the session is too large, if an `update` failed, if another save of this
    /// request is in progress or has failed, or if the response head has been sent. After a store error, the outcome is
    /// unknown and the response becomes a 503. The same applies if this future is dropped before it completes.
    pub async fn save(&self) -> Result<Saved, SaveError> {
        let (backend, commit, settled) = match self.begin_save()? {
            Begun::Done(saved) => return Ok(saved),
            Begun::Commit(backend, commit, settled) => (backend, commit, settled),
        };
        match Underway::new(self.slot(), backend, commit).await {
            Ok(committed) => Ok(self.end_save(settled, committed)),
            Err(error) if unmerged(&error).is_some() => {
                if let State::Open(Open::Store(session)) = &mut *self.slot().lock() {
                    session.unsure = false;
                    session
                        .data
                        .mistake
                        .get_or_insert("an `update` could not run again: see the log for the key");
                }
                Err(SaveError::UpdateFailed)
            }
            Err(error) => Err(SaveError::Store(error)),
        }
    }

    fn begin_save(&self) -> Result<Begun, SaveError> {
        let config = &*self.slot().config;
        let mut state = self.slot().lock();
        let State::Open(open) = &mut *state else {
            drop(state);
            self.slot().emit(Subject::default(), EventKind::Late { what: "early save" });
            return Err(SaveError::TooLate);
        };
        let session = match open {
            Open::Store(session) if session.unsure => return Err(SaveError::Busy),
            _ if open.data().mistake.is_some() => return Err(SaveError::UpdateFailed),
            Open::Store(session) => session,
            Open::Cookie(session) => {
                return match cookie_session::excess(config, session) {
                    Some(excess) if session.backend.flask.is_none() => Err(SaveError::TooLarge(excess)),
                    _ => Ok(Begun::Done(Saved::Clean)),
                };
            }
        };
        let settled = settle(facts(config, session, StatusCode::OK));
        if let Some(excess) = excess(session, settled.action) {
            return Err(SaveError::TooLarge(excess));
        }
        match settled.action {
            StoreAction::Nothing | StoreAction::Touch => Ok(Begun::Done(Saved::Clean)),
            StoreAction::Drop => {
                let discarded = session.discard();
                drop(state);
                drop(discarded);
                self.slot().emit(Subject::default(), EventKind::Dropped);
                Ok(Begun::Done(Saved::Dropped))
            }
            action => {
                // Until the store has answered, the outcome is unknown, and it remains unknown if this future is
                // dropped.
                session.unsure = true;
                self.slot().trace.saving(session, settled);
                let backend = Arc::clone(&session.backend);
                match commit_of(config, session.part(), action) {
                    Some(commit) => Ok(Begun::Commit(backend, commit, settled)),
                    None => Err(SaveError::Store(StoreError::new(
                        "saving early",
                        "the operating system did not provide random numbers for an id",
                    ))),
                }
            }
        }
    }

    fn end_save(&self, settled: Settled, committed: Committed) -> Saved {
        let outcome = committed.outcome;
        let mut discarded = None;
        if let State::Open(Open::Store(session)) = &mut *self.slot().lock() {
            discarded = session.resume(settled, committed);
        }
        // Discarded updates contain closures of the application, which must not be dropped under the lock.
        drop(discarded);
        match outcome {
            Outcome::Dropped => Saved::Dropped,
            Outcome::Merged => Saved::Merged,
            // `Written`, `Touched`, and `Ended`. An outcome that is added later also means that the session was
            // written.
            _ => Saved::Clean,
        }
    }
}

enum Begun {
    Done(Saved),
    Commit(Arc<StoreBackend>, Box<Commit>, Settled),
}

impl fmt::Display for SaveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Store(_) => "the session store failed",
            Self::TooLarge(excess) => return excess.fmt(f),
            Self::UpdateFailed => "an `update` in this request failed: see the log for the key",
            Self::TooLate => "the response head has been sent, so the session can no longer be saved",
            Self::Busy => "another save in the same request is in progress or has failed",
        })
    }
}

impl std::error::Error for SaveError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            Self::TooLarge(_) | Self::UpdateFailed | Self::TooLate | Self::Busy => None,
        }
    }
}

#[cfg(feature = "axum08")]
impl axum_core::response::IntoResponse for SaveError {
    fn into_response(self) -> axum_core::response::Response {
        use http::{StatusCode, header};
        match self {
            Self::Store(_) => (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")]).into_response(),
            Self::TooLarge(_) | Self::UpdateFailed | Self::TooLate | Self::Busy => {
                tracing::error!("{self}");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}
