use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::protocol::{
    Content, Dictionary, Found, IdChange, Next, Record, ReplayError, Replayed, SessionId, StoreAction,
    StoreKey, Writing, after_refusal,
};
use crate::store::commit::count_futile;
use crate::store::located::{Judged, Opened, follow, judge};
use crate::store::successor::{Released, Successor};
use crate::store::{Commit, Committed, Located, Outcome, SessionStore, StoreError, Swap};

/// A commit with its state across retries.
pub(super) struct Retry<'a, S> {
    store: &'a S,
    commit: &'a Commit,
    /// The record to replace.
    located: Located,
    /// The content of that record, if it is not the one to which the changes were made.
    newer: Option<Dictionary>,
    conflicts: u32,
    /// The number of consecutive refusals that another request's write does not explain.
    futile: u32,
    overwritten: usize,
    /// Why a conflicting record could not be read.
    unreadable: Option<Box<StoreError>>,
}

impl<'a, S: SessionStore> Retry<'a, S> {
    pub(super) fn new(store: &'a S, commit: &'a Commit, located: &'a Located) -> Self {
        let located = located.clone();
        Self {
            store,
            commit,
            located,
            newer: None,
            conflicts: 0,
            futile: 0,
            overwritten: 0,
            unreadable: None,
        }
    }

