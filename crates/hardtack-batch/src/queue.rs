use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, Notify, Semaphore};
use tokio::task::yield_now;

use crate::backlog::Backlog;
use crate::batch_limits::BatchLimits;

/// The settings of a queue.
#[derive(Debug)]
pub struct QueueSettings<T> {
    /// The number of workers, each of which works on one batch at a time.
    pub workers: NonZeroUsize,
    /// The maximum number of waiting requests.
    pub max_waiting: NonZeroUsize,
    /// The largest batch.
    pub limits: BatchLimits<T>,
}

/// What the two ends of a queue share.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    /// A `std` lock, because it is held only to move pointers and never across an await.
    backlog: Mutex<Backlog<T>>,
    /// Held by the worker that gathers the next batch; the others wait for their turn.
    pub(crate) turn: AsyncMutex<()>,
    /// Wakes one of the workers that wait for requests.
    changed: Notify,
    /// The free places, if callers wait for one.
    places: Option<Arc<Semaphore>>,
    /// The number of requests that were taken and are not finished. It only decides how large a share is, so it does not
    /// matter that a request which has just been finished may still be counted.
    in_progress: AtomicUsize,
    /// The number of workers that have not ended.
    receivers: AtomicUsize,
    limits: BatchLimits<T>,
}

impl<T> Queue<T> {
    pub(crate) fn new(
        workers: NonZeroUsize,
        limits: BatchLimits<T>,
        places: Option<Arc<Semaphore>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            backlog: Mutex::new(Backlog::new()),
            turn: AsyncMutex::new(()),
            changed: Notify::new(),
            places,
            in_progress: AtomicUsize::new(0),
            receivers: AtomicUsize::new(workers.get()),
            limits,
        })
    }

    /// Calls `push` with the backlog, under one short lock, and wakes a worker if it succeeds.
    pub(crate) fn push<E>(&self, push: impl FnOnce(&mut Backlog<T>) -> Result<(), E>) -> Result<(), E> {
        let pushed = push(&mut self.lock());
        // The lock is released before an error is returned, which may contain the request.
        pushed?;
        self.changed.notify_one();
        Ok(())
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Accepts no more requests. The workers execute those that wait, and end.
    pub(crate) fn close(&self) {
        self.lock().close();
        self.changed.notify_one();
    }

    /// Waits for requests, moves one worker's share to `batch`, and returns the number of requests, which is 0 once the
    /// queue is closed and empty. They are in progress until they are [finished](Self::finish).
    pub(crate) async fn take(&self, batch: &mut Vec<T>) -> usize {
        loop {
            if let Some(count) = self.try_take(batch) {
                return count;
            }
            self.changed.notified().await;
        }
    }

    /// Moves one worker's share to `batch`, under one short lock however large it is, and returns the number of
    /// requests: 0 once the queue is closed and empty, or `None` if requests may still come.
    fn try_take(&self, batch: &mut Vec<T>) -> Option<usize> {
        let mut backlog = self.lock();
        let others = self.receivers.load(Ordering::Relaxed).saturating_sub(1);
        let in_progress = self.in_progress.load(Ordering::Relaxed);
        let count = backlog.take_share(others, in_progress, &self.limits, batch);
        self.in_progress.fetch_add(count, Ordering::Relaxed);
        let (is_closed, has_rest) = (backlog.is_closed(), !backlog.is_empty());
        drop(backlog);
        if has_rest || is_closed {
            // Another worker takes the remaining requests, or learns that the queue is closed.
            self.changed.notify_one();
        }
        if count == 0 {
            return is_closed.then_some(0);
        }
        if let Some(places) = &self.places {
            places.add_permits(count);
        }
        Some(count)
    }

    /// Waits until there are requests, and returns their number, which is 0 once the queue is closed and empty.
    pub(crate) async fn wait_for_requests(&self) -> usize {
        loop {
            {
                let backlog = self.lock();
                if !backlog.is_empty() || backlog.is_closed() {
                    return backlog.len();
                }
            }
            self.changed.notified().await;
        }
    }

    /// Waits as long as there are more requests than `before`, and fewer than a batch may have.
    pub(crate) async fn gather(&self, mut before: usize) {
        loop {
            yield_now().await;
            let now = self.len();
            if now <= before || now >= self.limits.requests.get() {
                return;
            }
            before = now;
        }
    }

    /// Notes that `count` requests are no longer in progress.
    pub(crate) fn finish(&self, count: usize) {
        self.in_progress.fetch_sub(count, Ordering::Relaxed);
    }

    /// Notes that a worker has ended. If it was the last, the waiting requests are answered with an error.
    pub(crate) fn end_worker(&self) {
        if self.receivers.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        let abandoned = self.lock().abandon();
        if let Some(places) = &self.places {
            places.close();
        }
        // Outside the lock, because dropping a request wakes its caller.
        drop(abandoned);
    }

    /// Locks the backlog and ignores poisoning, because nothing can panic halfway under this lock.
    fn lock(&self) -> MutexGuard<'_, Backlog<T>> {
        self.backlog.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether the lock is held.
    #[cfg(test)]
    pub(crate) fn is_locked(&self) -> bool {
        self.backlog.try_lock().is_err()
    }
}
