//! Visits with closures as handlers, and a spy store.

use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use hardtack::protocol::Content;
use hardtack::store::StoreError;
use hardtack::{AnyBackend, BackendSettings, Key, KeyRing, MemoryStore, Session, SessionLayer};
use hardtack_conformance::spy::{self, Answer, Call, Hook};
use hardtack_jar::{Browser, BrowserPage};
use http::{Request, StatusCode, header};
use tokio::sync::Semaphore;
use tracing::field::Field;
use tracing::subscriber::DefaultGuard;
use tracing::{Level, Subscriber, span};

use crate::observed::{self, Check};

/// Returns the three kinds of session, each with its name.
pub(crate) fn kinds() -> [(&'static str, SessionLayer<AnyBackend>); 3] {
    [
        ("signed", observed::signed(keys()).into_any()),
        ("encrypted", observed::encrypted(keys()).into_any()),
        ("stored", observed::stored(MemoryStore::new()).into_any()),
    ]
}

/// Returns the three kinds with sessions of the given lifetime.
pub(crate) fn kinds_lasting(age: Duration) -> [(&'static str, SessionLayer<AnyBackend>); 3] {
    let stored = observed::stored(MemoryStore::new());
    [
        ("signed", observed::signed(keys()).max_age(age).into_any()),
        ("encrypted", observed::encrypted(keys()).max_age(age).into_any()),
        ("stored", stored.idle_timeout(age).absolute_timeout(age).into_any()),
    ]
}

pub(crate) fn keys() -> KeyRing {
    KeyRing::new(Key::new("a secret of more than sixteen bytes").unwrap())
}

/// Returns a browser whose requests are closures. It does not visit an application.
pub(crate) fn browser() -> Browser {
    Browser::new(Router::new())
}

/// Returns the session cookie as the browser stores it.
pub(crate) fn session_cookie(browser: &Browser) -> Option<String> {
    browser.cookie("__Host-session")
}

/// A response, and the result of the handler.
pub(crate) struct Reply<T> {
    pub(crate) page: BrowserPage,
    pub(crate) value: Option<T>,
}

/// Requests with closures as handlers.
pub(crate) trait Visits {
    /// Sends a request, and stores the cookie in the response.
    async fn visit<B, K, T, F, Fut>(&self, layer: &SessionLayer<B, K>, handler: F) -> Reply<T>
    where
        B: BackendSettings,
        K: Send + Sync + 'static,
        T: Send,
        F: FnOnce(Session<K>) -> Fut + Send,
        Fut: Future<Output = T> + Send;

    /// Sends a request whose response the browser has not processed yet.
    async fn late<B, K, T, F, Fut>(&self, layer: &SessionLayer<B, K>, handler: F) -> Reply<T>
    where
        B: BackendSettings,
        K: Send + Sync + 'static,
        T: Send,
        F: FnOnce(Session<K>) -> Fut + Send,
        Fut: Future<Output = T> + Send;

    /// Processes a late response.
    fn take<T>(&self, reply: &Reply<T>);
}

impl Visits for Browser {
    async fn visit<B, K, T, F, Fut>(&self, layer: &SessionLayer<B, K>, handler: F) -> Reply<T>
    where
        B: BackendSettings,
        K: Send + Sync + 'static,
        T: Send,
        F: FnOnce(Session<K>) -> Fut + Send,
        Fut: Future<Output = T> + Send,
    {
        let check = Check::begin(layer);
        let (page, value) = self.try_within(layer, handler).await.unwrap();
        check.end(layer);
        Reply { page, value }
    }

    async fn late<B, K, T, F, Fut>(&self, layer: &SessionLayer<B, K>, handler: F) -> Reply<T>
    where
        B: BackendSettings,
        K: Send + Sync + 'static,
        T: Send,
        F: FnOnce(Session<K>) -> Fut + Send,
        Fut: Future<Output = T> + Send,
    {
        self.thief().visit(layer, handler).await
    }

    fn take<T>(&self, reply: &Reply<T>) {
        for line in reply.page.set_cookies() {
            self.set_cookie(line).unwrap();
        }
    }
}

/// Returns an application with one page, whose handler responds with the given status.
pub(crate) fn answering(
    status: StatusCode,
    layer: &SessionLayer<impl BackendSettings>,
    handler: fn(Session),
) -> Router {
    let page = async move |session: Session| {
        handler(session);
        status
    };
    Router::new().route("/", get(page)).layer(layer.clone())
}

/// Returns the value of `a` for a client that sends exactly these cookies, whether or not a browser would store them.
pub(crate) async fn seen_with(
    cookies: &str,
    layer: &SessionLayer<impl BackendSettings>,
) -> (StatusCode, String) {
    let look = async |session: Session| format!("{:?}", session.get::<i64>("a"));
    let app: Router = Router::new().route("/", get(look)).layer(layer.clone());
    let request = Request::get("/").header(header::COOKIE, cookies).body("").unwrap();
    let page = Browser::new(app).send(request).await.unwrap();
    (page.status(), page.text())
}

/// A store that counts its calls, and can be made to fail.
pub(crate) type Spy = spy::Spy<MemoryStore, Watch>;

/// The state of the spy.
#[derive(Clone)]
pub(crate) struct Watch {
    calls: Arc<AtomicU64>,
    broken: Arc<AtomicBool>,
    /// Whether decoding a damaged record fails.
    undecoded: Arc<AtomicBool>,
    held: Arc<AtomicBool>,
    /// A permit for each write that arrived while writes were held.
    arrived: Arc<Semaphore>,
    released: Arc<Semaphore>,
}

impl Default for Watch {
    fn default() -> Self {
        let closed = || Arc::new(Semaphore::new(0));
        Self {
            calls: Arc::default(),
            broken: Arc::default(),
            undecoded: Arc::default(),
            held: Arc::default(),
            arrived: closed(),
            released: closed(),
        }
    }
}

impl Watch {
    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    pub(crate) fn break_down(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    /// Makes the store fail to decode a record whose data is not a session, as if a row had different columns.
    pub(crate) fn break_records(&self, broken: bool) {
        self.undecoded.store(broken, Ordering::SeqCst);
    }

    /// Holds all writes until they are [released](Self::release).
    pub(crate) fn hold(&self) {
        self.held.store(true, Ordering::SeqCst);
    }

    /// Waits until a write is held.
    pub(crate) async fn holds_one(&self) {
        self.arrived.acquire().await.unwrap().forget();
    }

    pub(crate) fn release(&self) {
        self.held.store(false, Ordering::SeqCst);
        self.released.add_permits(1);
    }
}

impl Hook<MemoryStore> for Watch {
    async fn answer(&self, store: &MemoryStore, call: Call) -> Result<Answer, StoreError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.broken.load(Ordering::SeqCst) {
            return Err(StoreError::new("being a test", "told to fail"));
        }
        let writes = matches!(call, Call::Create { .. } | Call::Replace { .. });
        if writes && self.held.load(Ordering::SeqCst) {
            self.arrived.add_permits(1);
            self.released.acquire().await.unwrap().forget();
        }
        match call.make(store).await? {
            Answer::Loaded(Some(stored))
                if self.undecoded.load(Ordering::SeqCst)
                    && Content::from_data(&stored.record.data).is_err() =>
            {
                Err(StoreError::unreadable("a column is missing"))
            }
            answer => Ok(answer),
        }
    }
}

/// A capture of what is logged on this thread, until the capture is dropped.
pub(crate) struct Logs {
    lines: Arc<Mutex<Vec<String>>>,
    _guard: DefaultGuard,
}

impl Logs {
    pub(crate) fn capture() -> Self {
        let lines = Arc::default();
        let guard = tracing::subscriber::set_default(Capture(Arc::clone(&lines)));
        Self { lines, _guard: guard }
    }

    /// Returns the lines with this level that contain `text`.
    pub(crate) fn with(&self, level: Level, text: &str) -> Vec<String> {
        let lines = self.lines.lock().unwrap();
        let head = format!("{level} ");
        lines.iter().filter(|line| line.starts_with(&head) && line.contains(text)).cloned().collect()
    }
}

struct Capture(Arc<Mutex<Vec<String>>>);

impl Subscriber for Capture {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = format!("{} ", event.metadata().level());
        event.record(&mut |field: &Field, value: &dyn std::fmt::Debug| {
            line.push_str(&format!("{field}={value:?} "));
        });
        self.0.lock().unwrap().push(line);
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}