    /// Applies the changes to the newest version, and tries again until the store accepts a write or the session has
    /// ended. Call this method after a refused write.
    pub(super) async fn replace(mut self) -> Result<Committed, StoreError> {
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
            let text = self.replayed()?;
            let record = self.commit.record(&text, Some(&self.located.record));
            if let Swap::Done(version) =
                self.store.replace(&self.located.key, self.located.version, &record).await?
            {
                let located = Located { key: self.located.key, version, record };
                return Ok(self.done(Outcome::Merged, Some(located), None));
            }
        }
    }

    /// Replaces the session with a tombstone, and then gives the successor its full lifetime.
    pub(super) async fn write_tombstone(
        mut self,
        mut successor: Option<Successor>,
    ) -> Result<Committed, StoreError> {
        let writing = match (self.commit.action, self.commit.id_change) {
            (StoreAction::Renew, _) => Writing::Renewing,
            (_, IdChange::LogIn) => Writing::LoggingIn,
            _ => Writing::LoggingOut,
        };
        loop {
            let tombstone = self.tombstone(successor.as_ref());
            if let Swap::Done(_) =
                self.store.replace(&self.located.key, self.located.version, &tombstone).await?
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
            // The session has ended. Only a login continues, with the changes of this request alone.
            if !found && writing != Writing::LoggingIn {
                self.give_up(successor).await?;
                return Ok(self.dropped());
            }
            if let Some(successor) = &mut successor {
                let text = if found { self.replayed()? } else { self.own()? };
                if !successor.rewrite(self.store, &text).await? {
                    return Ok(self.dropped());
                }
            }
            if !found {
                break;
            }
        }
        let Some(mut successor) = successor else { return Ok(self.done(Outcome::Ended, None, None)) };
        match successor.release(self.store, self.commit).await? {
            Released::Done => {}
            Released::Gone(unreadable) => {
                self.unreadable = unreadable;
                return Ok(self.dropped());
            }
        }
        let outcome = if self.conflicts == 0 { Outcome::Written } else { Outcome::Merged };
        let id = Some(self.commit.fresh);
        Ok(self.done(outcome, Some(successor.located), id))
    }

    /// Loads the record after a write was refused, and decides how to continue. If there is a newer version, it becomes
    /// the record to replace.
    async fn refused(&mut self, writing: Writing) -> Result<Next, StoreError> {
        self.conflicts = self.conflicts.saturating_add(1);
        pause(self.commit.jitter.rotate_left(self.conflicts), self.conflicts).await;
        let key = self.located.key;
        let found = match judge(&self.commit.purpose, key, self.store.load(&key).await, self.commit.now)? {
            Judged::Moved(to) => Found::Moved(to),
            Judged::Opened(Opened::Live(located, base, _)) => {
                count_futile(&mut self.futile, self.located.version, located.version)?;
                (self.located, self.newer) = (located, Some(base));
                Found::Newer
            }
            Judged::Opened(Opened::Ended) => Found::Ended,
            Judged::Opened(Opened::Expired | Opened::Unknown) => Found::Gone,
            Judged::Opened(Opened::Unreadable(error)) => {
                self.unreadable = Some(Box::new(error));
                Found::Gone
            }
        };
        Ok(after_refusal(writing, found))
    }

    /// Continues with the live session at the end of a chain of forwards. Returns `false` if there is no such session.
    async fn follow(&mut self, to: StoreKey) -> Result<bool, StoreError> {
        match follow(self.store, &self.commit.purpose, to, self.commit.now).await? {
            Opened::Live(located, base, _) => {
                (self.located, self.newer) = (located, Some(base));
                Ok(true)
            }
            Opened::Unreadable(error) => {
                self.unreadable = Some(Box::new(error));
                Ok(false)
            }
            Opened::Ended | Opened::Expired | Opened::Unknown => Ok(false),
        }
    }

    /// Handles a renewal by another request: this request's changes are written to the successor from that renewal, and
    /// this request's renewal is dropped.
    async fn yield_to(mut self, to: StoreKey) -> Result<Committed, StoreError> {
        if !self.follow(to).await? {
            return Ok(self.dropped());
        }
        if !self.commit.changes.is_dirty(&self.commit.base) {
            return Ok(Committed { id: None, ..self.done_here() });
        }
        let text = self.replayed()?;
        let record = self.commit.record(&text, Some(&self.located.record));
        match self.store.replace(&self.located.key, self.located.version, &record).await? {
            Swap::Done(version) => {
                let located = Located { key: self.located.key, version, record };
                Ok(self.done(Outcome::Merged, Some(located), None))
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

    /// Returns the text of the session after replaying the changes on the current version, or on an empty session if
    /// the current one belongs to a user other than the one who logs in.
    fn replayed(&mut self) -> Result<String, StoreError> {
        if self.commit.is_other_users(&self.located.record) {
            return self.own();
        }
        let replayed = replay(self.commit, self.newer.as_ref().unwrap_or(&self.commit.base))?;
        self.overwritten += replayed.overwritten;
        Ok(replayed.text)
    }

    /// Returns the text of the session after applying the changes to an empty session.
    fn own(&self) -> Result<String, StoreError> {
        Ok(replay(self.commit, &Dictionary::new())?.text)
    }

    fn tombstone(&self, successor: Option<&Successor>) -> Record {
        let content = match successor {
            Some(successor) if self.commit.action == StoreAction::Renew => {
                Content::Moved(successor.located.key)
            }
            _ => Content::Ended,
        };
        let Record { created_at, deadline, .. } = self.located.record;
        Record {
            purpose: self.commit.purpose.clone(),
            data: content.to_data(),
            login: None,
            label: None,
            created_at,
            last_seen: self.commit.now,
            expires_at: self.commit.lifetime.grace_ends(self.commit.now),
            deadline,
        }
    }

    fn done_here(self) -> Committed {
        let (conflicts, overwritten) = (self.conflicts, self.overwritten);
        Committed { located: Some(self.located), conflicts, overwritten, ..Committed::of(Outcome::Merged) }
    }

    fn done(&self, outcome: Outcome, located: Option<Located>, id: Option<SessionId>) -> Committed {
        let (conflicts, overwritten, unreadable) =
            (self.conflicts, self.overwritten, self.unreadable.clone());
        Committed { outcome, located, id, conflicts, overwritten, unreadable }
    }

    fn dropped(&self) -> Committed {
        self.done(Outcome::Dropped, None, None)
    }
}

/// Replays the changes of a commit on a newer session.
pub(super) fn replay(commit: &Commit, newer: &Dictionary) -> Result<Replayed, StoreError> {
    commit.changes.replay(&commit.base, newer).map_err(unmerged)
}

/// Converts the error for changes that cannot be replayed on the data that another request wrote.
pub(super) fn unmerged(error: ReplayError) -> StoreError {
    StoreError::new("merging what concurrent requests wrote", error)
}

/// Yields to other tasks a random number of times. The range grows with each conflict. This jitter keeps requests that
/// write the same session from conflicting repeatedly, without a clock or a runtime.
pub(super) async fn pause(noise: u64, conflicts: u32) {
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
