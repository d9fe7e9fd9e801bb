use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::SystemTime;

use crate::session::{
    Act, Changes, Content, Dictionary, Found, Lifetime, Next, Owner, Record, SessionId, StoreKey, Turn,
    Writing, after_refusal,
};
use crate::store::place::{follow, read};
use crate::store::{Place, SessionStore, StoreError, Swap};

/// What one request wants written, and all it takes to write it.
#[derive(Debug)]
pub struct Commit {
    /// What [`settle`](crate::session::settle) decided.
    pub act: Act,
    /// Why, where the act is [`Act::Sever`] or [`Act::End`].
    pub turn: Turn,
    /// The session as it was loaded, if there was one.
    pub place: Option<Place>,
    /// What the request did to it.
    pub changes: Changes,
    /// A fresh random id, for the acts that need a new one.
    pub fresh: SessionId,
    /// A random number, to keep requests that meet from meeting again.
    pub jitter: u64,
    /// Who logs in, where the turn is [`Turn::LogIn`].
    pub owner: Option<Owner>,
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

/// With a random pause after each, more requests at one session than any server has open at once.
const MOST_CONFLICTS: u32 = 256;

/// Carries out what was settled: compare and swap, and run the changes again whenever another request came first.
///
/// May be dropped at any await: nothing half-renewed stays reachable, and what was not acknowledged is either wholly
/// there or not at all. A successor lives no longer than the grace period until its predecessor is a tombstone.
///
/// # Errors
///
/// If the store fails: the write was applied at most once, its outcome is unknown. Also if 256 other requests came
/// first, one after the other.
pub async fn commit<S: SessionStore>(store: &S, commit: &Commit) -> Result<Committed, StoreError> {
    match (commit.act, &commit.place) {
        (Act::Create, _) => create(store, commit).await,
        (Act::Replace, Some(place)) => replace(store, commit, place).await,
        (Act::Touch, Some(place)) => touch(store, commit, place).await,
        // Rare, and large: boxed, so that the common ways stay small.
        (Act::Renew | Act::Sever | Act::End, Some(place)) => Box::pin(succeed(store, commit, place)).await,
        (Act::Nothing, place) => Ok(Committed { place: place.clone(), ..Committed::of(Outcome::Written) }),
        (Act::Drop | Act::Replace | Act::Touch | Act::Renew | Act::Sever | Act::End, _) => {
            Ok(Committed::dropped())
        }
    }
}

async fn create<S: SessionStore>(store: &S, commit: &Commit) -> Result<Committed, StoreError> {
    let base = commit.changes.whole(&Dictionary::new());
    let key = commit.fresh.store_key();
    let record = commit.record(&base, None);
    match store.create(&key, &record).await? {
        Swap::Done(version) => {
            let place = Place { key, version, base, record };
            Ok(Committed { place: Some(place), id: Some(commit.fresh), ..Committed::of(Outcome::Written) })
        }
        Swap::Refused => Err(StoreError::new("creating a session", "its 256-bit random id is taken")),
    }
}

async fn replace<S: SessionStore>(
    store: &S,
    commit: &Commit,
    place: &Place,
) -> Result<Committed, StoreError> {
    let base = commit.changes.whole(&place.base);
    let record = commit.record(&base, Some(&place.record));
    match store.replace(&place.key, place.version, &record).await? {
        Swap::Done(version) => {
            let place = Place { key: place.key, version, base, record };
            Ok(Committed { place: Some(place), ..Committed::of(Outcome::Written) })
        }
        Swap::Refused => Box::pin(Retry::new(store, commit, place).replace()).await,
    }
}

async fn touch<S: SessionStore>(store: &S, commit: &Commit, place: &Place) -> Result<Committed, StoreError> {
    let expires_at = commit.lifetime.expires_at(commit.now, place.record.deadline);
    // Refused means that another request has written meanwhile, which noted its use as well, or that the session has
    // ended. Either way there is nothing left to do.
    let touched = store.touch(&place.key, place.version, commit.now, expires_at).await?;
    let mut place = place.clone();
    if touched {
        (place.record.last_seen, place.record.expires_at) = (commit.now, expires_at);
    }
    Ok(Committed { place: Some(place), ..Committed::of(Outcome::Touched) })
}

/// Makes a successor, if the act has one, then puts a tombstone over the session, wherever it has got to.
async fn succeed<S: SessionStore>(
    store: &S,
    commit: &Commit,
    place: &Place,
) -> Result<Committed, StoreError> {
    let successor = if commit.act == Act::End {
        None
    } else {
        let base = if commit.is_other_users(&place.record) {
            commit.changes.replay(&place.base, &Dictionary::new()).whole
        } else {
            commit.changes.whole(&place.base)
        };
        Some(Successor::create(store, commit, base, &place.record).await?)
    };
    Retry::new(store, commit, place).bury(successor).await
}

/// A record made for a new id that nobody has been told yet.
struct Successor {
    place: Place,
    expires_at: SystemTime,
}

impl Successor {
    /// It expires with the grace period until it is told: should this future be dropped, nothing is left behind.
    async fn create<S: SessionStore>(
        store: &S,
        commit: &Commit,
        base: Dictionary,
        before: &Record,
    ) -> Result<Self, StoreError> {
        let key = commit.fresh.store_key();
        let mut record = commit.record(&base, Some(before));
        let expires_at = record.expires_at;
        record.expires_at = expires_at.min(commit.lifetime.grace_ends(commit.now));
        match store.create(&key, &record).await? {
            Swap::Done(version) => Ok(Self { place: Place { key, version, base, record }, expires_at }),
            Swap::Refused => Err(StoreError::new("renewing a session", "its 256-bit random id is taken")),
        }
    }

