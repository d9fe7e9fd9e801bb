use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::answer::{Answer, Reply};
use crate::batch_receiver::BatchReceiver;
use crate::queue::{Queue, QueueSettings};

/// Creates a queue whose callers wait when it is full, and the ends of its workers.
///
/// # Panics
///
/// Panics if more than [`Semaphore::MAX_PERMITS`] requests may wait.
pub fn waiting_queue<T>(settings: QueueSettings<T>) -> (WaitingSender<T>, Vec<BatchReceiver<T>>) {
    let QueueSettings { workers, max_waiting, limits } = settings;
    let places = Arc::new(Semaphore::new(max_waiting.get()));
    let queue = Queue::new(workers, limits, Some(Arc::clone(&places)));
    let receivers = BatchReceiver::all(&queue, workers);
    (WaitingSender { queue, places }, receivers)
}

/// The callers' end of a queue whose callers wait when it is full. When it is dropped, the workers execute what waits,
/// and end.
#[derive(Debug)]
pub struct WaitingSender<T> {
    queue: Arc<Queue<T>>,
    /// The free places in the queue. A worker frees the places of the requests that it takes.
    places: Arc<Semaphore>,
}

/// The error for a request to a queue whose workers have all ended. The request was not executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

impl<T> WaitingSender<T> {
    /// Waits, in turn, for a place in the queue, sends a request, and returns a future that waits for its answer.
    ///
    /// If the future is dropped while it waits for a place, the request is not sent.
    ///
    /// # Errors
    ///
    /// Fails if all workers have ended. The request was not executed.
    pub async fn send<R>(&self, request: impl FnOnce(Reply<R>) -> T) -> Result<Answer<R>, Closed> {
        self.places.acquire().await.map_err(|_| Closed)?.forget();
        let (reply, answer) = Answer::channel();
        let request = request(reply);
        self.queue.push(|backlog| backlog.push(request)).map_err(|_request| Closed)?;
        Ok(answer)
    }
}

impl<T> Drop for WaitingSender<T> {
    fn drop(&mut self) {
        self.queue.close();
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::pin::pin;

    use super::*;
    use crate::batch_limits::BatchLimits;
    use crate::batch_receiver::is_pending;

    /// Returns a queue with one place.
    fn queue() -> (WaitingSender<u8>, BatchReceiver<u8>) {
        let (workers, max_waiting) = (NonZeroUsize::MIN, NonZeroUsize::MIN);
        let limits = BatchLimits { requests: NonZeroUsize::MAX, size: None };
        let (sender, mut receivers) = waiting_queue(QueueSettings { workers, max_waiting, limits });
        (sender, receivers.pop().unwrap())
    }

    #[tokio::test]
    async fn a_caller_waits_for_room_and_goes_first() {
        let (sender, mut receiver) = queue();
        let request = |number| move |_: Reply<()>| number;
        assert!(sender.send(request(1)).await.is_ok());
        let mut second = pin!(sender.send(request(2)));
        assert!(is_pending(second.as_mut()).await);
        let mut batch = Vec::new();
        assert!(receiver.take(&mut batch).await);
        // The place is the second caller's, although the third asks before it is polled.
        let mut third = pin!(sender.send(request(3)));
        assert!(is_pending(third.as_mut()).await);
        assert!(second.await.is_ok());
        assert!(is_pending(third.as_mut()).await);
        assert!(receiver.take(&mut batch).await);
        assert!(third.await.is_ok());
        let mut fourth = pin!(sender.send(request(4)));
        assert!(is_pending(fourth.as_mut()).await);
        assert_eq!(batch, [1, 2]);
        drop(receiver);
        assert_eq!(fourth.await.err(), Some(Closed));
        assert_eq!(sender.send(request(5)).await.err(), Some(Closed));
    }

    #[tokio::test]
    async fn a_caller_that_stops_waiting_for_a_place_sends_nothing() {
        let (sender, mut receiver) = queue();
        let request = |number| move |_: Reply<()>| number;
        assert!(sender.send(request(1)).await.is_ok());
        {
            let mut canceled = pin!(sender.send(request(2)));
            assert!(is_pending(canceled.as_mut()).await);
        }
        let mut batch = Vec::new();
        assert!(receiver.take(&mut batch).await);
        // The place is free for the next caller.
        assert!(sender.send(request(3)).await.is_ok());
        assert!(receiver.take(&mut batch).await);
        assert_eq!(batch, [1, 3]);
    }
}
