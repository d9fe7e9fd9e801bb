//! The session layer: its settings, and the service that it creates.

mod backend_settings;
mod check;
mod encrypted;
mod keys;
mod service;
mod settings;
mod signed;
mod stored;

use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use hardtack_core::Error;
use hardtack_core::cookie::SameSite;
use tower_layer::Layer;

use crate::config::{Clock, Config};
use crate::layer::settings::Settings;
use crate::marker::Main;
use crate::observe::{Metrics, SessionEvent};

pub use backend_settings::{AnyBackend, BackendSettings};
pub use encrypted::Encrypted;
pub use keys::{generate_secret, keys_from_env};
pub use service::SessionService;
pub use signed::Signed;
pub use stored::Stored;

/// Middleware that gives every request a [`Session`](crate::Session).
///
/// ```
/// # use hardtack_jar::Browser;
/// use axum::{Router, routing::get};
/// use hardtack::{MemoryStore, Session, SessionLayer};
///
/// async fn home(session: Session) -> String {
///     let visits = session.update("visits", |n: &mut u64| { *n += 1; *n });
///     format!("Visit number {visits}")
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sessions = SessionLayer::stored(MemoryStore::new());
/// let app: Router = Router::new().route("/", get(home)).layer(sessions);
/// # let browser = Browser::new(app);
/// # assert_eq!(browser.get("/").await?.text(), "Visit number 1");
/// # assert_eq!(browser.get("/").await?.text(), "Visit number 2");
/// # Ok(())
/// # }
/// ```
///
/// There are three kinds of session: [`signed`], [`encrypted`], and [`stored`]. They differ in where the data is
/// stored, but are used in the same way. A route that does not use the session does not pay for it: nothing is verified
/// or loaded, and no header is added. Only [`like_flask`](SessionLayer::like_flask) refreshes a permanent session on
/// every route, as Flask does.
///
/// # Defaults
///
/// The cookie is `__Host-session; Path=/; Secure; HttpOnly; SameSite=Lax` and lasts until the browser closes. With a
/// domain or another path, the default name is `__Secure-session`. The guide's page on
/// [defaults](crate::guide::defaults) gives the reason for each default.
///
/// # Naming the type
///
/// The type has two parameters: the backend and, if there are several sessions, the [marker](SessionLayer::named).
///
/// | type in a signature | accepts |
/// |---|---|
/// | `SessionLayer<Stored>` | the main session, in a store |
/// | `SessionLayer<Stored, Admin>` | the session with the marker `Admin`, in a store |
/// | `SessionLayer<impl BackendSettings>` | the main session, on any backend |
/// | `SessionLayer<AnyBackend>` | the main session, on a backend that [`into_any`](SessionLayer::into_any) has erased |
///
/// ```
/// use axum::{Router, routing::get};
/// use hardtack::{BackendSettings, MemoryStore, Session, SessionLayer};
///
/// fn app(sessions: SessionLayer<impl BackendSettings>) -> Router {
///     Router::new().route("/", get(async |session: Session| session.len().to_string())).layer(sessions)
/// }
///
/// let app = app(SessionLayer::stored(MemoryStore::new()));
/// # let _ = app;
/// ```
///
/// # Two layers around one handler
///
/// A layer and its clones share one session, even if a request passes through several of them, for instance on a nested
/// router and around the whole application. The outermost layer then saves the session and sends its cookie. To have
/// two sessions, use [`named`](SessionLayer::named) to give them different markers and cookie names.
///
/// Two *different* layers with the same marker are a mistake, and so are two layers with different markers but the same
/// cookie name. Such a mistake is only detected when a request passes through both layers. An error that names both
/// layers is then logged, and the extractor of the inner session responds with a 500 instead of calling the handler.
/// Otherwise, one layer could replace a session in which the other has stored a login or logout.
///
/// # Security
///
/// `SameSite=Lax` blocks most forged cross-site requests, but is not a sufficient defense by itself. Add the `csrf`
/// layer of `tower-http` outside this layer.
///
/// [`signed`]: SessionLayer::signed
/// [`encrypted`]: SessionLayer::encrypted
/// [`stored`]: SessionLayer::stored
#[must_use = "a layer does nothing until it is added to a service"]
pub struct SessionLayer<B, K = Main> {
    backend: B,
    settings: Settings,
    /// The checked settings, which are created once and shared by all services of this layer and its clones. A router
    /// creates one service per route.
    config: Arc<OnceLock<Result<Arc<Config>, Arc<Error>>>>,
    marker: PhantomData<fn() -> K>,
}