    /// Writes newer data into it. `false` if it was revoked meanwhile.
    async fn rewrite<S: SessionStore>(&mut self, store: &S, base: Dictionary) -> Result<bool, StoreError> {
        self.place.record.data = Content::live_data(&base);
        self.place.base = base;
        match store.replace(&self.place.key, self.place.version, &self.place.record).await? {
            Swap::Done(version) => {
                self.place.version = version;
                Ok(true)
            }
            Swap::Refused => Ok(false),
        }
    }

    /// Gives it its full life. `false` if it was ended or revoked meanwhile.
    async fn release<S: SessionStore>(&mut self, store: &S) -> Result<bool, StoreError> {
        for _ in 0..MOST_CONFLICTS {
            let Place { key, version, record, .. } = &self.place;
            if store.touch(key, *version, record.last_seen, self.expires_at).await? {
                self.place.record.expires_at = self.expires_at;
                return Ok(true);
            }
            // A late request may have followed the forward and written here before the id was told.
            let Some(stored) = store.load(key).await? else { return Ok(false) };
            let Content::Live(base) = read(&stored)? else { return Ok(false) };
            self.expires_at = self.expires_at.max(stored.record.expires_at);
            self.place = Place::new(*key, stored, base);
        }
        Err(StoreError::new("renewing a session", "too many requests write it at once"))
    }

    /// Takes it back.
    async fn withdraw<S: SessionStore>(self, store: &S) -> Result<(), StoreError> {
        store.delete(&self.place.key, self.place.version).await.map(drop)
    }
}

/// A commit that may have to go round again.
struct Retry<'a, S> {
    store: &'a S,
    commit: &'a Commit,
    /// What the changes were made on.
    origin: &'a Dictionary,
    /// What is being written over.
    place: Place,
    conflicts: u32,
    overwritten: usize,
}

impl<'a, S: SessionStore> Retry<'a, S> {
    fn new(store: &'a S, commit: &'a Commit, place: &'a Place) -> Self {
        let (origin, place) = (&place.base, place.clone());
        Self { store, commit, origin, place, conflicts: 0, overwritten: 0 }
    }

