use std::fmt;

use hardtack_core::session::{Act, Changes, Content, CookieAct, Dictionary, Origin, Settled, Turn, settle};
use hardtack_core::store::{Commit, Committed, Outcome, Place, StoreError};
use http::StatusCode;

use crate::closing::{commit_of, facts};
use crate::config::Kind;
use crate::intent::unmerged;
use crate::session::Session;
use crate::size::{TooLarge, excess, writes_data};
use crate::slot::{Open, Standing, State};
use crate::underway::Underway;

/// What an early [`Session::save`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Saved {
    /// All that was changed is kept, on the version that this request had read; or nothing was changed.
    Clean,
    /// All that was changed is kept, on a newer version that another request had written.
    Merged,
    /// Nothing was kept: the session had been ended meanwhile.
    Dropped,
}

/// Why an early [`Session::save`] did not save.
#[derive(Debug)]
#[non_exhaustive]
pub enum SaveError {
    /// The store is broken; whether the changes were kept is unknown, and the response becomes a 503.
    Store(StoreError),
    /// The session is larger than its [limit](crate::SessionLayer::max_size), or kept in its cookie, than a browser
    /// keeps. The log names the key that takes most of it.
    TooLarge(TooLarge),
    /// An [`update`](Session::update) of this request could not be done, or could not run again on what another request
    /// wrote, so nothing is saved and the response becomes a 500. The log names the key.
    UpdateFailed,
    /// The response head has left.
    TooLate,
    /// Another save of the same request is under way, or has failed.
    Busy,
}

impl<K: 'static> Session<K> {
    /// Saves now what was changed so far, and not only when the response is ready.
    ///
    /// For what must be known to be kept before something else is done. A session kept in its cookie is not written by
    /// it, only checked to fit.
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
    /// If the store is broken, if the session is too large, if an `update` failed, or if the
    /// response head has been sent. After a store's error
    /// the outcome is unknown and the response becomes a 503. When this future is dropped before it is done, the save is
    /// finished in the background and the response becomes a 503 too.
    pub async fn save(&self) -> Result<Saved, SaveError> {
        let (commit, settled) = match self.begin_save()? {
            Begun::Done(saved) => return Ok(saved),
            Begun::Commit(commit, settled) => (commit, settled),
        };
        let Kind::Stored { vault, .. } = &self.slot().config.kind else { return Ok(Saved::Clean) };
        match Underway::new(self.slot(), vault, commit).await {
            Ok(committed) => Ok(self.end_save(settled, committed)),
            Err(error) if unmerged(&error).is_some() => {
                if let State::Open(open) = &mut *self.slot().lock() {
                    open.unsure = false;
                    open.mistake.get_or_insert("an `update` could not run again: the log names the key");
                }
                Err(SaveError::UpdateFailed)
            }
            Err(error) => Err(SaveError::Store(error)),
        }
    }

    fn begin_save(&self) -> Result<Begun, SaveError> {
        let config = &self.slot().config;
        let mut state = self.slot().lock();
        let State::Open(open) = &mut *state else {
            config.tally.late("an early save");
            return Err(SaveError::TooLate);
        };
        if open.unsure {
            return Err(SaveError::Busy);
        }
        if open.mistake.is_some() {
            return Err(SaveError::UpdateFailed);
        }
        if !matches!(config.kind, Kind::Stored { .. }) {
            return match excess(config, open) {
                Some(excess) if config.flask.is_none() => Err(SaveError::TooLarge(excess)),
                _ => Ok(Begun::Done(Saved::Clean)),
            };
        }
        let settled = settle(facts(config, open, StatusCode::OK));
        if writes_data(settled.act)
            && let Some(excess) = excess(config, open)
        {
            return Err(SaveError::TooLarge(excess));
        }
        match settled.act {
            Act::Nothing | Act::Touch => Ok(Begun::Done(Saved::Clean)),
            Act::Drop => {
                config.tally.dropped();
                let discarded = open.discard();
                drop(state);
                drop(discarded);
                Ok(Begun::Done(Saved::Dropped))
            }
            act => {
                // Until the store has answered nobody knows, and should this future be dropped nobody ever will.
                open.unsure = true;
                self.slot().notes.saving(open, settled);
                match commit_of(config, open.part(), act) {
                    Some(commit) => Ok(Begun::Commit(commit, settled)),
                    None => Err(SaveError::Store(StoreError::new(
                        "saving early",
                        "the operating system gave no random numbers for an id",
                    ))),
                }
            }
        }
    }

    fn end_save(&self, settled: Settled, committed: Committed) -> Saved {
        let outcome = committed.outcome;
        let mut discarded = None;
        if let State::Open(open) = &mut *self.slot().lock() {
            open.unsure = false;
            discarded = open.resume(settled, committed);
        }
        // Updates are the application's code, which is not dropped under the lock.
        drop(discarded);
        match outcome {
            Outcome::Dropped => Saved::Dropped,
            Outcome::Merged => Saved::Merged,
            Outcome::Written | Outcome::Touched | Outcome::Ended => Saved::Clean,
        }
    }
}

