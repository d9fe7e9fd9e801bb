use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, Notify, Semaphore, oneshot};
use tokio::task::yield_now;

use crate::backlog::{Backlog, BatchLimits, Refusal, Weigh};

/// Creates a queue, and returns its sender and a receiver for each worker.
///
/// Sending a request takes the lock once, briefly. So does taking a batch, regardless of its size.
pub fn batch_queue<T: Weigh>(settings: QueueSettings) -> (BatchSender<T>, Vec<BatchReceiver<T>>) {
    let QueueSettings { workers, max_waiting, when_full, limits } = settings;
    let queue = Arc::new(Queue {
        backlog: Mutex::new(Backlog::new(max_waiting)),
        turn: AsyncMutex::new(()),
        changed: Notify::new(),
        places: match when_full {
            WhenFull::Refuse => None,
            WhenFull::Wait => Some(Semaphore::new(max_waiting)),
        },
        workers,
        in_progress: AtomicUsize::new(0),
        receivers: AtomicUsize::new(workers),
        limits,
    });
    let receivers = (0..workers).map(|_| BatchReceiver { queue: Arc::clone(&queue), in_progress: 0 });
    let receivers = receivers.collect();
    (BatchSender(queue), receivers)
}

/// The settings of a queue.
#[derive(Debug, Clone, Copy)]
pub struct QueueSettings {
    /// The number of workers, each of which works on one batch at a time.
    pub workers: usize,
    /// The maximum number of waiting requests.
    pub max_waiting: usize,
    /// What happens to a request when the queue is full.
    pub when_full: WhenFull,
    /// The largest batch.
    pub limits: BatchLimits,
}

/// What happens to a request when the queue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenFull {
    /// The request is refused.
    Refuse,
    /// The caller waits until there is room. Callers are served in the order in which they came.
    Wait,
}

/// The channel through which a request is answered.
pub type Reply<R> = oneshot::Sender<R>;

/// A waiting request, and the channel for its answer.
#[derive(Debug)]
pub struct Pending<Q, R> {
    /// The request.
    pub request: Q,
    /// The channel for its answer.
    pub reply: Reply<R>,
}

/// The callers' end of a queue. When it is dropped, the workers execute the waiting requests and end.
#[derive(Debug)]
pub struct BatchSender<T>(Arc<Queue<T>>);

/// A worker's end of a queue. When the last receiver of a queue is dropped, every waiting request is answered with an
/// error, and new requests are refused.
#[derive(Debug)]
pub struct BatchReceiver<T> {
    queue: Arc<Queue<T>>,
    /// The number of requests that this worker has taken and not finished.
    in_progress: usize,
}

#[derive(Debug)]
struct Queue<T> {
    /// This is a `std` lock, because it is held only to move pointers and never across an await.
    backlog: Mutex<Backlog<T>>,
    /// The lock of the worker that gathers the next batch. The other workers wait for it.
    turn: AsyncMutex<()>,
    /// Wakes one of the workers that wait for requests.
    changed: Notify,
    /// The free places in the queue, if callers wait when it is full.
    places: Option<Semaphore>,
    workers: usize,
    /// The number of requests that were taken and are not finished. This number only determines the size of a share, so
    /// it may briefly include requests that have just been finished.
    in_progress: AtomicUsize,
    /// The number of workers that have not ended.
    receivers: AtomicUsize,
    limits: BatchLimits,
}

impl<T: Weigh> BatchSender<T> {
    /// Sends a request and waits for its answer.
    ///
    /// Dropping the future does not cancel a request that was sent.
    ///
    /// # Errors
    ///
    /// Fails if the queue is full, or if its workers have ended. If the queue is full, the request was not executed.
    pub async fn ask<R>(&self, request: impl FnOnce(Reply<R>) -> T) -> Result<R, Refusal> {
        let (reply, answer) = oneshot::channel();
        self.push(request(reply)).await?;
        answer.await.map_err(|_| Refusal::Closed)
    }

    /// Returns the number of waiting requests.
    #[expect(clippy::len_without_is_empty, reason = "the number is used for metrics and to compare queues")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.lock().len()
    }

    async fn push(&self, request: T) -> Result<(), Refusal> {
        if let Some(places) = &self.0.places {
            // The place becomes free again when a worker takes the request.
            places.acquire().await.map_err(|_| Refusal::Closed)?.forget();
        }
        self.0.lock().push(request)?;
        self.0.changed.notify_one();
        Ok(())
    }
}

impl<T> Drop for BatchSender<T> {
    fn drop(&mut self) {
        self.0.lock().close();
        self.0.changed.notify_one();
    }
}

