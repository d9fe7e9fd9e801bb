use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::SystemTime;

use hardtack_core::session::{Lineage, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{SessionStore, StoreError, Stored, Summary, Swap, Version};

/// A store that stops before and after every call, so that whoever drives it decides what happens next.
#[derive(Debug)]
pub(crate) struct Stepped<S> {
    store: Arc<S>,
    steps: Arc<Steps>,
}

/// Where the calls of a [`Stepped`] store have stopped, and all they have done.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    stopped: AtomicBool,
    fails: AtomicBool,
    task: AtomicUsize,
    /// Locked for one push at a time.
    trace: Mutex<Vec<Step>>,
}

/// One stop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) task: usize,
    pub(crate) call: &'static str,
    pub(crate) key: Option<StoreKey>,
    /// What came of it; nothing yet, before the call.
    pub(crate) came: Option<&'static str>,
}

/// Where a driven future is.
#[derive(Debug)]
pub(crate) enum Driven<T> {
    /// Before or after a call of the store.
    Stopped,
    /// At its end.
    Done(T),
    /// In the middle of a call, which was not waited for.
    Waiting,
}

/// Whether to wait for a call of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Until it is done, so that only one future runs at once.
    Waits,
    /// Not at all.
    None,
}

/// Drives a future to its next stop.
pub(crate) async fn drive<F: Future + ?Sized>(
    future: &mut Pin<Box<F>>,
    steps: &Steps,
    patience: Patience,
) -> Driven<F::Output> {
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Driven::Done(output)),
        Poll::Pending if steps.stopped.swap(false, Ordering::SeqCst) => Poll::Ready(Driven::Stopped),
        Poll::Pending if patience == Patience::None => Poll::Ready(Driven::Waiting),
        Poll::Pending => Poll::Pending,
    })
    .await
}

impl Steps {
    /// Says whose steps come next.
    pub(crate) fn turn_to(&self, task: usize) {
        self.task.store(task, Ordering::SeqCst);
    }

    /// Lets the call that has stopped fail when it goes on.
    pub(crate) fn fail(&self) {
        self.fails.store(true, Ordering::SeqCst);
    }

    pub(crate) fn trace(&self) -> Vec<Step> {
        self.trace.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn stop(
        &self,
        call: &'static str,
        key: Option<&StoreKey>,
        came: Option<&'static str>,
    ) -> Result<(), StoreError> {
        let step = Step { task: self.task.load(Ordering::SeqCst), call, key: key.copied(), came };
        self.trace.lock().unwrap_or_else(PoisonError::into_inner).push(step);
        let mut first = true;
        poll_fn(|_| {
            if !std::mem::replace(&mut first, false) {
                return Poll::Ready(());
            }
            self.stopped.store(true, Ordering::SeqCst);
            Poll::Pending
        })
        .await;
        if self.fails.swap(false, Ordering::SeqCst) {
            return Err(StoreError::new(call, "a failure made on purpose"));
        }
        Ok(())
    }
}

impl<S: SessionStore> Stepped<S> {
    pub(crate) fn new(store: &Arc<S>) -> Self {
        Self { store: Arc::clone(store), steps: Arc::default() }
    }

    pub(crate) fn steps(&self) -> &Arc<Steps> {
        &self.steps
    }

    async fn step<T>(
        &self,
        call: &'static str,
        key: Option<&StoreKey>,
        run: impl Future<Output = Result<T, StoreError>>,
        say: impl Fn(&T) -> &'static str,
    ) -> Result<T, StoreError> {
        self.steps.stop(call, key, None).await?;
        let came = run.await?;
        self.steps.stop(call, key, Some(say(&came))).await?;
        Ok(came)
    }
}

impl<S: SessionStore> SessionStore for Stepped<S> {
    async fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        self.step("load", Some(key), self.store.load(key), |stored| match stored {
            Some(stored) => match *stored.record.data {
                [1, ..] => "a forward",
                [2] => "an end",
                _ => "a session",
            },
            None => "nothing",
        })
        .await
    }

    async fn create(&self, key: &StoreKey, record: &Record) -> Result<Swap, StoreError> {
        self.step("create", Some(key), self.store.create(key, record), swapped).await
    }

    async fn replace(&self, key: &StoreKey, expected: Version, record: &Record) -> Result<Swap, StoreError> {
        let call = match *record.data {
            [1, ..] => "replace by a forward",
            [2] => "replace by an end",
            _ => "replace",
        };
        self.step(call, Some(key), self.store.replace(key, expected, record), swapped).await
    }

    async fn touch(
        &self,
        key: &StoreKey,
        expected: Version,
        last_seen: SystemTime,
        expires_at: SystemTime,
    ) -> Result<bool, StoreError> {
        self.step("touch", Some(key), self.store.touch(key, expected, last_seen, expires_at), applied).await
    }

    async fn delete(&self, key: &StoreKey, expected: Version) -> Result<bool, StoreError> {
        self.step("delete", Some(key), self.store.delete(key, expected), applied).await
    }

    async fn owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        after: Option<&StoreKey>,
        at_most: usize,
    ) -> Result<Vec<Summary>, StoreError> {
        let page = self.store.owned_by(purpose, owner, after, at_most);
        self.step("list an owner's", None, page, |_| "done").await
    }

    async fn delete_owned_by(
        &self,
        purpose: &Purpose,
        owner: &Owner,
        spared: Option<&Lineage>,
    ) -> Result<u64, StoreError> {
        let deleted = self.store.delete_owned_by(purpose, owner, spared);
        self.step("delete an owner's", None, deleted, |_| "done").await
    }

    async fn sweep(&self, now: SystemTime, at_most: usize) -> Result<usize, StoreError> {
        self.step("sweep", None, self.store.sweep(now, at_most), |_| "done").await
    }
}

fn swapped(swap: &Swap) -> &'static str {
    applied(&matches!(swap, Swap::Done(_)))
}

fn applied(applied: &bool) -> &'static str {
    if *applied { "done" } else { "refused" }
}
