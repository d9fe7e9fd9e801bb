use std::sync::Arc;
use std::time::{Instant, SystemTime};

use hardtack_core::protocol::{Lineage, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{SessionStore, StoreError, Stored, Summary, Swap, Version};

use crate::inspect::{Answer, Call};
use crate::observe::Trace;

/// A store whose calls are recorded in a trace.
pub(crate) struct Timed<S> {
    store: Arc<S>,
    trace: Trace,
}

impl<S> Timed<S> {
    pub(crate) fn new(store: Arc<S>, trace: Trace) -> Self {
        Self { store, trace }
    }

    async fn time<T>(
        &self,
        method: &'static str,
        call: impl Future<Output = Result<T, StoreError>>,
        read: impl FnOnce(&T) -> Answer,
    ) -> Result<T, StoreError> {
        let start = Instant::now();
        let answered = call.await;
        let took = start.elapsed();
        let answer = answered.as_ref().map_or(Answer::Failed, read);
        self.trace.write(|trace| trace.calls.push(Call { method, answer, took }));
        answered
    }
}

impl<S> AsRef<Self> for Timed<S> {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl<S: SessionStore> SessionStore for Timed<S> {
    async fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        let found = |stored: &Option<_>| if stored.is_some() { Answer::Done } else { Answer::Nothing };
        self.time("load", self.store.load(key), found).await
    }

    async fn create(&self, key: &StoreKey, record: &Record) -> Result<Swap, StoreError> {
        self.time("create", self.store.create(key, record), swapped).await
    }

    async fn replace(&self, key: &StoreKey, expected: Version, record: &Record) -> Result<Swap, StoreError> {
        self.time("replace", self.store.replace(key, expected, record), swapped).await
    }

    async fn touch(
        &self,
        key: &StoreKey,
        expected: Version,
        last_seen: SystemTime,
        expires_at: SystemTime,
    ) -> Result<bool, StoreError> {
        self.time("touch", self.store.touch(key, expected, last_seen, expires_at), done).await
    }

    async fn delete(&self, key: &StoreKey, expected: Version) -> Result<bool, StoreError> {
        self.time("delete", self.store.delete(key, expected), done).await
    }

    async fn owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        after: Option<&StoreKey>,
        at_most: usize,
    ) -> Result<Vec<Summary>, StoreError> {
        let page = self.store.owned_by(purpose, owner, after, at_most);
        self.time("owned_by", page, |_| Answer::Done).await
    }

    async fn delete_owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        spared: Option<&Lineage>,
    ) -> Result<u64, StoreError> {
        let deleted = self.store.delete_owned_by(purpose, owner, spared);
        self.time("delete_owned_by", deleted, |_| Answer::Done).await
    }

    async fn sweep(&self, now: SystemTime, at_most: usize) -> Result<usize, StoreError> {
        self.time("sweep", self.store.sweep(now, at_most), |_| Answer::Done).await
    }
}

fn swapped(swap: &Swap) -> Answer {
    match swap {
        Swap::Done(_) => Answer::Done,
        Swap::Refused => Answer::Refused,
    }
}

fn done(done: &bool) -> Answer {
    if *done { Answer::Done } else { Answer::Refused }
}
