use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use hardtack_batch::{Backlog, Refusal};

/// A bounded FIFO queue of requests for the store's threads.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    /// This is a `std` lock, because it is held only to move pointers.
    state: Mutex<State<T>>,
    changed: Condvar,
    max_waiting: usize,
}

#[derive(Debug)]
struct State<T> {
    backlog: Backlog<T>,
    /// The number of threads that are asleep. Waking a thread costs a system call, which is skipped if no thread is
    /// asleep.
    sleepers: usize,
}

/// A guard that closes a queue when the guard is dropped, as described at [`Queue::close_on_drop`].
#[derive(Debug)]
pub(crate) struct CloseOnDrop<'a, T>(&'a Queue<T>);

/// The reason why [`Queue::take`] returned.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// A batch was taken.
    Batch,
    /// The time `wake_at` was reached.
    TimedOut,
    /// The queue is closed and empty.
    Closed,
}

impl<T> Queue<T> {
    pub(crate) fn new(max_waiting: usize) -> Self {
        let state = State { backlog: Backlog::new(), sleepers: 0 };
        Self { state: Mutex::new(state), changed: Condvar::new(), max_waiting }
    }

    /// Appends an item.
    pub(crate) fn push(&self, item: T) -> Result<(), Refusal> {
        let mut state = self.lock();
        let pushed = state.backlog.push_within(self.max_waiting, item);
        let has_sleepers = state.sleepers > 0;
        drop(state);
        // Outside the lock, because dropping a refused item wakes its caller.
        pushed?;
        if has_sleepers {
            self.changed.notify_one();
        }
        Ok(())
    }

    /// Returns the number of waiting items.
    pub(crate) fn len(&self) -> usize {
        self.lock().backlog.len()
    }

    /// Takes the first item, waiting for one if necessary. Returns `None` once the queue is closed and empty.
    pub(crate) fn pop(&self) -> Option<T> {
        let mut state = self.lock();
        loop {
            if let Some(item) = state.backlog.pop() {
                return Some(item);
            }
            if state.backlog.is_closed() {
                return None;
            }
            state.sleepers += 1;
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.sleepers -= 1;
        }
    }

    /// Moves up to `at_most` waiting items into `batch`. If no item is waiting, waits until there is one or `wake_at`
    /// is reached.
    pub(crate) fn take(&self, at_most: usize, wake_at: Option<Instant>, batch: &mut Vec<T>) -> Taken {
        let mut state = self.lock();
        loop {
            if !state.backlog.is_empty() {
                state.backlog.take(at_most, batch);
                return Taken::Batch;
            }
            if state.backlog.is_closed() {
                return Taken::Closed;
            }
            state.sleepers += 1;
            state = match wake_at.map(|wake_at| wake_at.saturating_duration_since(Instant::now())) {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(rest) if rest.is_zero() => {
                    state.sleepers -= 1;
                    return Taken::TimedOut;
                }
                Some(rest) => {
                    self.changed.wait_timeout(state, rest).unwrap_or_else(PoisonError::into_inner).0
                }
            };
            state.sleepers -= 1;
        }
    }

    /// Closes the queue to new items; waiting items are still handed out.
    pub(crate) fn close(&self) {
        self.lock().backlog.close();
        self.changed.notify_all();
    }

    /// Returns a guard that, when dropped, closes the queue and drops the waiting items. If a thread panics, the guard
    /// is dropped, so no caller waits forever for an answer.
    pub(crate) fn close_on_drop(&self) -> CloseOnDrop<'_, T> {
        CloseOnDrop(self)
    }

    /// Locks the state and ignores poisoning, because nothing can panic halfway under this lock.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Drop for CloseOnDrop<'_, T> {
    fn drop(&mut self) {
        let abandoned = self.0.lock().backlog.abandon();
        self.0.changed.notify_all();
        // The requests are dropped outside the lock, because dropping a request wakes its caller.
        drop(abandoned);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn items_are_handed_out_in_order_and_refused_when_full() {
        let queue = Queue::new(3);
        assert_eq!((queue.push(1), queue.push(2), queue.push(3)), (Ok(()), Ok(()), Ok(())));
        assert_eq!(queue.push(4), Err(Refusal::Full));
        let mut batch = Vec::new();
        assert_eq!(queue.take(2, None, &mut batch), Taken::Batch);
        assert_eq!(batch, [1, 2]);
        assert_eq!(queue.pop(), Some(3));
    }

    #[test]
    fn a_closed_queue_hands_out_waiting_items_and_ends() {
        let queue = Queue::new(9);
        assert_eq!(queue.push(1), Ok(()));
        queue.close();
        assert_eq!(queue.push(2), Err(Refusal::Closed));
        assert_eq!(queue.pop(), Some(1));
        assert_eq!(queue.pop(), None);
        assert_eq!(queue.take(9, None, &mut Vec::new()), Taken::Closed);
    }

    #[test]
    fn no_item_waits_for_a_thread_that_ended() {
        let queue = Queue::new(9);
        let waiting = Arc::new(());
        assert_eq!(queue.push(Arc::clone(&waiting)), Ok(()));
        drop(queue.close_on_drop());
        assert_eq!(Arc::strong_count(&waiting), 1);
        assert_eq!(queue.push(waiting), Err(Refusal::Closed));
    }

    #[test]
    fn a_refused_item_is_dropped_outside_the_lock() {
        /// Records, when it is dropped, whether the queue is locked.
        struct Probe(Arc<Queue<Probe>>, Arc<Mutex<Vec<bool>>>);

        impl Drop for Probe {
            fn drop(&mut self) {
                self.1.lock().unwrap().push(self.0.state.try_lock().is_err());
            }
        }

        let (queue, dropped) = (Arc::new(Queue::new(1)), Arc::default());
        let probe = || Probe(Arc::clone(&queue), Arc::clone(&dropped));
        assert_eq!((queue.push(probe()), queue.push(probe())), (Ok(()), Err(Refusal::Full)));
        drop(queue.close_on_drop());
        assert_eq!(queue.push(probe()), Err(Refusal::Closed));
        assert_eq!(*dropped.lock().unwrap(), [false; 3]);
    }

    #[test]
    fn waiting_ends_at_the_wake_up_time() {
        let queue = Queue::<u8>::new(9);
        assert_eq!(queue.take(9, Some(Instant::now()), &mut Vec::new()), Taken::TimedOut);
    }
}
