use std::num::NonZeroUsize;
use std::sync::Arc;

use crate::queue::Queue;

/// A worker's end of a queue. When the last one is dropped, every waiting request is answered with an error, and no
/// more are accepted.
#[derive(Debug)]
pub struct BatchReceiver<T> {
    queue: Arc<Queue<T>>,
    /// The number of requests that this worker has taken and not finished.
    in_progress: usize,
}

impl<T> BatchReceiver<T> {
    /// Returns the ends of all workers of a new queue.
    pub(crate) fn all(queue: &Arc<Queue<T>>, workers: NonZeroUsize) -> Vec<Self> {
        (0..workers.get()).map(|_| Self { queue: Arc::clone(queue), in_progress: 0 }).collect()
    }

    /// Finishes the last batch, waits for requests, and moves this worker's share of them to `batch`. Returns `false`
    /// once the queue is closed and empty.
    pub async fn take(&mut self, batch: &mut Vec<T>) -> bool {
        self.finish();
        self.in_progress = self.queue.take(batch).await;
        self.in_progress > 0
    }

    /// Like [`take`](Self::take), but lets more requests [gather](Self::gather) before it takes a batch. Even a lone
    /// request waits for that moment. Meanwhile, the other workers that gather leave the requests to this one.
    pub async fn take_gathered(&mut self, batch: &mut Vec<T>) -> bool {
        self.finish();
        let _turn = self.queue.turn.lock().await;
        let waiting = self.queue.wait_for_requests().await;
        if waiting > 0 {
            self.queue.gather(waiting).await;
        }
        self.in_progress = self.queue.take(batch).await;
        self.in_progress > 0
    }

    /// Lets callers that were just answered send their next requests before the next batch is taken. It waits as long
    /// as the queue grows, up to the number of requests in a batch. Under load, batches become much larger; without
    /// load, this costs only a moment.
    pub async fn gather(&self) {
        let waiting = self.queue.len();
        self.queue.gather(waiting).await;
    }

    /// Marks the requests that this worker has taken as executed, whether or not they are answered yet, so that the
    /// other workers' shares no longer count them.
    ///
    /// Taking the next batch does this too. Call it earlier if there are other workers, and this one has answers to send
    /// or requests to gather first.
    pub fn finish(&mut self) {
        self.queue.finish(std::mem::take(&mut self.in_progress));
    }
}

impl<T> Drop for BatchReceiver<T> {
    fn drop(&mut self) {
        self.finish();
        self.queue.end_worker();
    }
}