impl<T: Weigh> BatchReceiver<T> {
    /// Waits for requests, and moves this worker's share of them to `batch`. Returns `false` once the queue is closed
    /// and empty.
    ///
    /// The requests count as in progress until [`finish`](Self::finish) is called.
    pub async fn take(&mut self, batch: &mut Vec<T>) -> bool {
        loop {
            match self.queue.try_take(batch) {
                Some(count) => {
                    self.in_progress += count;
                    return count > 0;
                }
                None => self.queue.changed.notified().await,
            }
        }
    }

    /// Moves this worker's share of the requests to `batch`, like [`take`](Self::take), but first lets more requests
    /// [gather](Self::gather). Even a single request waits while this worker yields to other tasks once. Meanwhile,
    /// workers that call this method take no requests.
    pub async fn take_gathered(&mut self, batch: &mut Vec<T>) -> bool {
        let _turn = self.queue.turn.lock().await;
        loop {
            let waiting = self.queue.wait_for_requests().await;
            if waiting > 0 {
                self.queue.gather(waiting).await;
            }
            if let Some(count) = self.queue.try_take(batch) {
                self.in_progress += count;
                return count > 0;
            }
        }
    }

    /// Lets callers that were just answered send their next requests before the next batch is taken. This method yields
    /// to other tasks repeatedly, as long as the queue grows and a batch is not full. Under load, batches become much
    /// larger. Without load, the worker yields only once.
    pub async fn gather(&self) {
        let waiting = self.queue.lock().len();
        self.queue.gather(waiting).await;
    }

    /// Marks the requests that this worker has taken as executed, whether or not they are answered yet.
    pub fn finish(&mut self) {
        self.queue.in_progress.fetch_sub(std::mem::take(&mut self.in_progress), Ordering::Relaxed);
    }
}

impl<T> Drop for BatchReceiver<T> {
    fn drop(&mut self) {
        let queue = &self.queue;
        queue.in_progress.fetch_sub(self.in_progress, Ordering::Relaxed);
        if queue.receivers.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        let abandoned = queue.lock().abandon();
        if let Some(places) = &queue.places {
            places.close();
        }
        // The requests are dropped outside the lock, because dropping a request wakes its caller.
        drop(abandoned);
    }
}

impl<Q, R> Pending<Q, R> {
    /// Empties a batch, and returns its requests and the channels for their answers separately.
    pub fn split(batch: &mut Vec<Self>) -> (Vec<Q>, Vec<Reply<R>>) {
        batch.drain(..).map(|pending| (pending.request, pending.reply)).unzip()
    }
}

impl<Q: Weigh, R> Weigh for Pending<Q, R> {
    fn weight(&self) -> usize {
        self.request.weight()
    }
}

