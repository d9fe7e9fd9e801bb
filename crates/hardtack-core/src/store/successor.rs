use std::time::SystemTime;

use crate::session::{Content, Lifetime, Record};
use crate::store::place::{Judged, Opened, judge};
use crate::store::retry::count_futile;
use crate::store::{Commit, Place, SessionStore, StoreError, Swap};

/// A record under a new id that has not been sent yet.
pub(super) struct Successor {
    pub(super) place: Place,
    expires_at: SystemTime,
}

/// Whether a successor is live.
pub(super) enum Released {
    /// It is live.
    Done,
    /// It was ended or revoked in the meantime, or cannot be read.
    Gone(Option<Box<StoreError>>),
}

impl Successor {
    /// Creates a successor. It expires [soon](Lifetime::PROVISIONAL) until its id is sent, so nothing is left behind if
    /// this future is dropped.
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
            Swap::Done(version) => Ok(Self { place: Place { key, version, record }, expires_at }),
            Swap::Refused => Err(StoreError::new("renewing a session", "its 256-bit random id is taken")),
        }
    }

    /// Writes newer data to the successor. Returns `false` if it was revoked in the meantime.
    pub(super) async fn rewrite<S: SessionStore>(
        &mut self,
        store: &S,
        text: &str,
    ) -> Result<bool, StoreError> {
        self.place.record.data = Content::live_data(text);
        match store.replace(&self.place.key, self.place.version, &self.place.record).await? {
            Swap::Done(version) => {
                self.place.version = version;
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
            let Place { key, version, record } = &self.place;
            if store.touch(key, *version, record.last_seen, self.expires_at).await? {
                self.place.record.expires_at = self.expires_at;
                return Ok(Released::Done);
            }
            // A late request may have followed the forward and written here before the id was sent.
            match judge(&commit.purpose, *key, store.load(key).await, commit.now)? {
                Judged::Opened(Opened::Live(place, ..)) => {
                    self.expires_at = self.expires_at.max(place.record.expires_at);
                    count_futile(&mut futile, *version, place.version)?;
                    self.place = place;
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
        store.delete(&self.place.key, self.place.version).await.map(drop)
    }
}
