use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use axum::extract::Request;
use axum::http::HeaderMap;
use tokio::sync::broadcast;

use crate::asked::Asked;
use crate::exchange::Exchange;
use crate::guard::Guard;
use crate::record::{Answered, Record};
use crate::ring::Ring;
use crate::veil::Veil;

/// Watches the cookies and sessions of an application, and shows them on a page of its own.
///
/// It is a layer: add it last, outside the session's.
///
/// ```
/// use axum::{Router, routing::get};
/// use hardtack::{MemoryStore, Session, SessionLayer};
/// use hardtack_inspect::Inspector;
///
/// async fn home(session: Session) -> String {
///     let visits = session.update("visits", |n: &mut u64| { *n += 1; *n });
///     format!("Visit number {visits}")
/// }
///
/// let app: Router = Router::new()
///     .route("/", get(home))
///     .layer(SessionLayer::stored(MemoryStore::new()))
///     .layer(Inspector::new()); // the page is at /inspect
/// # let _ = app;
/// ```
///
/// Serve the application by `app.into_make_service_with_connect_info::<SocketAddr>()`, so that the inspector knows who
/// asks for its page.
///
/// Clones are the same inspector.
///
/// # Security
///
/// It is for development: an application in service has no page that shows what its visitors hold. Unless told
/// otherwise it answers to loopback peers alone, by the server's own socket and not by what a header says, and keeps no
/// value, but only kinds and lengths. Leave it out of what you ship by a feature of your own.
#[derive(Clone)]
pub struct Inspector {
    path: Arc<str>,
    capacity: usize,
    veil: Veil,
    pub(crate) guard: Guard,
    /// Made by the first use, when the settings are known.
    shared: Arc<OnceLock<Shared>>,
}

/// What all clones share.
pub(crate) struct Shared {
    /// Short critical sections that never span an await, so a plain mutex.
    record: Mutex<Record>,
    pub(crate) news: broadcast::Sender<Arc<Exchange>>,
}

const PATH: &str = "/inspect";

/// So many bytes of exchanges are kept at most, however many may be.
const MOST_BYTES: usize = 32 << 20;

/// So many exchanges wait for a page that is slow.
const MOST_WAITING: usize = 1024;

impl Inspector {
    /// With its page at `/inspect`, the last 1,000 exchanges kept, no values, for loopback peers.
    #[must_use]
    pub fn new() -> Self {
        Self {
            path: PATH.into(),
            capacity: 1000,
            veil: Veil::Drawn,
            guard: Guard::Loopback,
            shared: Arc::default(),
        }
    }

    /// Where its page is. Default `/inspect`, also for the root, which is the application's. Nothing below it reaches the
    /// application.
    #[must_use]
    pub fn path(self, path: &str) -> Self {
        let path = match path.trim_matches('/') {
            "" => PATH.into(),
            path => format!("/{path}").into(),
        };
        Self { path, shared: Arc::default(), ..self }
    }

    /// How many exchanges are kept. Default 1,000; however many, they take 32 MiB at most.
    #[must_use]
    pub fn capacity(self, exchanges: usize) -> Self {
        Self { capacity: exchanges.max(1), shared: Arc::default(), ..self }
    }

    /// Shows the values of cookies, sessions and queries too.
    ///
    /// Of session ids, encrypted tokens and signatures it keeps the first eight characters even so.
    ///
    /// # Security
    ///
    /// Whoever sees the page then sees what visitors have typed. Without it no value is kept at all.
    #[must_use]
    pub fn show_values(self) -> Self {
        Self { veil: Veil::Lifted, shared: Arc::default(), ..self }
    }

    /// Answers to whoever reaches it, and not only to this machine.
    ///
    /// # Security
    ///
    /// Everybody in the same network, or behind the same proxy, sees who visits the application and what it does with
    /// their sessions.
    #[must_use]
    pub fn insecure_allow_remote_peers(self) -> Self {
        Self { guard: Guard::Everybody, shared: Arc::default(), ..self }
    }

    /// The last exchanges, the newest first: all of them, or those of the browser whose headers are given.
    pub fn exchanges(&self, of: Option<&HeaderMap>) -> Vec<Arc<Exchange>> {
        let record = self.record();
        let number = of.map(|headers| record.visitors.find(&Asked::by(headers)));
        let is_theirs = |exchange: &&Arc<Exchange>| match number {
            None => true,
            Some(number) => Some(exchange.visitor.number) == number,
        };
        record.ring.iter().filter(is_theirs).cloned().collect()
    }

    /// How many exchanges there were, those included that are no longer kept.
    pub fn total(&self) -> u64 {
        self.record().total
    }

    /// Where its page is.
    pub fn base(&self) -> &str {
        &self.path
    }

    /// Whether it shows values.
    pub fn veil(&self) -> Veil {
        self.veil
    }

    /// The rest of a path below its own, if it is.
    pub(crate) fn own_path<'a>(&self, request: &'a Request) -> Option<&'a str> {
        let rest = request.uri().path().strip_prefix(&*self.path)?;
        (rest.is_empty() || rest.starts_with('/')).then_some(rest)
    }

    pub(crate) fn note(&self, asked: &Asked, answered: &Answered<'_>) {
        // The numbers on the pages are in order, because they are given and told under one lock.
        let mut record = self.record();
        let exchange = record.note(asked, answered);
        // Nobody may be listening.
        let _ = self.shared().news.send(exchange);
    }

    /// What is remembered. A panic under the lock cannot leave it such that it harms, so poisoning is passed over.
    pub(crate) fn record(&self) -> MutexGuard<'_, Record> {
        self.shared().record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn shared(&self) -> &Shared {
        self.shared.get_or_init(|| Shared {
            record: Mutex::new(Record::new(self.veil, Ring::new(self.capacity, MOST_BYTES))),
            news: broadcast::Sender::new(MOST_WAITING),
        })
    }
}

impl Default for Inspector {
    fn default() -> Self {
        Self::new()
    }
}

/// Its settings, and nothing of what it has seen.
impl fmt::Debug for Inspector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inspector")
            .field("path", &self.path)
            .field("capacity", &self.capacity)
            .field("veil", &self.veil)
            .field("guard", &self.guard)
            .finish_non_exhaustive()
    }
}
