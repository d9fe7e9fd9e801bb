use std::time::SystemTime;

use crate::protocol::{Content, Lifetime, Record};
use crate::store::commit::count_futile;
use crate::store::located::{Judged, Opened, judge};
use crate::store::{Commit, Located, SessionStore, StoreError, Swap};

/// A record under a new id that has not been sent to the browser yet.
pub(super) struct Successor {
    pub(super) located: Located,
    expires_at: SystemTime,
}

/// Whether a successor is live.
pub(super) enum Released {
    /// The successor is live.
    Done,
    /// The successor was ended or revoked in the meantime, or cannot be read.
    Gone(Option<Box<StoreError>>),
}

impl Successor {
    /// Creates a successor. It [expires soon](Lifetime::PROVISIONAL) if its id is never sent, so nothing is left behind
    /// if this future is dropped.
    pub(super) async fn create<S: SessionStore>(
        store: &S,
        commit: &Commit,
        text: &str,
        before: &Record,
    ) -> Result<Self, StoreError> {
        let key = commit.fresh.store_key(&commit.purpose);
        let mut record = commit.record(text, Some(before));
        let expires_at = record.expires_at;
        record.expires_at = expires_at.min(Lifetime::provisional_until(commit.now));
        match store.create(&key, &record).await? {
            Swap::Done(version) => Ok(Self { located: Located { key, version, record }, expires_at }),
            Swap::Refused => {
                Err(StoreError::new("renewing a session", "its random 256-bit id already exists"))
            }
        }
    }

    /// Writes newer data to the successor. Returns `false` if it was revoked in the meantime.
    pub(super) async fn rewrite<S: SessionStore>(
        &mut self,
        store: &S,
        text: &str,
    ) -> Result<bool, StoreError> {
        self.located.record.data = Content::live_data(text);
        match store.replace(&self.located.key, self.located.version, &self.located.record).await? {
            Swap::Done(version) => {
                self.located.version = version;
                Ok(true)
            }
            Swap::Refused => Ok(false),
        }
    }

    /// Gives the successor its full lifetime.
    pub(super) async fn release<S: SessionStore>(
        &mut self,
        store: &S,
        commit: &Commit,
    ) -> Result<Released, StoreError> {
        let mut futile = 0;
        loop {
            let Located { key, version, record } = &self.located;
            if store.touch(key, *version, record.last_seen, self.expires_at).await? {
                self.located.record.expires_at = self.expires_at;
                return Ok(Released::Done);
            }
            // Before the id is sent, a late request may follow the forward and write this record.
            match judge(&commit.purpose, *key, store.load(key).await, commit.now)? {
                Judged::Opened(Opened::Live(located, ..)) => {
                    self.expires_at = self.expires_at.max(located.record.expires_at);
                    count_futile(&mut futile, *version, located.version)?;
                    self.located = located;
                }
                Judged::Opened(Opened::Unreadable(error)) => {
                    return Ok(Released::Gone(Some(Box::new(error))));
                }
                Judged::Opened(_) | Judged::Moved(_) => return Ok(Released::Gone(None)),
            }
        }
    }

    /// Deletes the successor.
    pub(super) async fn withdraw<S: SessionStore>(self, store: &S) -> Result<(), StoreError> {
        store.delete(&self.located.key, self.located.version).await.map(drop)
    }
}