    /// Writes the changes over newer and newer versions, beginning after a refusal.
    async fn replace(mut self) -> Result<Committed, StoreError> {
        loop {
            match self.refused(Writing::Replacing).await? {
                Next::Again => {}
                Next::Follow(to) | Next::Yield(to) => {
                    if !self.follow(to).await? {
                        return Ok(self.dropped());
                    }
                }
                Next::KeepOwn | Next::Drop => return Ok(self.dropped()),
            }
            let base = self.replayed();
            let record = self.commit.record(&base, Some(&self.place.record));
            if let Swap::Done(version) =
                self.store.replace(&self.place.key, self.place.version, &record).await?
            {
                let place = Place { key: self.place.key, version, base, record };
                return Ok(self.done(Outcome::Merged, Some(place), None));
            }
        }
    }

    /// Puts a tombstone over the session, and then lets the successor live.
    async fn bury(mut self, mut successor: Option<Successor>) -> Result<Committed, StoreError> {
        let writing = match (self.commit.act, self.commit.turn) {
            (Act::Renew, _) => Writing::Renewing,
            (_, Turn::LogIn) => Writing::LoggingIn,
            _ => Writing::LoggingOut,
        };
        loop {
            let tombstone = self.tombstone(successor.as_ref());
            if let Swap::Done(_) = self.store.replace(&self.place.key, self.place.version, &tombstone).await?
            {
                break;
            }
            let next = self.refused(writing).await?;
            let found = match next {
                Next::Again => true,
                Next::Follow(to) => self.follow(to).await?,
                Next::Yield(to) => {
                    self.give_up(successor.take()).await?;
                    return self.yield_to(to).await;
                }
                Next::KeepOwn => false,
                Next::Drop => {
                    self.give_up(successor).await?;
                    return Ok(self.dropped());
                }
            };
            // A chain that ends nowhere is an ended session, for a login as for a logout.
            if !found && writing != Writing::LoggingIn {
                self.give_up(successor).await?;
                return Ok(self.dropped());
            }
            if let Some(successor) = &mut successor {
                let base = if found {
                    self.replayed()
                } else {
                    self.commit.changes.replay(self.origin, &Dictionary::new()).whole
                };
                if !successor.rewrite(self.store, base).await? {
                    return Ok(self.dropped());
                }
            }
            if !found {
                break;
            }
        }
        let Some(mut successor) = successor else { return Ok(self.done(Outcome::Ended, None, None)) };
        if !successor.release(self.store).await? {
            return Ok(self.dropped());
        }
        let outcome = if self.conflicts == 0 { Outcome::Written } else { Outcome::Merged };
        let id = Some(self.commit.fresh);
        Ok(self.done(outcome, Some(successor.place), id))
    }

    /// Asks what lies where a write was refused, and what to do about it. A newer version becomes the place.
    async fn refused(&mut self, writing: Writing) -> Result<Next, StoreError> {
        self.conflicts += 1;
        if self.conflicts > MOST_CONFLICTS {
            return Err(StoreError::new("writing a session", "too many requests write it at once"));
        }
        pause(self.commit.jitter.rotate_left(self.conflicts), self.conflicts).await;
        let found = match self.store.load(&self.place.key).await? {
            None => Found::Gone,
            Some(stored) if stored.record.is_expired(self.commit.now) => Found::Gone,
            Some(stored) => match read(&stored)? {
                Content::Live(base) => {
                    self.place = Place::new(self.place.key, stored, base);
                    Found::Newer
                }
                Content::Moved(to) => Found::Moved(to),
                Content::Ended => Found::Ended,
            },
        };
        Ok(after_refusal(writing, found))
    }