impl<T: Weigh> Queue<T> {
    /// Moves one worker's share to `batch`, and returns the number of requests. Returns 0 once the queue is closed and
    /// empty, or `None` if no request is waiting and more may come.
    fn try_take(&self, batch: &mut Vec<T>) -> Option<usize> {
        let mut backlog = self.lock();
        let in_progress = self.in_progress.load(Ordering::Relaxed);
        let count = backlog.take_share(self.workers, in_progress, &self.limits, batch);
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
}

impl<T> Queue<T> {
    /// Waits until there are requests, and returns their number, which is 0 once the queue is closed and empty.
    async fn wait_for_requests(&self) -> usize {
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

    /// Yields to other tasks until the queue has stopped growing or holds a full batch. `before` is the initial length
    /// of the queue.
    async fn gather(&self, mut before: usize) {
        loop {
            yield_now().await;
            let now = self.lock().len();
            if now <= before || now >= self.limits.requests {
                return;
            }
            before = now;
        }
    }

    /// Locks the backlog and ignores poisoning, because nothing can panic halfway under this lock.
    fn lock(&self) -> MutexGuard<'_, Backlog<T>> {
        self.backlog.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::{Pin, pin};
    use std::task::Poll;

    use super::*;
    use crate::backlog::Overflow;

    fn settings(workers: usize, max_waiting: usize, requests: usize) -> QueueSettings {
        let limits = BatchLimits { requests, bytes: usize::MAX, overflow: Overflow::ThisBatch };
        QueueSettings { workers, max_waiting, when_full: WhenFull::Refuse, limits }
    }

    async fn is_pending<F: Future>(mut future: Pin<&mut F>) -> bool {
        poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await
    }

    fn alone<T: Weigh>(settings: QueueSettings) -> (BatchSender<T>, BatchReceiver<T>) {
        let (sender, mut receivers) = batch_queue(settings);
        (sender, receivers.pop().unwrap())
    }

    #[tokio::test]
    async fn requests_made_one_after_the_other_share_a_batch() {
        async fn ask(sender: Arc<BatchSender<usize>>, left: usize) {
            for number in 0..left {
                sender.push(number).await.unwrap();
                yield_now().await;
            }
        }
        for (at_most, gathered) in [(usize::MAX, 10), (4, 4)] {
            let (sender, receiver) = alone(settings(1, 100, at_most));
            let sender = Arc::new(sender);
            tokio::spawn(ask(Arc::clone(&sender), 10));
            receiver.gather().await;
            assert_eq!(sender.len(), gathered);
        }
        for (at_most, gathered) in [(usize::MAX, 10), (4, 4)] {
            let (sender, mut receiver) = alone(settings(1, 100, at_most));
            tokio::spawn(ask(Arc::new(sender), 10));
            let mut batch = Vec::new();
            assert!(receiver.take_gathered(&mut batch).await);
            assert_eq!(batch.len(), gathered);
        }
    }

    #[tokio::test]
    async fn requests_are_handed_out_in_order_and_refused_when_full() {
        let (sender, mut receiver) = alone(settings(1, 3, 2));
        for number in 1..=3 {
            assert_eq!(sender.push(number).await, Ok(()));
        }
        assert_eq!(sender.push(4).await, Err(Refusal::Full));
        assert_eq!(sender.len(), 3);
        let mut batch = Vec::new();
        assert!(receiver.take(&mut batch).await && receiver.take(&mut batch).await);
        assert_eq!(batch, [1, 2, 3]);
    }

    #[tokio::test]
    async fn a_caller_waits_for_room_and_goes_first() {
        let (sender, mut receiver) = alone(QueueSettings { when_full: WhenFull::Wait, ..settings(1, 2, 1) });
        assert_eq!((sender.push(1).await, sender.push(2).await), (Ok(()), Ok(())));
        let mut third = pin!(sender.push(3));
        assert!(is_pending(third.as_mut()).await);
        let mut batch = Vec::new();
        assert!(receiver.take(&mut batch).await);
        // The free place belongs to the third caller, although the fourth asks before the third is polled.
        let mut fourth = pin!(sender.push(4));
        assert!(is_pending(fourth.as_mut()).await);
        assert_eq!(third.await, Ok(()));
        assert!(receiver.take(&mut batch).await && receiver.take(&mut batch).await);
        assert_eq!(batch, [1, 2, 3]);
        drop(receiver);
        assert_eq!(fourth.await, Err(Refusal::Closed));
    }

    #[tokio::test]
    async fn the_rest_and_the_end_reach_the_other_worker() {
        let (sender, receivers) = batch_queue(settings(2, 99, 1));
        let workers: Vec<_> = receivers
            .into_iter()
            .map(|mut receiver| {
                tokio::spawn(async move {
                    let (mut sum, mut batch) = (0, Vec::new());
                    while receiver.take(&mut batch).await {
                        sum += batch.drain(..).sum::<usize>();
                        receiver.finish();
                    }
                    sum
                })
            })
            .collect();
        for number in 0..50 {
            assert_eq!(sender.push(number).await, Ok(()));
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
        let (sender, mut receiver) = alone(settings(1, 9, 9));
        assert_eq!(sender.push(1).await, Ok(()));
        drop(sender);
        let mut batch = Vec::new();
        assert!(receiver.take(&mut batch).await);
        assert_eq!(batch, [1]);
        assert!(!receiver.take(&mut batch).await);
    }

    impl Weigh for Reply<usize> {
        fn weight(&self) -> usize {
            0
        }
    }

    #[tokio::test]
    async fn requests_are_answered_when_the_last_worker_ends() {
        let (sender, mut receivers) = batch_queue(settings(2, 9, 1));
        let ask = |reply: Reply<usize>| reply;
        let (mut taken, mut waiting) = (pin!(sender.ask(ask)), pin!(sender.ask(ask)));
        assert!(is_pending(taken.as_mut()).await && is_pending(waiting.as_mut()).await);
        let mut batch = Vec::new();
        assert!(receivers[0].take(&mut batch).await);
        receivers.remove(0);
        drop(batch);
        assert_eq!(taken.await, Err(Refusal::Closed));
        assert!(is_pending(waiting.as_mut()).await);
        receivers.clear();
        assert_eq!(waiting.await, Err(Refusal::Closed));
        assert_eq!(sender.ask(ask).await, Err(Refusal::Closed));
    }

    #[tokio::test]
    async fn a_caller_that_stops_waiting_cancels_nothing() {
        let (sender, mut receiver) = alone(settings(1, 9, 9));
        {
            let mut asking = pin!(sender.ask::<()>(|reply| Pending { request: 7_usize, reply }));
            assert!(is_pending(asking.as_mut()).await);
        }
        let mut batch = Vec::new();
        assert!(receiver.take(&mut batch).await);
        let (requests, replies) = Pending::split(&mut batch);
        assert_eq!((requests, replies.len(), batch.len()), (vec![7], 1, 0));
    }
}
