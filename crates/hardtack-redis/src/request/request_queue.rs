use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;

use hardtack_batch::{
    BatchLimits, BatchReceiver, Closed, Lost, Overflow, Pending, QueueSettings, SizeLimit, WaitingSender,
    waiting_queue,
};
use redis::{RedisError, RedisResult, Value};

use crate::connection::server::{Server, check_reply};

/// The result of one request. An error may concern this request alone or its whole batch.
pub(crate) type Reply = RedisResult<Value>;

/// A request that can be combined with others into a single command to one server.
pub(crate) trait BatchedRequest: Send + Sync + Sized + 'static {
    /// Whether a batch lets the callers that were just answered join it, as long as the queue grows. The short delay
    /// pays off if the server's work costs more than the wait.
    const GATHERS: bool;

    /// Returns its approximate size in bytes.
    fn size(&self) -> usize;

    /// Sends a nonempty batch, and returns the replies in the same order.
    fn send_all(batch: &[Self], server: &Server) -> impl Future<Output = RedisResult<Vec<Reply>>> + Send;
}

/// A queue of requests to one server. Requests that wait together are sent as one command. A lone request is sent
/// immediately, or after a short delay if its kind [gathers](BatchedRequest::GATHERS).
///
/// A client that disconnects does not cancel a request in the queue: it is still executed. While a client waits for a
/// place in a full queue, its request has not been sent.
#[derive(Debug)]
pub(crate) struct RequestQueue<Q>(WaitingSender<Pending<Q, Reply>>);

/// The number of batches in flight: the server executes one while the next is prepared here. Each has at most half of
/// all requests, because a full batch would leave nothing to prepare while the server works on it.
const WORKERS: NonZeroUsize = NonZeroUsize::new(2).unwrap();

/// The maximum number of requests in a batch. The server executes nothing else in the meantime.
const MAX_BATCH_REQUESTS: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// The maximum size of a batch in bytes, unless a single request is larger.
const MAX_BATCH_BYTES: usize = 256 * 1024;

/// The number of requests that may wait before a new caller has to wait to enqueue one.
const MAX_WAITING: NonZeroUsize = NonZeroUsize::new(4 * MAX_BATCH_REQUESTS.get()).unwrap();

impl<Q: BatchedRequest> RequestQueue<Q> {
    /// Creates a queue and starts the tasks that serve it. The tasks exit after the queue is dropped.
    ///
    /// # Panics
    ///
    /// Panics if called outside a tokio runtime.
    pub(crate) fn new(server: &Arc<Server>) -> Self {
        let size = SizeLimit {
            bytes: MAX_BATCH_BYTES,
            overflow: Overflow::NextBatch,
            size_of: |pending: &Pending<Q, Reply>| pending.request.size(),
        };
        let limits = BatchLimits { requests: MAX_BATCH_REQUESTS, size: Some(size) };
        let settings = QueueSettings { workers: WORKERS, max_waiting: MAX_WAITING, limits };
        let (sender, receivers) = waiting_queue(settings);
        for receiver in receivers {
            tokio::spawn(serve(receiver, Arc::clone(server)));
        }
        Self(sender)
    }

    /// Sends a request and waits for the reply.
    pub(crate) async fn send(&self, request: Q) -> Reply {
        match self.0.send(|reply| Pending { request, reply }).await {
            Ok(answer) => answer.await.unwrap_or_else(|Lost| Err(ended())),
            Err(Closed) => Err(ended()),
        }
    }
}

/// Sends the requests of a queue in batches until the queue is closed and empty.
async fn serve<Q: BatchedRequest>(mut receiver: BatchReceiver<Pending<Q, Reply>>, server: Arc<Server>) {
    let mut batch = Vec::new();
    loop {
        let has_requests = if Q::GATHERS {
            receiver.take_gathered(&mut batch).await
        } else {
            receiver.take(&mut batch).await
        };
        if !has_requests {
            return;
        }
        let (requests, callers) = Pending::split(&mut batch);
        let (mut replies, error) = match Q::send_all(&requests, &server).await {
            Ok(replies) => (replies.into_iter(), None),
            Err(error) => (Vec::new().into_iter(), Some(error)),
        };
        receiver.finish();
        for caller in callers {
            let reply = match &error {
                None => replies.next().unwrap_or_else(|| check_reply(None)),
                Some(error) => Err(error.clone()),
            };
            // The send fails if the client has disconnected, which does not matter.
            drop(caller.send(reply));
        }
    }
}

fn ended() -> RedisError {
    io::Error::new(io::ErrorKind::BrokenPipe, "the connection was closed").into()
}
