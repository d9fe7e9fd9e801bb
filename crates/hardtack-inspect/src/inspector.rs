use std::fmt;
use std::sync::{Arc, Once, OnceLock};
use std::time::SystemTime;

use axum::extract::Request;
use axum::http::HeaderMap;

use crate::access::{PeerPolicy, Token, without_token};
use crate::exchanges::{Exchange, RequestHead};
use crate::pages::JarView;
use crate::redact::Redaction;
use crate::state::SharedState;

/// A layer that records the cookies and sessions of an application, and shows them on a page of its own.
///
/// Add the inspector last, so that it is outside the session layer.
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
/// The page is at `/inspect`. To open it, use the URL that [`address`](Inspector::address) returns, which contains the
/// token. The first inspector in a process also logs this URL, without the host, through `tracing` at the level `info`.
///
/// Serve the application with `app.into_make_service_with_connect_info::<SocketAddr>()`, so that the inspector can see
/// the address of the peer that requests its page.
///
/// Clones of an inspector share the same state.
///
/// # Security
///
/// The inspector is for development. A production application must not have a page that shows its visitors' data. Put
/// the inspector behind a Cargo feature of your application, so that a release build does not contain it.
///
/// By default the inspector stores no values, only their kinds and lengths. It answers only requests that contain its
/// token, because a request that comes through a proxy or a forwarded port, or from another user of this machine, can
/// look like one of yours. The token consists of 256 random bits, and is different each time the process starts, unless
/// you set a fixed token with [`token`](Inspector::token). In addition, the inspector answers only loopback peers. It
/// takes the peer's address from the server's socket, and never from a header.
#[derive(Clone)]
pub struct Inspector {
    path: Arc<str>,
    capacity: usize,
    redaction: Redaction,
    pub(crate) peer_policy: PeerPolicy,
    pub(crate) token: Token,
    /// The state is created on first use, when the settings are final.
    state: Arc<OnceLock<SharedState>>,
}

const DEFAULT_PATH: &str = "/inspect";

impl Inspector {
    /// Creates an inspector with its page at `/inspect`. It stores the last 1,000 exchanges and no values, and answers
    /// loopback peers that send the token.
    ///
    /// # Panics
    ///
    /// Panics if the operating system has no random number generator.
    #[must_use]
    pub fn new() -> Self {
        Self {
            path: DEFAULT_PATH.into(),
            capacity: 1000,
            redaction: Redaction::All,
            peer_policy: PeerPolicy::Loopback,
            token: Token::of_process(),
            state: Arc::default(),
        }
    }

    /// Sets the path of the inspector's page. The default is `/inspect`. The root belongs to the application, so `/`
    /// also selects the default. Requests for the inspector's path, and for all paths below it, do not reach the
    /// application.
    #[must_use]
    pub fn path(self, path: &str) -> Self {
        let path = match path.trim_matches('/') {
            "" => DEFAULT_PATH.into(),
            path => format!("/{path}").into(),
        };
        Self { path, state: Arc::default(), ..self }
    }

    /// Sets how many exchanges are stored. The default is 1,000. Regardless of this number, the stored exchanges take
    /// at most 32 MiB.
    #[must_use]
    pub fn capacity(self, exchanges: usize) -> Self {
        Self { capacity: exchanges.max(1), state: Arc::default(), ..self }
    }

    /// Also shows the values of cookies and sessions, and those in paths and queries.
    ///
    /// Even with this setting, the inspector stores only the first eight characters of session ids, encrypted tokens,
    /// and signatures.
    ///
    /// # Security
    ///
    /// Everyone who sees the page sees what visitors have entered. Without this setting, no value is stored at all.
    #[must_use]
    pub fn show_values(self) -> Self {
        Self { redaction: Redaction::Secrets, state: Arc::default(), ..self }
    }

    /// Sets the token, so that the address stays the same when the application restarts. A token has 16 to 128 letters,
    /// digits, `-`, or `_`. With any other token, the inspector denies every request for its pages, and the response
    /// states the reason.
    ///
    /// # Security
    ///
    /// Use a random token, and keep it out of the source code: for example, read it from an environment variable.
    #[must_use]
    pub fn token(self, token: &str) -> Self {
        Self { token: Token::new(token), state: Arc::default(), ..self }
    }

    /// Also answers requests from other machines.
    ///
    /// # Security
    ///
    /// Everyone who learns the token sees who visits the application and how it uses their sessions. Without HTTPS,
    /// others on the network can read the token in transit.
    #[must_use]
    pub fn insecure_allow_remote_peers(self) -> Self {
        Self { peer_policy: PeerPolicy::All, state: Arc::default(), ..self }
    }

