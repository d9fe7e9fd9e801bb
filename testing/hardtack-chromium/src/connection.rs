use std::collections::HashMap;
use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{broadcast, oneshot};

use crate::error::Error;

/// The timeout for every wait. It only affects a run that hangs, because a successful step ends with an event.
const TIMEOUT: Duration = Duration::from_secs(300);

/// The capacity of an event queue.
const MAX_QUEUED_EVENTS: usize = 4096;

/// A connection to the browser, with the DevTools protocol over a pair of pipes. Messages are JSON, and each is
/// terminated by a zero byte.
///
/// A thread reads the browser's messages, so that tests with different async runtimes can use one browser.
pub(crate) struct Connection {
    writer: Mutex<Option<Box<dyn Write + Send>>>,
    last_id: AtomicU64,
    waiting: Arc<Mutex<Waiting>>,
}

/// The callers that wait for answers and events. The mutex around them is locked only for a lookup, never across an
/// `await`.
#[derive(Default)]
struct Waiting {
    /// The callers that wait for answers, by command id. `None` once the browser has exited.
    answers: Option<HashMap<u64, oneshot::Sender<Result<Value, Refusal>>>>,
    events: HashMap<String, broadcast::Sender<Arc<Event>>>,
}

/// An event of the DevTools protocol: something that happened in a page.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) method: String,
    pub(crate) params: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    id: Option<u64>,
    result: Option<Value>,
    error: Option<Refusal>,
    method: Option<String>,
    #[serde(default)]
    params: Value,
    #[serde(default)]
    session_id: String,
}

#[derive(Deserialize)]
struct Refusal {
    message: String,
}

impl Connection {
    pub(crate) fn new(writer: impl Write + Send + 'static, reader: impl Read + Send + 'static) -> Self {
        let waiting = Arc::new(Mutex::new(Waiting { answers: Some(HashMap::new()), ..Waiting::default() }));
        let waiting_for_reader = Arc::clone(&waiting);
        thread::spawn(move || listen(BufReader::new(reader), &waiting_for_reader));
        Self { writer: Mutex::new(Some(Box::new(writer))), last_id: AtomicU64::new(0), waiting }
    }

    /// Sends a command to the browser, or to one of its pages, and waits for the answer.
    pub(crate) async fn call(
        &self,
        session: Option<&str>,
        method: &str,
        params: Value,
    ) -> Result<Value, Error> {
        let (answer, answered) = oneshot::channel();
        let id = self.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        lock(&self.waiting).answers.as_mut().ok_or_else(Error::gone)?.insert(id, answer);
        self.write(id, session, method, params)?;
        match within_timeout(method, answered).await? {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(refusal)) => Err(Error::refused(method, refusal.message)),
            Err(_) => Err(Error::gone()),
        }
    }

    /// Sends a command to the browser without waiting for the answer.
    pub(crate) fn send(&self, method: &str, params: Value) {
        let id = self.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        // If the command cannot be sent, the browser has exited, and the command has become unnecessary.
        let _ = self.write(id, None, method, params);
    }

    /// Subscribes to the events of a page, from now on.
    pub(crate) fn events(&self, session: &str) -> broadcast::Receiver<Arc<Event>> {
        let mut waiting = lock(&self.waiting);
        let sender = waiting
            .events
            .entry(session.to_owned())
            .or_insert_with(|| broadcast::channel(MAX_QUEUED_EVENTS).0);
        sender.subscribe()
    }

    /// Removes the subscriptions to the events of a closed page.
    pub(crate) fn remove_page(&self, session: &str) {
        lock(&self.waiting).events.remove(session);
    }

    /// Closes the pipe, which makes the browser exit.
    pub(crate) fn close(&self) {
        lock(&self.writer).take();
    }

    fn write(&self, id: u64, session: Option<&str>, method: &str, params: Value) -> Result<(), Error> {
        let mut message = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut line = message.to_string().into_bytes();
        line.push(0);
        let mut writer = lock(&self.writer);
        let writer = writer.as_mut().ok_or_else(Error::gone)?;
        writer.write_all(&line).and_then(|()| writer.flush()).map_err(|_| Error::gone())
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

/// Waits for a future, with a timeout. `awaited` describes the wait in the error.
pub(crate) async fn within_timeout<T>(awaited: &str, future: impl Future<Output = T>) -> Result<T, Error> {
    tokio::time::timeout(TIMEOUT, future).await.map_err(|_| Error::timed_out(awaited))
}

fn listen(mut reader: impl BufRead, waiting: &Mutex<Waiting>) {
    let mut line = Vec::new();
    while matches!(reader.read_until(0, &mut line), Ok(length) if length > 0) {
        if line.pop() == Some(0)
            && let Ok(message) = serde_json::from_slice(&line)
        {
            handle(message, waiting);
        }
        line.clear();
    }
    let mut waiting = lock(waiting);
    waiting.answers = None;
    waiting.events.clear();
}

fn handle(message: Message, waiting: &Mutex<Waiting>) {
    let mut waiting = lock(waiting);
    if let Some(id) = message.id {
        if let Some(answer) = waiting.answers.as_mut().and_then(|answers| answers.remove(&id)) {
            // Sending fails if the caller is no longer waiting, which is fine.
            let _ = answer.send(message.error.map_or_else(|| Ok(message.result.unwrap_or_default()), Err));
        }
    } else if let Some(method) = message.method
        && let Some(events) = waiting.events.get(&message.session_id)
    {
        let _ = events.send(Arc::new(Event { method, params: message.params }));
    }
}

/// Locks a mutex. Poisoning is ignored, because a panic in a test leaves the data consistent.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
