use std::sync::Arc;
use std::time::SystemTime;

use crate::session::{Act, Changes, Content, Dictionary, Lifetime, Login, Purpose, Record, SessionId, Turn};
use crate::store::{Place, StoreError};

/// What one request wants written, and all it takes to write it.
#[derive(Debug)]
pub struct Commit {
    /// What [`settle`](crate::session::settle) decided.
    pub act: Act,
    /// Why, where the act is [`Act::Sever`] or [`Act::End`].
    pub turn: Turn,
    /// What the session is for.
    pub purpose: Purpose,
    /// Where the session was loaded from, if there was one.
    pub place: Option<Place>,
    /// What it said then.
    pub base: Dictionary,
    /// What the request did to it.
    pub changes: Changes,
    /// A fresh random id, for the acts that need a new one.
    pub fresh: SessionId,
    /// A random number, to keep requests that meet from meeting again.
    pub jitter: u64,
    /// The user who logs in, where the turn is [`Turn::LogIn`], under a new lineage.
    pub login: Option<Login>,
    /// What the device calls itself, where that is new; otherwise it stays.
    pub label: Option<Arc<str>>,
    /// The clock's time.
    pub now: SystemTime,
    /// How long sessions live.
    pub lifetime: Lifetime,
}

/// What became of a [`Commit`].
#[derive(Debug)]
pub struct Committed {
    /// In one word.
    pub outcome: Outcome,
    /// Where the session lies now, if it lives.
    pub place: Option<Place>,
    /// The new id, if it has one that the browser must learn.
    pub id: Option<SessionId>,
    /// How often another request came first.
    pub conflicts: u32,
    /// How many keys were written over although another request had changed them: last writer wins.
    pub overwritten: usize,
    /// Why the record that was written meanwhile cannot be read, if it cannot: the session counts as gone, and this has to
    /// be reported. Boxed, because it is rare.
    pub unreadable: Option<Box<StoreError>>,
}

/// What became of a commit, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Written on the version that was loaded.
    Written,
    /// Written on a newer version than was loaded, changes run again.
    Merged,
    /// Only the time of last use was noted.
    Touched,
    /// The session has ended, as asked.
    Ended,
    /// Nothing was written: the session had been ended by someone else.
    Dropped,
}

/// How often a store may refuse to write over the very version that it shows. Other requests that come first are no
/// reason to give up, however many they are: each of them has written. This is a store that contradicts itself, or
/// reads from a copy that lags far behind.
pub(super) const MAX_FUTILE_TRIES: u32 = 256;

impl Commit {
    /// Whether a record is of another user than the one who logs in, so that nothing of it is kept: not even what came
    /// while this request was under way, nor what is left of a session that no longer says whose it is.
    pub(super) fn is_other_users(&self, record: &Record) -> bool {
        let user = self.login.as_ref().map(|login| &login.owner);
        self.turn == Turn::LogIn && record.login.is_some() && record.owner() != user
    }

    /// The record to write: what stays of the one before, with a new text.
    pub(super) fn record(&self, text: &str, before: Option<&Record>) -> Record {
        let (created_at, deadline) = match before {
            // A new user is a new session, however long the guest has been here (ASVS 5.0, 7.3.2).
            Some(before) if self.turn != Turn::LogIn => (before.created_at, before.deadline),
            _ => (self.now, self.lifetime.deadline(self.now)),
        };
        let login = match self.turn {
            Turn::LogIn => self.login.clone(),
            Turn::LogOut => None,
            // A renewal keeps the lineage.
            Turn::Stay | Turn::Renew => before.and_then(|before| before.login.clone()),
        };
        let label = self.label.clone().or_else(|| before.and_then(|before| before.label.clone()));
        Record {
            purpose: self.purpose.clone(),
            data: Content::live_data(text),
            login,
            label,
            created_at,
            last_seen: self.now,
            expires_at: self.lifetime.expires_at(self.now, deadline),
            deadline,
        }
    }
}

impl Committed {
    /// The id to tell the browser where a cookie is to go out: the new one, or again its `own` if the session still
    /// lies there. After a renewal by someone else it does not, and their cookie must not be undone.
    pub fn told(&self, own: Option<SessionId>) -> Option<SessionId> {
        let lies_at = |own: &SessionId, place: &Place| place.key == own.store_key(&place.record.purpose);
        let stays = |own: &SessionId| self.place.as_ref().is_some_and(|place| lies_at(own, place));
        self.id.or(own.filter(stays))
    }

    pub(super) fn of(outcome: Outcome) -> Self {
        Self { outcome, place: None, id: None, conflicts: 0, overwritten: 0, unreadable: None }
    }

    pub(super) fn dropped() -> Self {
        Self::of(Outcome::Dropped)
    }
}
