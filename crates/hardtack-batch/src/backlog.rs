use std::collections::VecDeque;

/// The requests that wait for a store's workers, and the rules by which a worker takes a batch of them.
///
/// Requests are taken in the order in which they arrive. A request stays in the backlog even if its caller no longer
/// waits, so abandoned requests count toward the limit too.
///
/// A backlog neither locks nor waits. The queue that contains it does both.
#[derive(Debug)]
pub struct Backlog<T> {
    waiting: VecDeque<T>,
    max_waiting: usize,
    is_closed: bool,
}

/// The reason why a request is not executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Too many requests are waiting.
    Full,
    /// The queue is closed, or its workers have ended.
    Closed,
}

/// A request with a weight, which limits the size of a batch.
pub trait Weigh {
    /// Returns the request's approximate size in bytes.
    fn weight(&self) -> usize;
}

/// The largest batch that a worker takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchLimits {
    /// The maximum number of requests.
    pub requests: usize,
    /// The number of bytes at which a batch is full.
    pub bytes: usize,
    /// Which batch gets the request that exceeds this number of bytes.
    pub overflow: Overflow,
}

/// The batch that gets the request that exceeds the limit in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overflow {
    /// The current batch, as its last request.
    ThisBatch,
    /// The next batch. A batch then exceeds the limit only if a single request does.
    NextBatch,
}

impl<T> Backlog<T> {
    /// Creates an empty backlog, in which at most `max_waiting` requests may wait.
    #[must_use]
    pub fn new(max_waiting: usize) -> Self {
        Self { waiting: VecDeque::new(), max_waiting, is_closed: false }
    }

    /// Appends a request.
    ///
    /// # Errors
    ///
    /// Fails if the backlog is full or closed. The request is then dropped.
    pub fn push(&mut self, request: T) -> Result<(), Refusal> {
        if self.is_closed {
            return Err(Refusal::Closed);
        }
        if self.waiting.len() >= self.max_waiting {
            return Err(Refusal::Full);
        }
        self.waiting.push_back(request);
        Ok(())
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
}

impl<T: Weigh> Backlog<T> {
    /// Takes one worker's share of the requests, within the limits, appends it to `batch`, and returns the number of
    /// requests. `in_progress` is the number of requests that all workers together have taken and not finished.
    ///
    /// A share is a fraction of all requests, both waiting and in progress. If a worker took all waiting requests, the
    /// others would be idle, and only one worker would be active at a time.
    pub fn take_share(
        &mut self,
        workers: usize,
        in_progress: usize,
        limits: &BatchLimits,
        batch: &mut Vec<T>,
    ) -> usize {
        let share = (self.waiting.len() + in_progress).div_ceil(workers);
        let count = self.count_within(share.min(limits.requests), limits);
        batch.extend(self.waiting.drain(..count));
        count
    }

    /// Returns how many of the first `at_most` requests fit in a batch.
    fn count_within(&self, at_most: usize, limits: &BatchLimits) -> usize {
        let mut bytes = 0_usize;
        let fitting = self.waiting.iter().take(at_most).enumerate().take_while(|(number, request)| {
            let before = bytes;
            bytes = bytes.saturating_add(request.weight());
            *number == 0
                || match limits.overflow {
                    Overflow::ThisBatch => before < limits.bytes,
                    Overflow::NextBatch => bytes <= limits.bytes,
                }
        });
        fitting.count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Weigh for usize {
        fn weight(&self) -> usize {
            *self
        }
    }

    fn limits(requests: usize, bytes: usize, overflow: Overflow) -> BatchLimits {
        BatchLimits { requests, bytes, overflow }
    }

    fn share(backlog: &mut Backlog<usize>, limits: &BatchLimits) -> Vec<usize> {
        let mut batch = Vec::new();
        assert_eq!(backlog.take_share(1, 0, limits, &mut batch), batch.len());
        batch
    }

    #[test]
    fn requests_are_taken_in_order_and_refused_when_full() {
        let mut backlog = Backlog::new(3);
        assert_eq!((backlog.push(1), backlog.push(2), backlog.push(3)), (Ok(()), Ok(()), Ok(())));
        assert_eq!(backlog.push(4), Err(Refusal::Full));
        assert_eq!(backlog.len(), 3);
        let limits = limits(2, 9, Overflow::ThisBatch);
        assert_eq!(share(&mut backlog, &limits), [1, 2]);
        assert_eq!(share(&mut backlog, &limits), [3]);
        assert!(backlog.is_empty());
    }

    #[test]
    fn a_batch_without_a_share_has_the_first_requests() {
        let mut backlog = Backlog::new(9);
        assert_eq!((backlog.push(1), backlog.push(2), backlog.push(3)), (Ok(()), Ok(()), Ok(())));
        let mut batch = Vec::new();
        backlog.take(2, &mut batch);
        assert_eq!((batch, backlog.pop(), backlog.pop()), (vec![1, 2], Some(3), None));
    }

    #[test]
    fn a_batch_ends_with_the_request_that_makes_it_too_heavy() {
        let mut backlog = Backlog::new(9);
        for request in [5, 5, 5, 50, 1] {
            assert_eq!(backlog.push(request), Ok(()));
        }
        let limits = limits(9, 10, Overflow::ThisBatch);
        assert_eq!(share(&mut backlog, &limits), [5, 5]);
        assert_eq!(share(&mut backlog, &limits), [5, 50]);
        assert_eq!(share(&mut backlog, &limits), [1]);
    }

    #[test]
    fn a_batch_ends_before_the_request_that_would_make_it_too_heavy() {
        let mut backlog = Backlog::new(9);
        for request in [5, 5, 5, 50, 1] {
            assert_eq!(backlog.push(request), Ok(()));
        }
        let limits = limits(9, 10, Overflow::NextBatch);
        assert_eq!(share(&mut backlog, &limits), [5, 5]);
        assert_eq!(share(&mut backlog, &limits), [5]);
        assert_eq!(share(&mut backlog, &limits), [50]);
        assert_eq!(share(&mut backlog, &limits), [1]);
    }

    #[test]
    fn a_worker_takes_its_share_of_all_requests() {
        let mut backlog = Backlog::new(99);
        let limits = limits(99, 99, Overflow::ThisBatch);
        let share = |backlog: &mut Backlog<usize>, in_progress| {
            let mut batch = Vec::new();
            backlog.take_share(2, in_progress, &limits, &mut batch);
            batch
        };
        for request in 0..9 {
            assert_eq!(backlog.push(request), Ok(()));
        }
        assert_eq!(share(&mut backlog, 0), [0, 1, 2, 3, 4]);
        assert_eq!(backlog.push(9), Ok(()));
        assert_eq!(share(&mut backlog, 5), [5, 6, 7, 8, 9]);
        assert_eq!(backlog.push(10), Ok(()));
        assert_eq!(share(&mut backlog, 5), [10]);
    }

    #[test]
    fn a_closed_backlog_has_what_waits_and_refuses_more() {
        let mut backlog = Backlog::new(9);
        assert_eq!(backlog.push(1), Ok(()));
        backlog.close();
        assert_eq!(backlog.push(2), Err(Refusal::Closed));
        assert_eq!((backlog.pop(), backlog.pop()), (Some(1), None));
    }

    #[test]
    fn an_abandoned_backlog_is_empty_and_closed() {
        let mut backlog = Backlog::new(9);
        assert_eq!(backlog.push(1), Ok(()));
        assert_eq!(backlog.abandon(), [1]);
        assert_eq!(backlog.push(2), Err(Refusal::Closed));
        assert_eq!(backlog.pop(), None);
    }
}
