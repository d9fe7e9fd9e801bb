use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use redis::{RedisError, RedisResult, Value};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::yield_now;

use crate::connection::server::{Server, check_reply};

/// The result of one request. An error may concern this request alone or its whole batch.
pub(crate) type Reply = RedisResult<Value>;

/// A request that can be combined with others into a single command to one server.
pub(crate) trait BatchedRequest: Send + Sync + Sized + 'static {
    /// Whether a batch lets the callers that were just answered join it, as long as the queue grows. The short delay
    /// pays off if the server's work costs more than the wait.
    const GATHERS: bool;

    /// Returns the approximate number of bytes that it sends.
    fn weight(&self) -> usize;

    /// Sends a nonempty batch, and returns the answers in the same order.
    fn ask(batch: &[Self], server: &Server) -> impl Future<Output = RedisResult<Vec<Reply>>> + Send;
}

/// A queue of requests to one server. Requests that wait together are sent as one command; a lone request is sent
/// immediately.
///
/// A client that disconnects does not cancel its request: the request is still executed.
#[derive(Debug)]
pub(crate) struct RequestQueue<A>(mpsc::Sender<Waiting<A>>);

#[derive(Debug)]
struct Waiting<A> {
    ask: A,
    reply: oneshot::Sender<Reply>,
}

/// The number of batches in flight: the server executes one while the next is prepared here.
const WORKERS: usize = 2;

/// The maximum number of requests in a batch. The server executes nothing else in the meantime.
const MAX_BATCH_REQUESTS: usize = 64;

/// The maximum size of a batch in bytes, unless a single request is larger.
const MAX_BATCH_BYTES: usize = 256 * 1024;

/// The number of requests that may wait before a new caller has to wait to enqueue one.
const MAX_WAITING: usize = 4 * MAX_BATCH_REQUESTS;

impl<A: BatchedRequest> RequestQueue<A> {
    /// Starts the tasks that serve the queue. They end when it is dropped.
    ///
    /// # Panics
    ///
    /// Panics if called outside a tokio runtime.
    pub(crate) fn to(server: &Arc<Server>) -> Self {
        let (sender, receiver) = mpsc::channel(MAX_WAITING);
        let queue = Mutex::new(Queue { receiver, next: None });
        let line = Arc::new(Line { server: Arc::clone(server), queue, on_their_way: AtomicUsize::new(0) });
        for _ in 0..WORKERS {
            tokio::spawn(Arc::clone(&line).serve());
        }
        Self(sender)
    }

    /// Sends a request and waits for the answer.
    pub(crate) async fn ask(&self, ask: A) -> Reply {
        let (reply, answer) = oneshot::channel();
        self.0.send(Waiting { ask, reply }).await.map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }
}

/// The receiving end of a queue.
struct Line<A> {
    server: Arc<Server>,
    queue: Mutex<Queue<A>>,
    on_their_way: AtomicUsize,
}

struct Queue<A> {
    receiver: mpsc::Receiver<Waiting<A>>,
    /// The request that was too large for the previous batch.
    next: Option<Waiting<A>>,
}

/// The requests of a batch, and the reply channels for their answers.
type Batch<A> = (Vec<A>, Vec<oneshot::Sender<Reply>>);

impl<A: BatchedRequest> Line<A> {
    async fn serve(self: Arc<Self>) {
        while let Some((asks, replies)) = self.take().await {
            let (mut answers, error) = match A::ask(&asks, &self.server).await {
                Ok(answers) => (answers.into_iter(), None),
                Err(error) => (Vec::new().into_iter(), Some(error)),
            };
            self.on_their_way.fetch_sub(asks.len(), Ordering::Relaxed);
            for reply in replies {
                let answer = match &error {
                    None => answers.next().unwrap_or_else(|| check_reply(None)),
                    Some(error) => Err(error.clone()),
                };
                // A client that disconnected receives nothing.
                drop(reply.send(answer));
            }
        }
    }

    /// Waits for the next batch; returns `None` once the queue is closed and empty.
    async fn take(&self) -> Option<Batch<A>> {
        let mut queue = self.queue.lock().await;
        let first = queue.first().await?;
        if A::GATHERS {
            queue.gather().await;
        }
        // At most half of all requests: a full batch would leave nothing to prepare while the server works on it.
        let all = 1 + queue.receiver.len() + self.on_their_way.load(Ordering::Relaxed);
        let batch = queue.take(first, all.div_ceil(WORKERS).min(MAX_BATCH_REQUESTS));
        self.on_their_way.fetch_add(batch.0.len(), Ordering::Relaxed);
        Some(batch)
    }
}

impl<A: BatchedRequest> Queue<A> {
    async fn first(&mut self) -> Option<Waiting<A>> {
        match self.next.take() {
            Some(next) => Some(next),
            None => self.receiver.recv().await,
        }
    }

    async fn gather(&self) {
        let mut before = self.receiver.len();
        loop {
            yield_now().await;
            let now = self.receiver.len();
            if now <= before || now >= MAX_BATCH_REQUESTS {
                return;
            }
            before = now;
        }
    }

    fn take(&mut self, first: Waiting<A>, at_most: usize) -> Batch<A> {
        let mut weight = first.ask.weight();
        let (mut asks, mut replies) = (vec![first.ask], vec![first.reply]);
        while asks.len() < at_most
            && let Ok(waiting) = self.receiver.try_recv()
        {
            weight += waiting.ask.weight();
            if weight > MAX_BATCH_BYTES {
                self.next = Some(waiting);
                break;
            }
            asks.push(waiting.ask);
            replies.push(waiting.reply);
        }
        (asks, replies)
    }
}

fn ended() -> RedisError {
    io::Error::new(io::ErrorKind::BrokenPipe, "the connection ended").into()
}