    /// Returns the stored exchanges, newest first. If headers are given, returns only the exchanges of the browser that
    /// sent them, or none if the headers do not identify a known browser.
    pub fn exchanges(&self, of: Option<&HeaderMap>) -> Vec<Arc<Exchange>> {
        let state = self.state().lock();
        let number = of.map(|headers| state.visitors.find(&RequestHead::from_headers(headers)));
        let is_selected = |exchange: &&Arc<Exchange>| match number {
            None => true,
            Some(number) => Some(exchange.visitor.number) == number,
        };
        state.exchanges.iter().filter(is_selected).cloned().collect()
    }

    /// Returns the cookie jar of the browser that sent the given headers, reconstructed from the application's
    /// responses. Returns `None` if the headers do not identify a known browser.
    pub fn jar_of(&self, headers: &HeaderMap) -> Option<JarView> {
        let state = self.state().lock();
        let visitor = state.visitors.get(state.visitors.find(&RequestHead::from_headers(headers))?)?;
        Some(JarView::new(visitor, &state.redactor, SystemTime::now()))
    }

    /// Returns the number of all exchanges, including those that are no longer stored.
    pub fn total(&self) -> u64 {
        self.state().lock().total
    }

    /// Returns the path of the inspector's page.
    pub fn base(&self) -> &str {
        &self.path
    }

    /// Returns the address of the inspector's page, including the token that grants access. Print it when the
    /// application starts. `origin` is the application's origin, such as `http://localhost:3000`.
    ///
    /// When the browser opens this URL, the inspector stores the token in a cookie and redirects to the URL without it.
    ///
    /// ```
    /// let inspector = hardtack_inspect::Inspector::new().token("0123456789abcdef");
    /// let address = inspector.address("http://localhost:3000");
    /// assert_eq!(address, "http://localhost:3000/inspect?token=0123456789abcdef");
    /// ```
    ///
    /// # Security
    ///
    /// Anyone who has the address has access. Print it to your terminal, and never put it in a page.
    pub fn address(&self, origin: &str) -> String {
        format!("{}{}?token={}", origin.trim_end_matches('/'), self.path, self.token.as_str())
    }

    /// Returns the path and query, including the token, that open the requested page of the inspector. Returns `None`
    /// if the request is not for one of the inspector's pages, already contains the token, comes from another site, or
    /// is denied by the check of the peer.
    ///
    /// Use this method in demonstrations, whose visitors open the inspector without reading what the program printed:
    /// redirect their requests to the returned path.
    ///
    /// # Security
    ///
    /// Such a redirect defeats the purpose of the token. It grants access to every user of this machine, and to
    /// everyone whose requests come through a proxy on this machine that adds no header.
    pub fn insecure_address_for(&self, request: &Request) -> Option<String> {
        self.own_path(request)?;
        let is_linked = request.headers().get("sec-fetch-site").is_some_and(|site| site == "cross-site");
        if is_linked || self.peer_policy.check(request).is_err() || self.token.check(request).is_ok() {
            return None;
        }
        let address = without_token(request);
        let separator = if address.contains('?') { '&' } else { '?' };
        Some(format!("{address}{separator}token={}", self.token.as_str()))
    }

    /// Logs the address, for applications that do not print it. Only the first call in a process logs it, because a
    /// router applies a layer once for each of its routes.
    pub(crate) fn log_address(&self) {
        static LOGGED: Once = Once::new();
        LOGGED.call_once(|| {
            tracing::info!(address = self.address(""), "the inspector opens at this address");
        });
    }

    /// Returns whether and how values are redacted.
    pub fn redaction(&self) -> Redaction {
        self.redaction
    }

    /// Returns the rest of the request's path after the inspector's path, or `None` if the request is not for the
    /// inspector.
    pub(crate) fn own_path<'a>(&self, request: &'a Request) -> Option<&'a str> {
        let rest = request.uri().path().strip_prefix(&*self.path)?;
        (rest.is_empty() || rest.starts_with('/')).then_some(rest)
    }

    pub(crate) fn state(&self) -> &SharedState {
        self.state.get_or_init(|| SharedState::new(self.redaction, self.capacity))
    }
}

impl Default for Inspector {
    fn default() -> Self {
        Self::new()
    }
}

/// Formats the settings, but no recorded data.
impl fmt::Debug for Inspector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inspector")
            .field("path", &self.path)
            .field("capacity", &self.capacity)
            .field("redaction", &self.redaction)
            .field("peer_policy", &self.peer_policy)
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}
