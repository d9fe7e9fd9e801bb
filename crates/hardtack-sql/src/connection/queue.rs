use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// A bounded FIFO queue of requests for one or more workers.
///
/// A worker takes at most its share of all requests, waiting and in progress. If it took everything, the other workers
/// would have nothing to do, and only one would work at a time.
///
/// A request stays queued after its client disconnects. The limit therefore counts abandoned requests too.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    /// A `std` lock, because it is held only to move pointers and never across an await.
    state: Mutex<State<T>>,
    changed: Notify,
    workers: usize,
    limit: usize,
}

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<T>,
    /// The number of requests that were taken and are not done.
    in_progress: usize,
    is_closed: bool,
}

/// Why the queue refused an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    Full,
    Closed,
}

/// A request with a weight, which limits the size of a batch.
pub(crate) trait Weigh {
    /// Returns its approximate size in bytes.
    fn weight(&self) -> usize;
}

impl<T: Weigh> Queue<T> {
    /// Creates a queue for a number of workers.
    pub(crate) fn new(workers: usize, limit: usize) -> Self {
        let state = State { waiting: VecDeque::new(), in_progress: 0, is_closed: false };
        Self { state: Mutex::new(state), changed: Notify::new(), workers, limit }
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
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Returns the number of waiting items.
    pub(crate) fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Lets callers that were just answered send their next requests before the next batch is taken. It waits as long
    /// as the queue grows and the batch is not full. Under load, batches become much larger; without load, this costs
    /// only a moment.
    pub(crate) async fn gather(&self, at_most: usize) {
        let mut before = self.len();
        loop {
            tokio::task::yield_now().await;
            let now = self.len();
            if now <= before || now >= at_most {
                return;
            }
            before = now;
        }
    }

    /// Takes a worker's share of the waiting items: at most `at_most`, and not much heavier than `max_bytes` together.
    /// Waits if there are none, and returns `None` once the queue is closed and empty. Taken items are in progress
    /// until [`done`](Self::done) is called.
    pub(crate) async fn take(&self, at_most: usize, max_bytes: usize) -> Option<Vec<T>> {
        loop {
            {
                let mut state = self.lock();
                let share = (state.waiting.len() + state.in_progress).div_ceil(self.workers);
                let batch = state.first(share.min(at_most), max_bytes);
                if !state.waiting.is_empty() || state.is_closed {
                    // The rest, and the end of the queue, are for another worker.
                    self.changed.notify_one();
                }
                if !batch.is_empty() {
                    return Some(batch);
                }
                if state.is_closed {
                    return None;
                }
            }
            self.changed.notified().await;
        }
    }

    /// Marks `count` of the taken items as answered.
    pub(crate) fn done(&self, count: usize) {
        self.lock().in_progress -= count;
    }

    /// Closes the queue to new items; waiting items are still handed out.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_one();
    }

    /// Locks the state and ignores poisoning, because nothing can panic halfway under this lock.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Weigh> State<T> {
    fn first(&mut self, at_most: usize, max_bytes: usize) -> Vec<T> {
        let mut weight = 0;
        let fitting = self.waiting.iter().take(at_most).take_while(|item| {
            let check_owner = weight < max_bytes;
            weight += item.weight();
            check_owner
        });
        let count = fitting.count();
        self.in_progress += count;
        self.waiting.drain(..count).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    impl Weigh for usize {
        fn weight(&self) -> usize {
            *self
        }
    }

    #[tokio::test]
    async fn requests_made_one_after_the_other_share_a_batch() {
        async fn submit(queue: Arc<Queue<usize>>, left: usize) {
            for number in 0..left {
                queue.push(number).unwrap();
                tokio::task::yield_now().await;
            }
        }
        for (at_most, gathered) in [(usize::MAX, 10), (4, 4)] {
            let queue = Arc::new(Queue::new(1, 100));
            tokio::spawn(submit(Arc::clone(&queue), 10));
            queue.gather(at_most).await;
            assert_eq!(queue.len(), gathered);
        }
    }

    #[tokio::test]
    async fn items_are_handed_out_in_order_and_refused_when_full() {
        let queue = Queue::new(1, 3);
        assert_eq!((queue.push(1), queue.push(2), queue.push(3)), (Ok(()), Ok(()), Ok(())));
        assert_eq!(queue.push(4), Err(Refusal::Full));
        assert_eq!(queue.len(), 3);
        assert_eq!(queue.take(2, 9).await, Some(vec![1, 2]));
        assert_eq!(queue.take(2, 9).await, Some(vec![3]));
    }

    #[tokio::test]
    async fn a_batch_ends_with_the_item_that_makes_it_too_heavy() {
        let queue = Queue::new(1, 9);
        for item in [5, 5, 5, 50, 1] {
            assert_eq!(queue.push(item), Ok(()));
        }
        assert_eq!(queue.take(9, 10).await, Some(vec![5, 5]));
        assert_eq!(queue.take(9, 10).await, Some(vec![5, 50]));
        assert_eq!(queue.take(9, 10).await, Some(vec![1]));
    }

    #[tokio::test]
    async fn a_worker_takes_its_share_of_all_requests() {
        let queue = Queue::new(2, 99);
        for item in 0..9 {
            assert_eq!(queue.push(item), Ok(()));
        }
        assert_eq!(queue.take(99, 99).await, Some(vec![0, 1, 2, 3, 4]));
        assert_eq!(queue.push(9), Ok(()));
        assert_eq!(queue.take(99, 99).await, Some(vec![5, 6, 7, 8, 9]));
        queue.done(5);
        assert_eq!(queue.push(10), Ok(()));
        assert_eq!(queue.take(99, 99).await, Some(vec![10]));
    }

    #[tokio::test]
    async fn the_rest_and_the_end_reach_the_other_worker() {
        let queue = Arc::new(Queue::new(2, 99));
        let workers: Vec<_> = (0..2)
            .map(|_| {
                let queue = Arc::clone(&queue);
                tokio::spawn(async move {
                    let mut sum = 0;
                    while let Some(batch) = queue.take(1, 99).await {
                        sum += batch.iter().sum::<usize>();
                        queue.done(batch.len());
                    }
                    sum
                })
            })
            .collect();
        for item in 0..50 {
            assert_eq!(queue.push(item), Ok(()));
            tokio::task::yield_now().await;
        }
        queue.close();
        let mut sum = 0;
        for worker in workers {
            sum += worker.await.unwrap();
        }
        assert_eq!(sum, (0..50).sum());
    }

    #[tokio::test]
    async fn a_closed_queue_hands_out_waiting_items_and_ends() {
        let queue = Queue::new(1, 9);
        assert_eq!(queue.push(1), Ok(()));
        queue.close();
        assert_eq!(queue.push(2), Err(Refusal::Closed));
        assert_eq!(queue.take(9, 9).await, Some(vec![1]));
        assert_eq!(queue.take(9, 9).await, None);
    }
}
