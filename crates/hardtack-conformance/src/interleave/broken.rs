use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use hardtack_core::session::{Lineage, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{SessionStore, StoreError, Stored, Summary, Swap, Version};

/// A way for a store to be broken, in which the interleavings must find a violation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Broken {
    /// `replace` does not look at the version it is told to expect.
    CompareAndSwap,
    /// `replace` and `touch` write where nothing is any more.
    Gone,
    /// Writing a tombstone removes the record instead.
    Tombstones,
}

/// A store made broken on purpose, to check the check.
#[derive(Debug)]
pub struct BrokenStore<S> {
    store: Arc<S>,
    broken: Broken,
    /// What `touch` brings back. Locked for one look-up at a time.
    gone: Mutex<HashMap<StoreKey, Record>>,
}

impl<S: SessionStore> BrokenStore<S> {
    /// Breaks a store.
    pub fn new(store: Arc<S>, broken: Broken) -> Self {
        Self { store, broken, gone: Mutex::default() }
    }

    fn remember(&self, key: &StoreKey, record: &Record) {
        if self.broken == Broken::Gone {
            self.gone.lock().unwrap_or_else(PoisonError::into_inner).insert(*key, record.clone());
        }
    }

    fn remembered(&self, key: &StoreKey) -> Option<Record> {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}

impl<S: SessionStore> SessionStore for BrokenStore<S> {
    async fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        self.store.load(key).await
    }

    async fn create(&self, key: &StoreKey, record: &Record) -> Result<Swap, StoreError> {
        self.remember(key, record);
        self.store.create(key, record).await
    }

    async fn replace(&self, key: &StoreKey, expected: Version, record: &Record) -> Result<Swap, StoreError> {
        match (self.broken, self.store.load(key).await?) {
            (Broken::CompareAndSwap, Some(stored)) => self.store.replace(key, stored.version, record).await,
            (Broken::Gone, None) => self.store.create(key, record).await,
            (Broken::Tombstones, Some(_)) if matches!(*record.data, [1 | 2, ..]) => {
                let deleted = self.store.delete(key, expected).await?;
                Ok(if deleted { Swap::Done(expected) } else { Swap::Refused })
            }
            _ => self.store.replace(key, expected, record).await,
        }
    }

    async fn touch(
        &self,
        key: &StoreKey,
        expected: Version,
        last_seen: SystemTime,
        expires_at: SystemTime,
    ) -> Result<bool, StoreError> {
        if self.store.touch(key, expected, last_seen, expires_at).await? {
            return Ok(true);
        }
        match (self.remembered(key), self.store.load(key).await?) {
            (Some(record), None) => {
                let record = Record { last_seen, expires_at, ..record };
                Ok(matches!(self.store.create(key, &record).await?, Swap::Done(_)))
            }
            _ => Ok(false),
        }
    }

    async fn delete(&self, key: &StoreKey, expected: Version) -> Result<bool, StoreError> {
        self.store.delete(key, expected).await
    }

    async fn owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        after: Option<&StoreKey>,
        at_most: usize,
    ) -> Result<Vec<Summary>, StoreError> {
        self.store.owned_by(purpose, owner, after, at_most).await
    }

    async fn delete_owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        spared: Option<&Lineage>,
    ) -> Result<u64, StoreError> {
        self.store.delete_owned_by(purpose, owner, spared).await
    }

    async fn sweep(&self, now: SystemTime, at_most: usize) -> Result<usize, StoreError> {
        self.store.sweep(now, at_most).await
    }
}