    /// Moves on to the live session at the end of a chain of forwards. `false` if there is none.
    async fn follow(&mut self, to: StoreKey) -> Result<bool, StoreError> {
        match follow(self.store, to, self.commit.now).await? {
            Some(place) => {
                self.place = place;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Someone else has renewed: this request's changes go to their successor, and its own renewal is none.
    async fn yield_to(mut self, to: StoreKey) -> Result<Committed, StoreError> {
        if !self.follow(to).await? {
            return Ok(self.dropped());
        }
        if !self.commit.changes.is_dirty(self.origin) {
            return Ok(Committed { id: None, ..self.done_here() });
        }
        let base = self.replayed();
        let record = self.commit.record(&base, Some(&self.place.record));
        match self.store.replace(&self.place.key, self.place.version, &record).await? {
            Swap::Done(version) => {
                let place = Place { key: self.place.key, version, base, record };
                Ok(self.done(Outcome::Merged, Some(place), None))
            }
            Swap::Refused => Box::pin(self.replace()).await,
        }
    }

    async fn give_up(&self, successor: Option<Successor>) -> Result<(), StoreError> {
        match successor {
            Some(successor) => successor.withdraw(self.store).await,
            None => Ok(()),
        }
    }

    fn replayed(&mut self) -> Dictionary {
        if self.commit.is_other_users(&self.place.record) {
            return self.commit.changes.replay(self.origin, &Dictionary::new()).whole;
        }
        let replayed = self.commit.changes.replay(self.origin, &self.place.base);
        self.overwritten += replayed.overwritten;
        replayed.whole
    }

    fn tombstone(&self, successor: Option<&Successor>) -> Record {
        let content = match successor {
            Some(successor) if self.commit.act == Act::Renew => Content::Moved(successor.place.key),
            _ => Content::Ended,
        };
        Record {
            data: content.to_data(),
            owner: None,
            label: None,
            last_seen: self.commit.now,
            expires_at: self.commit.lifetime.grace_ends(self.commit.now),
            ..self.place.record
        }
    }

    fn done_here(self) -> Committed {
        let (conflicts, overwritten) = (self.conflicts, self.overwritten);
        Committed { place: Some(self.place), conflicts, overwritten, ..Committed::of(Outcome::Merged) }
    }

    fn done(&self, outcome: Outcome, place: Option<Place>, id: Option<SessionId>) -> Committed {
        Committed { outcome, place, id, conflicts: self.conflicts, overwritten: self.overwritten }
    }

    fn dropped(&self) -> Committed {
        self.done(Outcome::Dropped, None, None)
    }
}

impl Commit {
    /// Whether a record is of another user than the one who logs in, so that nothing of it is kept: not even what came
    /// while this request was under way, nor what is left of a session that no longer says whose it is.
    fn is_other_users(&self, record: &Record) -> bool {
        self.turn == Turn::LogIn && record.owner.is_some() && record.owner != self.owner
    }

    /// The record to write: what stays of the one before, with new data.
    fn record(&self, base: &Dictionary, before: Option<&Record>) -> Record {
        let (created_at, deadline) = match before {
            // A new user is a new session, however long the guest has been here (ASVS 5.0, 7.3.2).
            Some(before) if self.turn != Turn::LogIn => (before.created_at, before.deadline),
            _ => (self.now, self.lifetime.deadline(self.now)),
        };
        let owner = match self.turn {
            Turn::LogIn => self.owner.clone(),
            Turn::LogOut => None,
            Turn::Stay | Turn::Renew => before.and_then(|before| before.owner.clone()),
        };
        let label = self.label.clone().or_else(|| before.and_then(|before| before.label.clone()));
        Record {
            data: Content::live_data(base),
            owner,
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
        let stays = |own: &SessionId| self.place.as_ref().is_some_and(|place| place.key == own.store_key());
        self.id.or(own.filter(stays))
    }

    fn of(outcome: Outcome) -> Self {
        Self { outcome, place: None, id: None, conflicts: 0, overwritten: 0 }
    }

    fn dropped() -> Self {
        Self::of(Outcome::Dropped)
    }
}

/// Lets others go first, a random number of times that grows with each conflict: the jitter that keeps requests at one
/// session from meeting again and again. It needs no clock and no runtime.
async fn pause(noise: u64, conflicts: u32) {
    for _ in 0..noise % (1 << conflicts.min(6)) {
        Yield(false).await;
    }
}

struct Yield(bool);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