/// Polls a future once.
#[cfg(test)]
pub(crate) async fn is_pending<F: Future>(mut future: std::pin::Pin<&mut F>) -> bool {
    std::future::poll_fn(|context| std::task::Poll::Ready(future.as_mut().poll(context).is_pending())).await
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use tokio::task::yield_now;

    use super::*;
    use crate::answer::{Lost, Reply};
    use crate::batch_limits::BatchLimits;
    use crate::pending::Pending;
    use crate::queue::QueueSettings;
    use crate::refusing_sender::{RefusingSender, refusing_queue};

    fn queue<T>(workers: usize, at_most: usize) -> (RefusingSender<T>, Vec<BatchReceiver<T>>) {
        let [workers, max_waiting, requests] =
            [workers, 99, at_most].map(|count| NonZeroUsize::new(count).unwrap());
        refusing_queue(QueueSettings { workers, max_waiting, limits: BatchLimits { requests, size: None } })
    }

    fn alone<T>(at_most: usize) -> (RefusingSender<T>, BatchReceiver<T>) {
        let (sender, mut receivers) = queue(1, at_most);
        (sender, receivers.pop().unwrap())
    }

    /// Returns a queue with two workers that take any number of requests.
    fn pair() -> (RefusingSender<usize>, [BatchReceiver<usize>; 2]) {
        let (sender, receivers) = queue(2, 99);
        (sender, receivers.try_into().unwrap())
    }

    fn push(sender: &RefusingSender<usize>, numbers: impl IntoIterator<Item = usize>) {
        for number in numbers {
            drop(sender.send(|_: Reply<()>| number).unwrap());
        }
    }

    async fn taken(receiver: &mut BatchReceiver<usize>) -> usize {
        let mut batch = Vec::new();
        assert!(receiver.take(&mut batch).await);
        batch.len()
    }

    #[tokio::test]
    async fn two_workers_share_the_requests() {
        let (sender, [mut first, mut second]) = pair();
        push(&sender, 0..9);
        assert_eq!((taken(&mut first).await, taken(&mut second).await), (5, 4));
    }

    #[tokio::test]
    async fn a_request_in_progress_counts() {
        let (sender, [mut first, mut second]) = pair();
        push(&sender, 0..6);
        assert_eq!(taken(&mut first).await, 3);
        // Half of six, of which three are in progress.
        assert_eq!(taken(&mut second).await, 3);
    }

    #[tokio::test]
    async fn a_finished_request_no_longer_counts() {
        let (sender, [mut first, mut second]) = pair();
        push(&sender, 0..8);
        assert_eq!(taken(&mut first).await, 4);
        first.finish();
        assert_eq!(taken(&mut second).await, 2);
    }

    #[tokio::test]
    async fn a_worker_that_takes_the_next_batch_has_finished_the_last() {
        let (sender, [mut first, _second]) = pair();
        push(&sender, 0..8);
        assert_eq!((taken(&mut first).await, taken(&mut first).await), (4, 2));
        let mut batch = Vec::new();
        assert!(first.take_gathered(&mut batch).await);
        assert_eq!(batch, [6]);
    }

    #[tokio::test]
    async fn the_survivor_of_two_workers_takes_everything() {
        let (sender, [first, mut second]) = pair();
        push(&sender, 0..9);
        drop(first);
        assert_eq!(taken(&mut second).await, 9);
    }

    #[tokio::test]
    async fn the_requests_of_a_worker_that_ended_no_longer_count() {
        let (sender, receivers) = queue(3, 99);
        let [mut first, mut second, _third] = <[_; 3]>::try_from(receivers).unwrap();
        push(&sender, 0..9);
        assert_eq!(taken(&mut first).await, 3);
        drop(first);
        assert_eq!(taken(&mut second).await, 3);
    }

    #[tokio::test]
    async fn requests_made_one_after_the_other_share_a_batch() {
        async fn ask(sender: Arc<RefusingSender<usize>>, left: usize) {
            for number in 0..left {
                push(&sender, [number]);
                yield_now().await;
            }
        }
        for (at_most, gathered) in [(usize::MAX, 10), (4, 4)] {
            let (sender, receiver) = alone(at_most);
            let sender = Arc::new(sender);
            tokio::spawn(ask(Arc::clone(&sender), 10));
            receiver.gather().await;
            assert_eq!(sender.len(), gathered);
        }
        for (at_most, gathered) in [(usize::MAX, 10), (4, 4)] {
            let (sender, mut receiver) = alone(at_most);
            tokio::spawn(ask(Arc::new(sender), 10));
            let mut batch = Vec::new();
            assert!(receiver.take_gathered(&mut batch).await);
            assert_eq!(batch.len(), gathered);
        }
    }

    #[tokio::test]
    async fn one_worker_gathers_while_the_other_waits_for_its_turn() {
        let (sender, [mut first, mut second]) = pair();
        let (mut batch, mut next) = (Vec::new(), Vec::new());
        {
            let mut gathering = pin!(first.take_gathered(&mut batch));
            let mut waiting = pin!(second.take_gathered(&mut next));
            push(&sender, [0, 1]);
            assert!(is_pending(gathering.as_mut()).await && is_pending(waiting.as_mut()).await);
            // Without a turn, the second worker would see that nothing was added since its first look, and take.
            assert!(is_pending(waiting.as_mut()).await);
            push(&sender, [2, 3]);
            assert!(is_pending(gathering.as_mut()).await && is_pending(waiting.as_mut()).await);
            assert!(gathering.await);
            assert!(waiting.await);
        }
        assert_eq!((batch, next), (vec![0, 1], vec![2, 3]));
    }

    #[tokio::test]
    async fn workers_that_gather_end_with_the_queue() {
        let (sender, [mut first, mut second]) = pair();
        let (mut batch, mut next) = (Vec::new(), Vec::new());
        push(&sender, 0..3);
        drop(sender);
        assert!(first.take_gathered(&mut batch).await && second.take_gathered(&mut next).await);
        assert_eq!((&batch[..], &next[..]), (&[0, 1][..], &[2][..]));
        let (first, second) = tokio::join!(first.take_gathered(&mut batch), second.take_gathered(&mut next));
        assert_eq!((first, second, batch.len(), next.len()), (false, false, 2, 1));
    }

    #[tokio::test]
    async fn an_idle_worker_that_gathers_ends_with_the_queue() {
        let (sender, [mut first, mut second]) = pair();
        let (mut batch, mut next) = (Vec::new(), Vec::new());
        let mut gathering = pin!(first.take_gathered(&mut batch));
        let mut waiting = pin!(second.take_gathered(&mut next));
        assert!(is_pending(gathering.as_mut()).await && is_pending(waiting.as_mut()).await);
        drop(sender);
        assert!(!gathering.await && !waiting.await);
    }

    #[tokio::test]
    async fn the_rest_and_the_end_reach_the_other_worker() {
        let (sender, receivers) = queue(2, 1);
        let workers: Vec<_> = receivers
            .into_iter()
            .map(|mut receiver| {
                tokio::spawn(async move {
                    let (mut sum, mut batch) = (0, Vec::new());
                    while receiver.take(&mut batch).await {
                        sum += batch.drain(..).sum::<usize>();
                    }
                    sum
                })
            })
            .collect();
        for number in 0..50 {
            push(&sender, [number]);
            yield_now().await;
        }
        drop(sender);
        let mut sum = 0;
        for worker in workers {
            sum += worker.await.unwrap();
        }
        assert_eq!(sum, (0..50).sum());
    }

    #[tokio::test]
    async fn a_closed_queue_hands_out_waiting_requests_and_ends() {
        let (sender, mut receiver) = alone(9);
        push(&sender, [1]);
        drop(sender);
        let mut batch = Vec::new();
        assert!(receiver.take(&mut batch).await);
        assert_eq!(batch, [1]);
        assert!(!receiver.take(&mut batch).await);
    }

    #[tokio::test]
    async fn requests_are_answered_when_the_last_worker_ends() {
        let (sender, mut receivers) = queue(2, 1);
        let ask = |reply: Reply<usize>| reply;
        let (taken, mut waiting) = (sender.send(ask).unwrap(), sender.send(ask).unwrap());
        let mut batch = Vec::new();
        assert!(receivers[0].take(&mut batch).await);
        receivers.remove(0);
        drop(batch);
        assert_eq!(taken.await, Err(Lost));
        assert!(is_pending(pin!(&mut waiting)).await);
        receivers.clear();
        assert_eq!(waiting.await, Err(Lost));
    }

    #[tokio::test]
    async fn a_caller_that_stops_waiting_for_the_answer_cancels_nothing() {
        let (sender, mut receiver) = alone(9);
        drop(sender.send::<()>(|reply| Pending { request: 7_usize, reply }).unwrap());
        let mut batch = Vec::new();
        assert!(receiver.take(&mut batch).await);
        let (requests, replies) = Pending::split(&mut batch);
        assert_eq!((requests, replies.len(), batch.len()), (vec![7], 1, 0));
    }
}
