use std::num::NonZeroUsize;
use std::sync::Arc;

use crate::answer::{Answer, Reply};
use crate::batch_receiver::BatchReceiver;
use crate::queue::{Queue, QueueSettings};
use crate::refusal::Refusal;

/// Creates a queue that refuses requests when it is full, and the ends of its workers.
pub fn refusing_queue<T>(settings: QueueSettings<T>) -> (RefusingSender<T>, Vec<BatchReceiver<T>>) {
    let QueueSettings { workers, max_waiting, limits } = settings;
    let queue = Queue::new(workers, limits, None);
    let receivers = BatchReceiver::all(&queue, workers);
    (RefusingSender { queue, max_waiting }, receivers)
}

/// The callers' end of a queue that refuses requests when it is full. When it is dropped, the workers execute what
/// waits, and end.
#[derive(Debug)]
pub struct RefusingSender<T> {
    queue: Arc<Queue<T>>,
    max_waiting: NonZeroUsize,
}

impl<T> RefusingSender<T> {
    /// Sends a request, and returns a future that waits for its answer.
    ///
    /// # Errors
    ///
    /// Fails if the queue is full, or if all its workers have ended. The request was not executed.
    pub fn send<R>(&self, request: impl FnOnce(Reply<R>) -> T) -> Result<Answer<R>, Refusal> {
        let (reply, answer) = Answer::channel();
        let request = request(reply);
        self.queue.push(|backlog| backlog.push_within(self.max_waiting.get(), request))?;
        Ok(answer)
    }

    /// Returns the number of waiting requests.
    #[expect(clippy::len_without_is_empty, reason = "it is a number for metrics, and to compare queues")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.queue.len()
    }
}

impl<T> Drop for RefusingSender<T> {
    fn drop(&mut self) {
        self.queue.close();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::batch_limits::BatchLimits;

    fn queue<T>(max_waiting: usize) -> (RefusingSender<T>, Vec<BatchReceiver<T>>) {
        let max_waiting = NonZeroUsize::new(max_waiting).unwrap();
        let limits = BatchLimits { requests: NonZeroUsize::MAX, size: None };
        refusing_queue(QueueSettings { workers: NonZeroUsize::MIN, max_waiting, limits })
    }

    #[tokio::test]
    async fn requests_are_handed_out_in_order_and_refused_when_full() {
        let (sender, mut receivers) = queue(3);
        for number in 1..=3 {
            assert!(sender.send(|_: Reply<()>| number).is_ok());
        }
        assert_eq!(sender.send(|_: Reply<()>| 4).err(), Some(Refusal::Full));
        assert_eq!(sender.len(), 3);
        let mut batch = Vec::new();
        assert!(receivers[0].take(&mut batch).await);
        assert_eq!((batch, sender.len()), (vec![1, 2, 3], 0));
        receivers.clear();
        assert_eq!(sender.send(|_: Reply<()>| 5).err(), Some(Refusal::Closed));
    }

    #[test]
    fn a_refused_request_is_dropped_outside_the_lock() {
        /// Records, when it is dropped, whether the queue is locked.
        struct Probe(Arc<Queue<Probe>>, Arc<Mutex<Vec<bool>>>);

        impl Drop for Probe {
            fn drop(&mut self) {
                self.1.lock().unwrap().push(self.0.is_locked());
            }
        }

        let (sender, receivers) = queue(1);
        let dropped = Arc::default();
        let probe = |_: Reply<()>| Probe(Arc::clone(&sender.queue), Arc::clone(&dropped));
        assert!(sender.send(probe).is_ok());
        assert_eq!(sender.send(probe).err(), Some(Refusal::Full));
        assert_eq!(*dropped.lock().unwrap(), [false]);
        drop(receivers);
        assert_eq!(sender.send(probe).err(), Some(Refusal::Closed));
        assert_eq!(*dropped.lock().unwrap(), [false; 3]);
    }
}
