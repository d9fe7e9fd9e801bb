//! A store whose every call is done by another thread passes too, and the interleavings play the same on it.

use std::future::poll_fn;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::thread;
use std::time::SystemTime;

use hardtack_conformance::{Interleaved, Schedules, block_on, interleave};
use hardtack_core::session::{Lineage, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{MemoryStore, SessionStore, StoreError, Stored, Summary, Swap, Version};

/// Sends each call to a thread of its own, and waits for the answer.
struct ThreadedStore {
    jobs: Sender<Job>,
}

type Job = Box<dyn FnOnce(&MemoryStore) + Send>;

struct Reply<T> {
    value: Option<T>,
    waker: Option<Waker>,
}

impl ThreadedStore {
    fn new() -> Self {
        let (jobs, inbox) = channel::<Job>();
        thread::spawn(move || {
            let store = MemoryStore::new();
            inbox.into_iter().for_each(|job| job(&store));
        });
        Self { jobs }
    }

    async fn ask<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: AsyncFnOnce(&MemoryStore) -> Result<T, StoreError> + Send + 'static,
    {
        let reply = Arc::new(Mutex::new(Reply { value: None, waker: None }));
        let there = Arc::clone(&reply);
        let job: Job = Box::new(move |store| {
            let value = block_on(work(store));
            let mut reply = there.lock().unwrap_or_else(PoisonError::into_inner);
            reply.value = Some(value);
            if let Some(waker) = reply.waker.take() {
                waker.wake();
            }
        });
        self.jobs.send(job).map_err(|_| StoreError::new("asking the thread", "it has ended"))?;
        poll_fn(|context| {
            let mut reply = reply.lock().unwrap_or_else(PoisonError::into_inner);
            match reply.value.take() {
                Some(value) => Poll::Ready(value),
                None => {
                    reply.waker = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }
}

impl SessionStore for ThreadedStore {
    async fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        let key = *key;
        self.ask(async move |store: &MemoryStore| store.load(&key).await).await
    }

    async fn create(&self, key: &StoreKey, record: &Record) -> Result<Swap, StoreError> {
        let (key, record) = (*key, record.clone());
        self.ask(async move |store: &MemoryStore| store.create(&key, &record).await).await
    }

    async fn replace(&self, key: &StoreKey, expected: Version, record: &Record) -> Result<Swap, StoreError> {
        let (key, record) = (*key, record.clone());
        self.ask(async move |store: &MemoryStore| store.replace(&key, expected, &record).await).await
    }

    async fn touch(
        &self,
        key: &StoreKey,
        expected: Version,
        last_seen: SystemTime,
        expires_at: SystemTime,
    ) -> Result<bool, StoreError> {
        let key = *key;
        self.ask(async move |store: &MemoryStore| store.touch(&key, expected, last_seen, expires_at).await)
            .await
    }

    async fn delete(&self, key: &StoreKey, expected: Version) -> Result<bool, StoreError> {
        let key = *key;
        self.ask(async move |store: &MemoryStore| store.delete(&key, expected).await).await
    }

    async fn owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        after: Option<&StoreKey>,
        at_most: usize,
    ) -> Result<Vec<Summary>, StoreError> {
        let (purpose, owner, after) = (purpose.clone(), owner.clone(), after.copied());
        self.ask(async move |store: &MemoryStore| {
            store.owned_by(&purpose, &owner, after.as_ref(), at_most).await
        })
        .await
    }

    async fn delete_owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        spared: Option<&Lineage>,
    ) -> Result<u64, StoreError> {
        let (purpose, owner, spared) = (purpose.clone(), owner.clone(), spared.copied());
        self.ask(async move |store: &MemoryStore| {
            store.delete_owned_by(&purpose, &owner, spared.as_ref()).await
        })
        .await
    }

    async fn sweep(&self, now: SystemTime, at_most: usize) -> Result<usize, StoreError> {
        self.ask(async move |store: &MemoryStore| store.sweep(now, at_most).await).await
    }
}

#[test]
fn a_store_that_waits_passes_every_case() {
    let report = block_on(hardtack_conformance::run(|| async { ThreadedStore::new() }));
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.verdicts().len(), hardtack_conformance::CASES.len());
    println!("{report}");
}

#[test]
fn schedules_play_the_same_whoever_does_the_calls() {
    let count = Schedules::new(500).with_failures();
    let here: Interleaved = block_on(interleave(&Arc::new(MemoryStore::new()), count)).unwrap();
    let there: Interleaved = block_on(interleave(&Arc::new(ThreadedStore::new()), count)).unwrap();
    assert_eq!(here, there);
}