enum Begun {
    Done(Saved),
    Commit(Box<Commit>, Settled),
}

impl Open {
    /// Hands out what is to be committed; reads go on on what it comes to.
    fn part(&mut self) -> Box<Self> {
        let whole = self.changes.whole(&self.base);
        let mut parted = Self::on(
            self.origin,
            std::mem::replace(&mut self.standing, Standing::Nowhere),
            std::mem::replace(&mut self.base, whole),
        );
        parted.changes = std::mem::replace(&mut self.changes, Changes::new());
        // What is done from here on is done after this save.
        parted.turn = std::mem::take(&mut self.turn);
        parted.owner = self.owner.clone();
        parted.label = std::mem::take(&mut self.label);
        parted
    }

    /// Goes on from where a commit has led, and hands out what it discards. A login or logout that was made meanwhile
    /// stands.
    fn resume(&mut self, settled: Settled, committed: Committed) -> Option<Changes> {
        match (committed.outcome, committed.place) {
            (Outcome::Dropped, _) => return Some(self.discard()),
            (_, Some(place)) => {
                self.base = said_by(&place);
                if matches!(self.turn, Turn::Stay | Turn::Renew) {
                    self.owner = place.record.owner().cloned();
                }
                self.lineage = place.record.lineage().copied();
                self.standing = Standing::Stored(place);
                if committed.id.is_some() {
                    self.origin = Origin::Live;
                }
            }
            (_, None) => {
                self.base = Dictionary::new();
                self.origin = Origin::New;
            }
        }
        self.id = committed.id.or(self.id);
        if settled.cookie != CookieAct::Nothing {
            self.unsaid = settled.cookie;
        }
        None
    }

    /// The session was ended by someone else: what is written from here on is dropped, except a login, which stands on
    /// its own. Hands out what was to be written.
    fn discard(&mut self) -> Changes {
        let label = std::mem::take(&mut self.label);
        let changes = std::mem::take(&mut self.changes);
        let (accessed, sent_bytes, mistake) = (self.accessed, self.sent_bytes, self.mistake);
        let (turn, owner) = (self.turn, self.owner.take());
        let ended = Self { label, used: true, accessed, sent_bytes, mistake, ..*Self::empty(Origin::Ended) };
        if turn == Turn::LogIn {
            *self = Self { changes, turn, owner, ..ended };
            return Changes::new();
        }
        *self = ended;
        changes
    }
}

/// What a session that has just been written says now: another request's changes may have been merged in.
fn said_by(place: &Place) -> Dictionary {
    match Content::from_data(&place.record.data) {
        Ok(Content::Live(base)) => base,
        Ok(Content::Moved(_) | Content::Ended) | Err(_) => {
            unreachable!("what was committed is a live session")
        }
    }
}

impl fmt::Display for SaveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Store(_) => "the session store failed",
            Self::TooLarge(excess) => return excess.fmt(f),
            Self::UpdateFailed => "an `update` of this request could not be done: the log names the key",
            Self::TooLate => "the response head has left, and with it the last chance to save",
            Self::Busy => "another save of the same request is under way, or has failed",
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
