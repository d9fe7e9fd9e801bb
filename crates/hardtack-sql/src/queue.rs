use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// What waits for one lane or several: bounded, first come first served.
///
/// Of several lanes none takes more than its share of all who ask: a group of all would leave none to another lane, so
/// that only one worked at a time.
///
/// A visitor who hangs up leaves the request in the queue, so its length must not depend on how many hang up.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    /// `std`'s lock: held only to move pointers, never over an await.
    state: Mutex<State<T>>,
    changed: Notify,
    lanes: usize,
    limit: usize,
}

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<T>,
    /// How many were taken and are not done.
    under_way: usize,
    is_closed: bool,
}

/// Why something was not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    Full,
    Closed,
}

/// What can be weighed, so that a group is not larger than a server likes.
pub(crate) trait Weigh {
    /// Its size in bytes, roughly.
    fn weight(&self) -> usize;
}

impl<T: Weigh> Queue<T> {
    /// For so many lanes.
    pub(crate) fn new(lanes: usize, limit: usize) -> Self {
        let state = State { waiting: VecDeque::new(), under_way: 0, is_closed: false };
        Self { state: Mutex::new(state), changed: Notify::new(), lanes, limit }
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
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// How many wait now.
    pub(crate) fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Lets whoever was just answered ask again before the next group is taken, as long as more of them do and the group
    /// is not full: that makes it much larger under load, and costs a moment where there is none.
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

    /// Takes a lane's share of what waits, at most `at_most` and not much heavier than `heaviest` together; waits for
    /// something. `None` at the end. What was taken is under way until it is [`done`](Self::done).
    pub(crate) async fn take(&self, at_most: usize, heaviest: usize) -> Option<Vec<T>> {
        loop {
            {
                let mut state = self.lock();
                let share = (state.waiting.len() + state.under_way).div_ceil(self.lanes);
                let group = state.first(share.min(at_most), heaviest);
                if !state.waiting.is_empty() || state.is_closed {
                    // What is left, and the end, is for another lane.
                    self.changed.notify_one();
                }
                if !group.is_empty() {
                    return Some(group);
                }
                if state.is_closed {
                    return None;
                }
            }
            self.changed.notified().await;
        }
    }

    /// So many of those who were taken have their answers.
    pub(crate) fn done(&self, count: usize) {
        self.lock().under_way -= count;
    }

    /// Lets nothing more in; what waits is still handed out.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_one();
    }

    /// Nothing under this lock can panic half-way.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Weigh> State<T> {
    fn first(&mut self, at_most: usize, heaviest: usize) -> Vec<T> {
        let mut weight = 0;
        let fitting = self.waiting.iter().take(at_most).take_while(|item| {
            let fits = weight < heaviest;
            weight += item.weight();
            fits
        });
        let count = fitting.count();
        self.under_way += count;
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
    async fn those_who_ask_one_after_the_other_still_go_together() {
        async fn ask(queue: Arc<Queue<usize>>, left: usize) {
            for number in 0..left {
                queue.push(number).unwrap();
                tokio::task::yield_now().await;
            }
        }
        for (at_most, gathered) in [(usize::MAX, 10), (4, 4)] {
            let queue = Arc::new(Queue::new(1, 100));
            tokio::spawn(ask(Arc::clone(&queue), 10));
            queue.gather(at_most).await;
            assert_eq!(queue.len(), gathered);
        }
    }

    #[tokio::test]
    async fn hands_out_in_order_and_refuses_what_is_too_much() {
        let queue = Queue::new(1, 3);
        assert_eq!((queue.push(1), queue.push(2), queue.push(3)), (Ok(()), Ok(()), Ok(())));
        assert_eq!(queue.push(4), Err(Refusal::Full));
        assert_eq!(queue.len(), 3);
        assert_eq!(queue.take(2, 9).await, Some(vec![1, 2]));
        assert_eq!(queue.take(2, 9).await, Some(vec![3]));
    }

    #[tokio::test]
    async fn a_group_ends_with_the_item_that_makes_it_too_heavy() {
        let queue = Queue::new(1, 9);
        for item in [5, 5, 5, 50, 1] {
            assert_eq!(queue.push(item), Ok(()));
        }
        assert_eq!(queue.take(9, 10).await, Some(vec![5, 5]));
        assert_eq!(queue.take(9, 10).await, Some(vec![5, 50]));
        assert_eq!(queue.take(9, 10).await, Some(vec![1]));
    }

    #[tokio::test]
    async fn a_lane_takes_its_share_of_all_who_ask() {
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
    async fn what_one_lane_leaves_and_the_end_reach_the_other() {
        let queue = Arc::new(Queue::new(2, 99));
        let lanes: Vec<_> = (0..2)
            .map(|_| {
                let queue = Arc::clone(&queue);
                tokio::spawn(async move {
                    let mut sum = 0;
                    while let Some(group) = queue.take(1, 99).await {
                        sum += group.iter().sum::<usize>();
                        queue.done(group.len());
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
        for lane in lanes {
            sum += lane.await.unwrap();
        }
        assert_eq!(sum, (0..50).sum());
    }

    #[tokio::test]
    async fn a_closed_queue_hands_out_what_waits_and_ends() {
        let queue = Queue::new(1, 9);
        assert_eq!(queue.push(1), Ok(()));
        queue.close();
        assert_eq!(queue.push(2), Err(Refusal::Closed));
        assert_eq!(queue.take(9, 9).await, Some(vec![1]));
        assert_eq!(queue.take(9, 9).await, None);
    }
}