/// Settings that do not depend on the backend.
impl<B: BackendSettings, K: 'static> SessionLayer<B, K> {
    /// Makes this a separate session in the same application, with its own name and marker type. With the marker
    /// `Admin`, handlers take the session as `Session<Admin>`.
    ///
    /// The name is also the session's [purpose](SessionLayer::purpose), unless you set another. The cookie's default
    /// name is derived from the session's name. For the name `admin`, the cookie is `__Host-admin`, or `__Secure-admin`
    /// with a domain or another path, or `admin` with [`insecure_http`](SessionLayer::insecure_http)
    /// or [`like_flask`](SessionLayer::like_flask). [`cookie_name`](SessionLayer::cookie_name) sets any other name.
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use hardtack::{MemoryStore, Session, SessionLayer};
    ///
    /// struct Admin;
    ///
    /// async fn both(session: Session, admin: Session<Admin>) -> String {
    ///     format!("{:?} {:?}", session.user(), admin.user())
    /// }
    ///
    /// let admin = SessionLayer::stored(MemoryStore::new()).named::<Admin>("admin").check()?;
    /// let sessions = SessionLayer::stored(MemoryStore::new()).check()?;
    /// let app: Router = Router::new().route("/", get(both)).layer(admin).layer(sessions);
    /// # let _ = app;
    /// # Ok::<(), hardtack::Error>(())
    /// ```
    pub fn named<L: 'static>(mut self, name: impl AsRef<str>) -> SessionLayer<B, L> {
        self.settings.name = Some(name.as_ref().into());
        SessionLayer {
            backend: self.backend,
            settings: self.settings,
            config: Arc::default(),
            marker: PhantomData,
        }
    }

    /// Sets the purpose of the session. Default: the name passed to [`named`](SessionLayer::named), or else `session`.
    ///
    /// The purpose separates the sessions of two programs that share a secret or a store, such as one `DATABASE_URL`:
    /// neither program accepts the other's sessions. The purpose is part of the key of a stored session, of the
    /// encryption of an encrypted session, and of the salt of a signed session. It does not depend on the cookie's
    /// name. Changing the purpose logs out all users.
    ///
    /// ```
    /// use hardtack::{MemoryStore, SessionLayer};
    /// use std::sync::Arc;
    ///
    /// let store = Arc::new(MemoryStore::new());
    /// let shop = SessionLayer::stored(Arc::clone(&store)).purpose("shop").check()?;
    /// let blog = SessionLayer::stored(store).purpose("blog").check()?;
    /// # let _ = (shop, blog);
    /// # Ok::<(), hardtack::Error>(())
    /// ```
    pub fn purpose(self, purpose: impl AsRef<str>) -> Self {
        self.with(|settings| settings.purpose = Some(purpose.as_ref().into()))
    }

    /// Sets the cookie's name. If the name has a prefix such as `__Host-`, browsers require certain attributes, so it
    /// is an error if the other settings contradict the prefix.
    pub fn cookie_name(self, name: impl Into<String>) -> Self {
        self.with(|settings| settings.cookie_name = Some(name.into()))
    }

    /// Sends the cookie to all hosts under this domain. Default: only to the host that set it.
    ///
    /// A warning is logged at startup, because every host under the domain can then receive and set the session's
    /// cookie. A public suffix such as `com` is an error, because browsers refuse it. With the feature
    /// `public-suffixes`, the check uses the whole public suffix list, which includes `co.uk` and `github.io`. Without
    /// the feature, such a domain passes the check, but browsers refuse the cookie, which the inspector reports.
    pub fn domain(self, domain: impl Into<String>) -> Self {
        self.with(|settings| settings.domain = Some(domain.into()))
    }

    /// Sends the cookie only with requests under this path. Default: `/`. The path does not protect the cookie, because
    /// pages on the same host can read each other.
    pub fn path(self, path: impl Into<String>) -> Self {
        self.with(|settings| settings.path = path.into())
    }

    /// Also removes the cookie that an earlier deployment set with this domain and path, each time that the session's
    /// cookie is set or removed. This method can be called several times.
    ///
    /// Browsers treat cookies with the same name but different domains or paths as different cookies, and send all of
    /// them. If sessions are kept in cookies, the newest authentic cookie is used, so nothing is lost while both exist.
    /// The browser sends the older cookie until it expires.
    ///
    /// Without this setting, a logout cannot remove a session that is kept in the older cookie. If the browser sends
    /// both cookies, a logout replaces the newer one with an empty cookie that expires after the older one. While both
    /// exist, the cookie of a session in which no user is logged in is kept even after the browser closes. If the
    /// browser sends only the older cookie, that cookie remains.
    ///
    /// ```
    /// use hardtack::{MemoryStore, SessionLayer};
    ///
    /// let sessions = SessionLayer::stored(MemoryStore::new())
    ///     .domain("example.com")
    ///     .formerly(Some("www.example.com"), "/")
    ///     .check()?;
    /// # let _ = sessions;
    /// # Ok::<(), hardtack::Error>(())
    /// ```
    ///
    /// Flask reads only the first of several cookies with the same name, and so
    /// does [`like_flask`](SessionLayer::like_flask). Which cookie is first depends on the browser. With `like_flask`,
    /// therefore call `formerly` after every change of the cookie's domain or path.
    pub fn formerly(self, domain: Option<&str>, path: &str) -> Self {
        self.with(|settings| settings.former.push((domain.map(Into::into), path.into())))
    }

    /// Sets when the browser sends the cookie with requests from other sites. Default: `Lax`, which sends the cookie
    /// when the visitor follows a link, but not with form posts or requests by scripts.
    pub fn same_site(self, same_site: SameSite) -> Self {
        self.with(|settings| settings.same_site = Some(same_site))
    }

    /// Keeps a separate session for each site that embeds this one (CHIPS). This setting requires
    /// `same_site(SameSite::None)`, without which browsers do not send the cookie from an embedded page.
    pub fn partitioned(self) -> Self {
        self.with(|settings| settings.partitioned = true)
    }

    /// Allows plain HTTP, for development: drops `Secure` and the name's prefix, and logs a warning at startup.
    ///
    /// Browsers other than Safari accept `Secure` cookies from `http://localhost`, so a first program does not need
    /// this setting.
    ///
    /// # Security
    ///
    /// Anyone on the network path can take over the session.
    pub fn insecure_http(self) -> Self {
        self.with(|settings| settings.secure = false)
    }

    /// Sends the cookie over HTTPS only, like Flask's `SESSION_COOKIE_SECURE = True`. This is the default, except
    /// with [`like_flask`](SessionLayer::like_flask).
    pub fn secure(self) -> Self {
        self.with(|settings| settings.secure = true)
    }

    /// Lets scripts read the cookie, by dropping `HttpOnly`.
    ///
    /// # Security
    ///
    /// A script that an attacker injects into a page can steal the session.
    pub fn insecure_visible_to_scripts(self) -> Self {
        self.with(|settings| settings.http_only = false)
    }

    /// Sets the path of the login page. Visitors who are not logged in are redirected to it if they request a page that
    /// takes a [`User`](crate::User). Default: no login page; the response is a 401.
    ///
    /// The login page must be on this site. Its path starts at the root (`/admin/login` even if the layer is inside a
    /// nested router), and may have a query (`/login?lang=en`). The full path of the requested page is added to the
    /// query as `next`, which [`NextPath`](crate::NextPath) reads.
    #[cfg(feature = "axum08")]
    pub fn login_path(self, path: impl Into<Box<str>>) -> Self {
        self.with(|settings| settings.login_path = Some(path.into()))
    }

    /// Sets the clock by which sessions expire. Default: the system clock. Tests can pass a controllable clock.
    pub fn clock(self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.with(|settings| settings.clock = Clock::Given(Arc::new(now)))
    }

    /// Calls a function with each event of this layer's sessions, such as a login, a rejected cookie, or a store
    /// failure. Default: no function. This method can be called several times; the functions are called in the order in
    /// which they were added.
    ///
    /// The function is called when the outcome that the event reports is final and, for a stored session, acknowledged
    /// by the store. No lock is held during the call. The request waits for the function, so send slow work to another
    /// task through a channel. Do not spawn tasks in the function: the events of a canceled request are reported on the
    /// thread that drops the request, perhaps without a runtime. If the function panics, the panic is logged, and the
    /// request continues.
    ///
    /// If the function causes events itself, by using a session, these events are counted and logged, but not passed to
    /// any function. Otherwise, each event could cause the next one without end.
    ///
    /// ```
    /// # use hardtack_jar::Browser;
    /// # use axum::{Router, routing::get};
    /// # use std::sync::mpsc;
    /// use hardtack::{EventKind, MemoryStore, Session, SessionLayer};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (sender, logins) = mpsc::channel();
    /// let sessions = SessionLayer::stored(MemoryStore::new()).on_event(move |event| {
    ///     if let EventKind::LoggedIn { user, .. } = event.kind() {
    ///         let _ = sender.send(user.as_str().to_owned()); // to a task that sends an email
    ///     }
    /// });
    /// # let app: Router = Router::new().route("/", get(async |session: Session| session.log_in("jane"))).layer(sessions);
    /// # Browser::new(app).get("/").await?;
    /// # assert_eq!(logins.try_iter().collect::<Vec<_>>(), ["jane"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Security
    ///
    /// An event contains neither a session id nor a value. The events of a login, a logout, a list of devices, or a
    /// revocation name the user, but `Debug` redacts the name.
    pub fn on_event(self, subscriber: impl Fn(&SessionEvent<'_>) + Send + Sync + 'static) -> Self {
        self.with(|settings| settings.subscribers.add(subscriber))
    }

    /// Checks the settings now instead of when the layer is added to a service, and logs warnings.
    ///
    /// Settings that can never work, or that contradict each other, are errors: names and attributes that browsers
    /// refuse, durations under a second, and an idle timeout longer than the absolute timeout. Settings that do less
    /// than they seem to are warnings: a domain, cookies over plain HTTP, and durations beyond the 400 days for which
    /// browsers keep a cookie. A mistake that involves several layers, such as two layers with the same cookie name, is
    /// reported at the first request that passes through them.
    ///
    /// ```
    /// use hardtack::{MemoryStore, SessionLayer};
    ///
    /// let wrong = SessionLayer::stored(MemoryStore::new()).cookie_name("__Host-a").path("/shop").check();
    /// assert!(wrong.unwrap_err().to_string().contains("Path=/"));
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error that names the mistake and the fix. If `check` is not called, the error is logged, and every
    /// request that uses the session gets a 500.
    pub fn check(self) -> Result<Self, Error> {
        let config = self.prepare()?;
        // If a clone has already been used, its config is kept, and the warnings have already been logged.
        self.config.get_or_init(|| {
            self.log_warnings();
            Ok(Arc::new(config))
        });
        Ok(self)
    }

    /// Returns the counters of this layer's events so far. Clones of the layer share these counters.
    pub fn metrics(&self) -> Metrics {
        self.config().map(|config| config.metrics()).unwrap_or_default()
    }

    /// Erases the type of the backend, for a program that chooses its backend at run time. Before you call this method,
    /// apply the settings that only the current backend has.
    pub fn into_any(self) -> SessionLayer<AnyBackend, K> {
        SessionLayer {
            backend: AnyBackend::new(self.backend),
            settings: self.settings,
            config: self.config,
            marker: PhantomData,
        }
    }

    fn new(backend: B) -> Self {
        Self { backend, settings: Settings::default(), config: Arc::default(), marker: PhantomData }
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        // A clone may already have created the config, from the old settings.
        self.config = Arc::default();
        self
    }

    fn with_backend(mut self, change: impl FnOnce(&mut B)) -> Self {
        change(&mut self.backend);
        self.config = Arc::default();
        self
    }

    fn config(&self) -> Result<Arc<Config>, Arc<Error>> {
        self.config
            .get_or_init(|| {
                self.log_warnings();
                self.prepare().map(Arc::new).map_err(|error| {
                    tracing::error!(
                        %error,
                        "the session layer is misconfigured; every request that uses it gets a 500"
                    );
                    Arc::new(error)
                })
            })
            .clone()
    }

    fn log_warnings(&self) {
        for warning in check::warnings(&self.settings, &self.backend) {
            tracing::warn!("{warning}");
        }
    }

    fn prepare(&self) -> Result<Config, Error> {
        check::check(&self.settings, &self.backend)?;
        let config = self.settings.prepare(&self.backend, type_name::<K>())?;
        check::size(&config)?;
        Ok(config)
    }
}

impl<S, B: BackendSettings, K: 'static> Layer<S> for SessionLayer<B, K> {
    type Service = SessionService<S, K>;

    fn layer(&self, inner: S) -> Self::Service {
        SessionService { inner, config: self.config(), marker: PhantomData }
    }
}

impl<B: Clone, K> Clone for SessionLayer<B, K> {
    fn clone(&self) -> Self {
        Self {
            backend: self.backend.clone(),
            settings: self.settings.clone(),
            config: Arc::clone(&self.config),
            marker: PhantomData,
        }
    }
}

impl<B: BackendSettings, K> fmt::Debug for SessionLayer<B, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLayer")
            .field("backend", &self.backend)
            .field("marker", &type_name::<K>())
            .finish_non_exhaustive()
    }
}
