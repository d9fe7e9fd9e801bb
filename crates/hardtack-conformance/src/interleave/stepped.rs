use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use hardtack_core::protocol::StoreKey;
use hardtack_core::store::{SessionStore, StoreError, Swap};

use crate::spy::{Answer, Call, Hook, Spy};

/// A store that stops before and after every call, so that its driver decides what happens next.
pub(crate) type Stepped<S> = Spy<S, Arc<Steps>>;

/// The stops of a [`Stepped`] store, and a trace of all calls.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    stopped: AtomicBool,
    fails: AtomicBool,
    task: AtomicUsize,
    /// The lock is held for one push at a time.
    trace: Mutex<Vec<Step>>,
}

/// One stop, before or after a store call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) task: usize,
    pub(crate) call: &'static str,
    pub(crate) key: Option<StoreKey>,
    /// The result of the call, or `None` if the stop is before the call.
    pub(crate) outcome: Option<&'static str>,
}

/// The position of a driven future.
#[derive(Debug)]
pub(crate) enum Driven<T> {
    /// Before or after a store call.
    Stopped,
    /// At its end.
    Done(T),
    /// In the middle of a call whose end the driver did not wait for.
    Waiting,
}

/// Whether to wait for a store call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallWait {
    /// The driver waits until the call is done, so that only one future runs at a time.
    Waits,
    /// The driver does not wait.
    None,
}

/// Drives a future to its next stop.
pub(crate) async fn drive<F: Future + ?Sized>(
    future: &mut Pin<Box<F>>,
    steps: &Steps,
    wait: CallWait,
) -> Driven<F::Output> {
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Driven::Done(output)),
        Poll::Pending if steps.stopped.swap(false, Ordering::SeqCst) => Poll::Ready(Driven::Stopped),
        Poll::Pending if wait == CallWait::None => Poll::Ready(Driven::Waiting),
        Poll::Pending => Poll::Pending,
    })
    .await
}

impl Steps {
    /// Sets the task to which the next steps belong.
    pub(crate) fn turn_to(&self, task: usize) {
        self.task.store(task, Ordering::SeqCst);
    }

    /// Makes the stopped call fail when it continues.
    pub(crate) fn fail(&self) {
        self.fails.store(true, Ordering::SeqCst);
    }

    pub(crate) fn trace(&self) -> Vec<Step> {
        self.trace.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn stop(
        &self,
        call: &'static str,
        key: Option<StoreKey>,
        outcome: Option<&'static str>,
    ) -> Result<(), StoreError> {
        let step = Step { task: self.task.load(Ordering::SeqCst), call, key, outcome };
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
            return Err(StoreError::new(call, "an injected failure"));
        }
        Ok(())
    }
}

impl<S> Stepped<S> {
    pub(crate) fn new(store: &Arc<S>) -> Self {
        Self::on(Arc::clone(store), Arc::default())
    }

    pub(crate) fn steps(&self) -> &Arc<Steps> {
        self
    }
}

impl<S: SessionStore> Hook<S> for Arc<Steps> {
    async fn answer(&self, store: &S, call: Call) -> Result<Answer, StoreError> {
        let (name, key) = (name(&call), call.key());
        self.stop(name, key, None).await?;
        let answer = call.make(store).await?;
        self.stop(name, key, Some(outcome(&answer))).await?;
        Ok(answer)
    }
}

fn name(call: &Call) -> &'static str {
    match call {
        Call::Load { .. } => "load",
        Call::Create { .. } => "create",
        Call::Replace { record, .. } => match *record.data {
            [1, ..] => "replace with a forward",
            [2] => "replace with a tombstone",
            _ => "replace",
        },
        Call::Touch { .. } => "touch",
        Call::Delete { .. } => "delete",
        Call::OwnedBy { .. } => "list an owner's records",
        Call::DeleteOwnedBy { .. } => "delete an owner's records",
        Call::Sweep { .. } => "sweep",
    }
}

fn outcome(answer: &Answer) -> &'static str {
    match answer {
        Answer::Loaded(Some(stored)) => match *stored.record.data {
            [1, ..] => "a forward",
            [2] => "a tombstone",
            _ => "a session",
        },
        Answer::Loaded(None) => "nothing",
        Answer::Swapped(Swap::Refused) | Answer::Applied(false) => "refused",
        Answer::Swapped(Swap::Done(_))
        | Answer::Applied(true)
        | Answer::Listed(_)
        | Answer::Deleted(_)
        | Answer::Swept(_) => "done",
    }
}
