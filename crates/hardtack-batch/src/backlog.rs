use std::collections::VecDeque;

use crate::batch_limits::BatchLimits;
use crate::refusal::{Refusal, Refused};

/// The requests that wait for a store's workers, and the rules by which a worker takes a batch of them.
///
/// Requests are taken in the order in which they came. A request stays after its caller has gone, so a limit counts
/// abandoned requests too.
///
/// A backlog neither locks nor waits. The queue that contains it does both.
#[derive(Debug)]
pub struct Backlog<T> {
    waiting: VecDeque<T>,
    is_closed: bool,
}

impl<T> Backlog<T> {
    /// Creates an empty backlog.
    #[must_use]
    pub fn new() -> Self {
        Self { waiting: VecDeque::new(), is_closed: false }
    }

    /// Appends a request.
    ///
    /// # Errors
    ///
    /// Returns the request if the backlog is closed.
    pub fn push(&mut self, request: T) -> Result<(), T> {
        if self.is_closed {
            return Err(request);
        }
        self.waiting.push_back(request);
        Ok(())
    }

    /// Appends a request if fewer than `max_waiting` requests wait.
    ///
    /// # Errors
    ///
    /// Returns the request if the backlog is full or closed.
    pub fn push_within(&mut self, max_waiting: usize, request: T) -> Result<(), Refused<T>> {
        if !self.is_closed && self.waiting.len() >= max_waiting {
            return Err(Refused { request, refusal: Refusal::Full });
        }
        self.push(request).map_err(|request| Refused { request, refusal: Refusal::Closed })
    }

    /// Returns the number of waiting requests.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Returns whether no request is waiting.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Returns whether the backlog accepts no more requests.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Closes the backlog to new requests. Waiting requests can still be taken.
    pub fn close(&mut self) {
        self.is_closed = true;
    }

    /// Closes the backlog, and returns the waiting requests. Dropping a request answers it with an error and wakes its
    /// caller, so drop the requests outside the lock.
    #[must_use = "dropping the requests wakes their callers, which must not happen while a lock is held"]
    pub fn abandon(&mut self) -> VecDeque<T> {
        self.close();
        std::mem::take(&mut self.waiting)
    }

    /// Takes the first request.
    pub fn pop(&mut self) -> Option<T> {
        self.waiting.pop_front()
    }

    /// Takes up to `at_most` requests from the front and appends them to `batch`. This method is for a store with a
    /// single worker.
    pub fn take(&mut self, at_most: usize, batch: &mut Vec<T>) {
        batch.extend(self.waiting.drain(..at_most.min(self.waiting.len())));
    }

    /// Appends one worker's share of the requests to `batch`, within the limits, and returns their number. There are
    /// `others` that take requests too, and `in_progress` requests that were taken and are not finished.
    ///
    /// A share is a fraction of all requests, both waiting and in progress. If a worker took all waiting requests, the
    /// others would be idle, and only one worker would be active at a time.
    pub fn take_share(
        &mut self,
        others: usize,
        in_progress: usize,
        limits: &BatchLimits<T>,
        batch: &mut Vec<T>,
    ) -> usize {
        let share = (self.waiting.len() + in_progress).div_ceil(others + 1);
        let count = limits.count(self.waiting.iter().take(share));
        self.take(count, batch);
        count
    }
}

/// An empty backlog.
impl<T> Default for Backlog<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;

    fn filled(requests: impl IntoIterator<Item = usize>) -> Backlog<usize> {
        let mut backlog = Backlog::new();
        for request in requests {
            assert_eq!(backlog.push(request), Ok(()));
        }
        backlog
    }

    fn share(backlog: &mut Backlog<usize>, others: usize, in_progress: usize, at_most: usize) -> Vec<usize> {
        let limits = BatchLimits { requests: NonZeroUsize::new(at_most).unwrap(), size: None };
        let mut batch = Vec::new();
        assert_eq!(backlog.take_share(others, in_progress, &limits, &mut batch), batch.len());
        batch
    }

    #[test]
    fn requests_are_taken_in_order_and_refused_when_full() {
        let mut backlog = filled([1, 2]);
        assert_eq!(backlog.push_within(3, 3), Ok(()));
        assert_eq!(backlog.push_within(3, 4), Err(Refused { request: 4, refusal: Refusal::Full }));
        assert_eq!(backlog.len(), 3);
        assert_eq!(share(&mut backlog, 0, 0, 2), [1, 2]);
        assert_eq!(share(&mut backlog, 0, 0, 2), [3]);
        assert!(backlog.is_empty());
    }

    #[test]
    fn a_batch_without_a_share_has_the_first_requests() {
        let mut backlog = filled([1, 2, 3]);
        let mut batch = Vec::new();
        backlog.take(2, &mut batch);
        assert_eq!((batch, backlog.pop(), backlog.pop()), (vec![1, 2], Some(3), None));
    }

    #[test]
    fn a_worker_takes_its_share_of_all_requests() {
        let mut backlog = filled(0..9);
        assert_eq!(share(&mut backlog, 1, 0, 99), [0, 1, 2, 3, 4]);
        assert_eq!(backlog.push(9), Ok(()));
        assert_eq!(share(&mut backlog, 1, 5, 99), [5, 6, 7, 8, 9]);
        assert_eq!(backlog.push(10), Ok(()));
        assert_eq!(share(&mut backlog, 1, 5, 99), [10]);
    }

    #[test]
    fn a_closed_backlog_has_what_waits_and_refuses_more() {
        let mut backlog = filled([1]);
        backlog.close();
        assert_eq!(backlog.push(2), Err(2));
        // Even if it is full too: waiting for room would be futile.
        assert_eq!(backlog.push_within(1, 2), Err(Refused { request: 2, refusal: Refusal::Closed }));
        assert_eq!((backlog.pop(), backlog.pop()), (Some(1), None));
    }

    #[test]
    fn an_abandoned_backlog_is_empty_and_closed() {
        let mut backlog = filled([1]);
        assert_eq!(backlog.abandon(), [1]);
        assert_eq!(backlog.push(2), Err(2));
        assert_eq!(backlog.pop(), None);
    }
}
