use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// What waits for a thread of the store: bounded, first come first served.
///
/// A visitor who hangs up leaves the request in the queue, so its length must not depend on how many hang up.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    /// `std`'s lock: held only to move pointers.
    state: Mutex<State<T>>,
    changed: Condvar,
    limit: usize,
}

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<T>,
    is_closed: bool,
    /// How many threads sleep until something comes: waking costs a system call, so only sleepers are woken.
    sleepers: usize,
}

/// Why something was not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    Full,
    Closed,
}

/// Ends a queue when it is dropped: see [`Queue::ends_with_this`].
#[derive(Debug)]
pub(crate) struct End<'a, T>(&'a Queue<T>);

/// What came first.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Came {
    /// Something to do.
    Work,
    /// The time to stop waiting.
    Time,
    /// The end: the queue is closed and empty.
    End,
}

impl<T> Queue<T> {
    pub(crate) fn new(limit: usize) -> Self {
        let state = State { waiting: VecDeque::new(), is_closed: false, sleepers: 0 };
        Self { state: Mutex::new(state), changed: Condvar::new(), limit }
    }

    /// Adds to the end.
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

    /// How many wait now.
    pub(crate) fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Takes the first, waiting for one; `None` at the end.
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

    /// Moves all that waits, at most `at_most`, into `group`; waits for something until `until`.
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

    /// Lets nothing more in; what waits is still handed out.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_all();
    }

    /// Closes the queue and drops what waits when the guard is dropped: so if a thread panics, nobody waits for its
    /// answer for ever.
    pub(crate) fn ends_with_this(&self) -> End<'_, T> {
        End(self)
    }

    /// Nothing under this lock can panic half-way.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Drop for End<'_, T> {
    fn drop(&mut self) {
        self.0.close();
        let abandoned = std::mem::take(&mut self.0.lock().waiting);
        // Outside of the lock: dropping a request wakes whoever waits for it.
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
