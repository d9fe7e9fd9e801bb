use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// A bounded FIFO queue of requests for the store's threads.
///
/// A request stays queued after its client disconnects. The limit therefore counts abandoned requests too.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    /// A `std` lock, because it is held only to move pointers.
    state: Mutex<State<T>>,
    changed: Condvar,
    limit: usize,
}

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<T>,
    is_closed: bool,
    /// The number of threads that are asleep. Waking costs a system call, so it is skipped when there are none.
    sleepers: usize,
}

/// Why the queue refused an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    Full,
    Closed,
}

/// A guard that closes a queue when it is dropped: see [`Queue::ends_with_this`].
#[derive(Debug)]
pub(crate) struct End<'a, T>(&'a Queue<T>);

/// The event that happened first.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Came {
    /// There is work to do.
    Work,
    /// The deadline passed.
    Time,
    /// The queue is closed and empty.
    End,
}

impl<T> Queue<T> {
    pub(crate) fn new(limit: usize) -> Self {
        let state = State { waiting: VecDeque::new(), is_closed: false, sleepers: 0 };
        Self { state: Mutex::new(state), changed: Condvar::new(), limit }
    }

    /// Appends an item.
    pub(crate) fn push(&self, item: T) -> Result<(), Refusal> {
        let mut state = self.lock();
        if state.is_closed {
            return Err(Refusal::Closed);
        }
        if state.waiting.len() >= self.limit {
            return Err(Refusal::Full);
        }
        state.waiting.push_back(item);
        let someone_sleeps = state.sleepers > 0;
        drop(state);
        if someone_sleeps {
            self.changed.notify_one();
        }
        Ok(())
    }

    /// Returns the number of waiting items.
    pub(crate) fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Takes the first item, waiting for one if necessary. Returns `None` once the queue is closed and empty.
    pub(crate) fn pop(&self) -> Option<T> {
        let mut state = self.lock();
        loop {
            if let Some(item) = state.waiting.pop_front() {
                return Some(item);
            }
            if state.is_closed {
                return None;
            }
            state.sleepers += 1;
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.sleepers -= 1;
        }
    }

    /// Moves up to `at_most` waiting items into `group`. If there are none, waits for one until `until`.
    pub(crate) fn take(&self, at_most: usize, until: Option<Instant>, group: &mut Vec<T>) -> Came {
        let mut state = self.lock();
        loop {
            if !state.waiting.is_empty() {
                let count = state.waiting.len().min(at_most);
                group.extend(state.waiting.drain(..count));
                return Came::Work;
            }
            if state.is_closed {
                return Came::End;
            }
            state.sleepers += 1;
            state = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(rest) if rest.is_zero() => {
                    state.sleepers -= 1;
                    return Came::Time;
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
        self.lock().is_closed = true;
        self.changed.notify_all();
    }

    /// Returns a guard that closes the queue and drops the waiting items when it is dropped, so that if a thread
    /// panics, no caller waits forever for an answer.
    pub(crate) fn ends_with_this(&self) -> End<'_, T> {
        End(self)
    }

    /// Locks the state and ignores poisoning, because nothing can panic halfway under this lock.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Drop for End<'_, T> {
    fn drop(&mut self) {
        self.0.close();
        let abandoned = std::mem::take(&mut self.0.lock().waiting);
        // Outside the lock, because dropping a request wakes its caller.
        drop(abandoned);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hands_out_in_order_and_refuses_what_is_too_much() {
        let queue = Queue::new(3);
        assert_eq!((queue.push(1), queue.push(2), queue.push(3)), (Ok(()), Ok(()), Ok(())));
        assert_eq!(queue.push(4), Err(Refusal::Full));
        let mut group = Vec::new();
        assert_eq!(queue.take(2, None, &mut group), Came::Work);
        assert_eq!(group, [1, 2]);
        assert_eq!(queue.pop(), Some(3));
    }

    #[test]
    fn a_closed_queue_hands_out_what_waits_and_ends() {
        let queue = Queue::new(9);
        assert_eq!(queue.push(1), Ok(()));
        queue.close();
        assert_eq!(queue.push(2), Err(Refusal::Closed));
        assert_eq!(queue.pop(), Some(1));
        assert_eq!(queue.pop(), None);
        assert_eq!(queue.take(9, None, &mut Vec::new()), Came::End);
    }

    #[test]
    fn nothing_waits_for_a_thread_that_ended() {
        let queue = Queue::new(9);
        let waiting = std::sync::Arc::new(());
        assert_eq!(queue.push(std::sync::Arc::clone(&waiting)), Ok(()));
        drop(queue.ends_with_this());
        assert_eq!(std::sync::Arc::strong_count(&waiting), 1);
        assert_eq!(queue.push(waiting), Err(Refusal::Closed));
    }

    #[test]
    fn waiting_ends_at_its_time() {
        let queue = Queue::<u8>::new(9);
        assert_eq!(queue.take(9, Some(Instant::now()), &mut Vec::new()), Came::Time);
    }
}
