use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, Once, OnceLock, PoisonError};

use axum::extract::Request;
use axum::http::HeaderMap;
use tokio::sync::broadcast;

use crate::asked::Asked;
use crate::exchange::Exchange;
use crate::guard::Guard;
use crate::record::{Answered, Record};
use crate::ring::Ring;
use crate::token::{Token, without_token};
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
/// let inspector = Inspector::new();
/// println!("The inspector: {}", inspector.address("http://localhost:3000"));
/// let app: Router = Router::new()
///     .route("/", get(home))
///     .layer(SessionLayer::stored(MemoryStore::new()))
///     .layer(inspector);
/// # let _ = app;
/// ```
///
/// Its page is at `/inspect`, and opens with the token in the address that [`address`](Inspector::address) returns. The
/// same address, without the host, is logged by `tracing` at the level `info` for the first inspector of a process.
///
/// Serve the application by `app.into_make_service_with_connect_info::<SocketAddr>()`, so that the inspector knows who
/// asks for its page.
///
/// Clones are the same inspector.
///
/// # Security
///
/// It is for development: an application in service has no page that shows what its visitors hold. Unless told
/// otherwise it keeps no value, but only kinds and lengths. It answers only a browser that brings its token, since a
/// request through a proxy, a forwarded port, or from another user of this machine may look like one of yours. The token
/// is 256 random bits, new with every start of the process; [`token`](Inspector::token) sets another one. Besides that
/// it answers to loopback peers alone, by the server's own socket and not by what a header says. Leave it out of what
/// you ship by a feature of your own.
#[derive(Clone)]
pub struct Inspector {
    path: Arc<str>,
    capacity: usize,
    veil: Veil,
    pub(crate) guard: Guard,
    pub(crate) token: Token,
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
    /// With its page at `/inspect`, the last 1,000 exchanges kept, no values, for loopback peers with the token.
    ///
    /// # Panics
    ///
    /// If the operating system has no random generator.
    #[must_use]
    pub fn new() -> Self {
        Self {
            path: PATH.into(),
            capacity: 1000,
            veil: Veil::Drawn,
            guard: Guard::Loopback,
            token: Token::of_process(),
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

    /// Sets the token, for an address that stays the same when the application starts again: 16 to 128 letters, digits,
    /// `-`, or `_`. With any other one the inspector answers nobody, and says why.
    ///
    /// # Security
    ///
    /// Use a random one, and keep it out of the source: for example, read it from an environment variable of yours.
    #[must_use]
    pub fn token(self, token: &str) -> Self {
        Self { token: Token::new(token), shared: Arc::default(), ..self }
    }

    /// Answers requests from other machines too.
    ///
    /// # Security
    ///
    /// Everybody who learns the token sees who visits the application and what it does with their sessions. Without
    /// https the token can be read on its way.
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

    /// The address of its page with the token, which lets a browser in: print it when the application starts. `origin` is
    /// the application's, as `http://localhost:3000`.
    ///
    /// The first page stores the token in a cookie for the inspector's pages, and removes it from the address.
    ///
    /// ```
    /// let inspector = hardtack_inspect::Inspector::new().token("0123456789abcdef");
    /// let address = inspector.address("http://localhost:3000");
    /// assert_eq!(address, "http://localhost:3000/inspect?token=0123456789abcdef");
    /// ```
    ///
    /// # Security
    ///
    /// Anyone who has it can look, so it belongs on your screen and not in a page.
    pub fn address(&self, origin: &str) -> String {
        format!("{}{}?token={}", origin.trim_end_matches('/'), self.path, self.token.as_str())
    }

    /// The path that lets in the browser that sent this request for one of the inspector's pages, token included. `None` if the
    /// request is for another page, has the token already, comes by a link on another site, or is refused for another
    /// reason than the missing token.
    ///
    /// It is for demonstrations, whose visitors find the inspector without reading what the program printed: redirect
    /// there.
    ///
    /// # Security
    ///
    /// It undoes what the token is for. Every user of this machine, and everybody behind a proxy on it that adds no
    /// header, is let in.
    pub fn insecure_address_for(&self, request: &Request) -> Option<String> {
        self.own_path(request)?;
        let is_linked = request.headers().get("sec-fetch-site").is_some_and(|site| site == "cross-site");
        if is_linked || self.guard.check(request).is_err() || self.token.check(request).is_ok() {
            return None;
        }
        let address = without_token(request);
        let separator = if address.contains('?') { '&' } else { '?' };
        Some(format!("{address}{separator}token={}", self.token.as_str()))
    }

    /// Logs the address, for an application that prints none: once in a process, since a router takes a layer once for
    /// each of its routes.
    pub(crate) fn log_address(&self) {
        static LOGGED: Once = Once::new();
        LOGGED.call_once(|| {
            tracing::info!(address = self.address(""), "the inspector opens at this address");
        });
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
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}
