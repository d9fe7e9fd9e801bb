use std::io;
use std::sync::Arc;

use hardtack_batch::{
    BatchLimits, BatchReceiver, BatchSender, Overflow, Pending, QueueSettings, Weigh, WhenFull, batch_queue,
};
use redis::{RedisError, RedisResult, Value};

use crate::connection::server::{Server, check_reply};

/// The result of one request. An error may concern this request alone or its whole batch.
pub(crate) type Reply = RedisResult<Value>;

/// A request that can be combined with others into a single command to one server.
pub(crate) trait BatchedRequest: Weigh + Send + Sync + Sized + 'static {
    /// Whether a worker lets callers that were just answered add their next requests before it takes a batch, as long
    /// as the queue grows. This short delay is worthwhile if executing a request costs the server more than the delay.
    const GATHERS: bool;

    /// Sends a nonempty batch, and returns the replies in the same order.
    fn send_all(batch: &[Self], server: &Server) -> impl Future<Output = RedisResult<Vec<Reply>>> + Send;
}

/// A queue of requests to one server. Requests that wait at the same time are sent as one command. A request that
/// arrives alone is sent immediately.
///
/// A request is executed even if its client disconnects.
#[derive(Debug)]
pub(crate) struct RequestQueue<Q>(BatchSender<Pending<Q, Reply>>);

/// The number of batches in flight. While the server executes one batch, this process prepares the next. Each batch
/// contains at most half of all requests, because otherwise nothing would be left to prepare while the server executes
/// it.
const WORKERS: usize = 2;

/// The maximum number of requests in a batch. The server executes nothing else while it executes a batch.
const MAX_BATCH_REQUESTS: usize = 64;

/// The maximum size of a batch in bytes, unless a single request is larger.
const MAX_BATCH_BYTES: usize = 256 * 1024;

/// The maximum number of waiting requests. Further callers wait until they can add theirs.
const MAX_WAITING: usize = 4 * MAX_BATCH_REQUESTS;

impl<Q: BatchedRequest> RequestQueue<Q> {
    /// Creates a queue and starts the tasks that serve it. The tasks exit after the queue is dropped.
    ///
    /// # Panics
    ///
    /// Panics if called outside a tokio runtime.
    pub(crate) fn new(server: &Arc<Server>) -> Self {
        let limits = BatchLimits {
            requests: MAX_BATCH_REQUESTS,
            bytes: MAX_BATCH_BYTES,
            overflow: Overflow::NextBatch,
        };
        let settings =
            QueueSettings { workers: WORKERS, max_waiting: MAX_WAITING, when_full: WhenFull::Wait, limits };
        let (sender, receivers) = batch_queue(settings);
        for receiver in receivers {
            tokio::spawn(serve(receiver, Arc::clone(server)));
        }
        Self(sender)
    }

    /// Sends a request and waits for the reply.
    pub(crate) async fn send(&self, request: Q) -> Reply {
        self.0.ask(|reply| Pending { request, reply }).await.unwrap_or_else(|_| Err(ended()))
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
