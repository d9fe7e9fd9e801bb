use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use redis::{RedisError, RedisResult, Value};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::yield_now;

use crate::server::{Server, answered};

/// What comes of one request: an error may be its own, and not that of its group.
pub(crate) type Answer = RedisResult<Value>;

/// What many tasks may ask one server for with a single command.
pub(crate) trait Ask: Send + Sync + Sized + 'static {
    /// Whether a group lets whoever was just answered join it, as long as more of them do: worth the moment where the
    /// server's work counts for more than the wait.
    const GATHERS: bool;

    /// How many bytes are sent for it, roughly.
    fn weight(&self) -> usize;

    /// Asks for all of a group, which is never empty. The answers come in its order.
    fn ask(group: &[Self], server: &Server) -> impl Future<Output = RedisResult<Vec<Answer>>> + Send;
}

/// The way to a server: what waits for it goes together, as one command. What comes alone goes at once.
///
/// A visitor who hangs up takes nothing back: what was asked for is done.
#[derive(Debug)]
pub(crate) struct Lane<A>(mpsc::Sender<Waiting<A>>);

#[derive(Debug)]
struct Waiting<A> {
    ask: A,
    reply: oneshot::Sender<Answer>,
}

/// How many groups are on their way: the server works on one while another is made here.
const GROUPS: usize = 2;

/// How many go together at most: nobody else is served meanwhile.
const GROUP: usize = 64;

/// How heavy they are together, unless one alone is heavier.
const HEAVIEST: usize = 256 * 1024;

/// How many may wait before whoever brings another has to wait.
const WAITING: usize = 4 * GROUP;

impl<A: Ask> Lane<A> {
    /// Starts the tasks that serve it, which end when it is dropped.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub(crate) fn to(server: &Arc<Server>) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        let queue = Mutex::new(Queue { receiver, next: None });
        let line = Arc::new(Line { server: Arc::clone(server), queue, on_their_way: AtomicUsize::new(0) });
        for _ in 0..GROUPS {
            tokio::spawn(Arc::clone(&line).serve());
        }
        Self(sender)
    }

    /// Asks, and waits for the answer.
    pub(crate) async fn ask(&self, ask: A) -> Answer {
        let (reply, answer) = oneshot::channel();
        self.0.send(Waiting { ask, reply }).await.map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }
}

/// The other end of a lane.
struct Line<A> {
    server: Arc<Server>,
    queue: Mutex<Queue<A>>,
    on_their_way: AtomicUsize,
}

struct Queue<A> {
    receiver: mpsc::Receiver<Waiting<A>>,
    /// What was too heavy for the group before.
    next: Option<Waiting<A>>,
}

/// Those who go together, and whom the answers are for.
type Group<A> = (Vec<A>, Vec<oneshot::Sender<Answer>>);

impl<A: Ask> Line<A> {
    async fn serve(self: Arc<Self>) {
        while let Some((asks, replies)) = self.take().await {
            let (mut answers, error) = match A::ask(&asks, &self.server).await {
                Ok(answers) => (answers.into_iter(), None),
                Err(error) => (Vec::new().into_iter(), Some(error)),
            };
            self.on_their_way.fetch_sub(asks.len(), Ordering::Relaxed);
            for reply in replies {
                let answer = match &error {
                    None => answers.next().unwrap_or_else(|| answered(None)),
                    Some(error) => Err(error.clone()),
                };
                // Whoever hung up receives nothing.
                drop(reply.send(answer));
            }
        }
    }

    /// Waits for the next group; nothing at the end.
    async fn take(&self) -> Option<Group<A>> {
        let mut queue = self.queue.lock().await;
        let first = queue.first().await?;
        if A::GATHERS {
            queue.gather().await;
        }
        // No more than its share: a group of all would leave none to be made while the server works on it.
        let all = 1 + queue.receiver.len() + self.on_their_way.load(Ordering::Relaxed);
        let group = queue.take(first, all.div_ceil(GROUPS).min(GROUP));
        self.on_their_way.fetch_add(group.0.len(), Ordering::Relaxed);
        Some(group)
    }
}

impl<A: Ask> Queue<A> {
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
            if now <= before || now >= GROUP {
                return;
            }
            before = now;
        }
    }

    fn take(&mut self, first: Waiting<A>, at_most: usize) -> Group<A> {
        let mut weight = first.ask.weight();
        let (mut asks, mut replies) = (vec![first.ask], vec![first.reply]);
        while asks.len() < at_most
            && let Ok(waiting) = self.receiver.try_recv()
        {
            weight += waiting.ask.weight();
            if weight > HEAVIEST {
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
