//! Builds the layer: its settings, and the service it makes.

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
use crate::observe::Counts;

pub use backend_settings::{AnyBackend, BackendSettings};
pub use encrypted::Encrypted;
pub use keys::{generate_secret, keys_from_env};
pub use service::SessionService;
pub use signed::Signed;
pub use stored::Stored;

/// Gives every request of a service a [`Session`](crate::Session).
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
/// There are three kinds, which differ in where the data lies and not in how it is used: [`signed`], [`encrypted`] and
/// [`stored`]. A route that takes no session pays nothing for it: nothing is verified or loaded, and no header is added.
///
/// # Defaults
///
/// The cookie is `__Host-session; Path=/; Secure; HttpOnly; SameSite=Lax` and lives as long as the browser runs. With a
/// domain or another path its default name becomes `__Secure-session`. The guide has each of them
/// with its reason.
///
/// # Two layers around one handler
///
/// A layer and its clones are one session, however often a request passes them, for instance on a nested router and
/// again around the whole application: the outermost one saves it and sends its cookie. Two sessions need a marker and a
/// cookie name each, by [`named`](SessionLayer::named). Two *different* layers with one marker, or two markers with one
/// cookie name, are a mistake that only a request can show. The log then has an error that names both, and a handler that
/// takes the inner session is answered with a 500, so that no login or logout is kept in a session that the other layer
/// replaces.
///
/// # Security
///
/// `SameSite=Lax` keeps most forged cross-site requests away, but is no defence by itself: put `tower-http`'s `csrf`
/// layer outside this one.
///
/// [`signed`]: SessionLayer::signed
/// [`encrypted`]: SessionLayer::encrypted
/// [`stored`]: SessionLayer::stored
#[must_use = "a layer does nothing until it is added to a service"]
pub struct SessionLayer<B, K = Main> {
    backend: B,
    settings: Settings,
    /// Made once, and shared by all services that this layer and its clones make: a router asks for one per route.
    config: Arc<OnceLock<Result<Arc<Config>, Arc<Error>>>>,
    marker: PhantomData<fn() -> K>,
}

/// Settings of every backend.
impl<B: BackendSettings, K: 'static> SessionLayer<B, K> {
    /// Makes this another session of the same application, with a name and a marker type of its own: handlers take it as
    /// `Session<Admin>`.
    ///
    /// The name is its [purpose](SessionLayer::purpose), unless another is given. The cookie is called after it as the main
    /// one is after `session`: here `__Host-admin`, `__Secure-admin` with a domain or another path, and `admin` with
    /// [`insecure_http`](SessionLayer::insecure_http) or [`like_flask`](SessionLayer::like_flask).
    /// [`cookie_name`](SessionLayer::cookie_name) gives it any other name.
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

    /// What this session is for. By default it is the name given to [`named`](SessionLayer::named), or else `session`.
    ///
    /// Two programs that share a store or a secret, such as one `DATABASE_URL`, are kept apart by it: the sessions of one
    /// are unknown to the other. It goes into the key of a stored session, the seal of an encrypted one, and the salt of a
    /// signed one. It does not change with the cookie's name; when it changes itself, everyone is logged out.
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

    /// The cookie's name. A prefix such as `__Host-` is a promise to the browser, and refused where the other
    /// attributes break it.
    pub fn cookie_name(self, name: impl Into<String>) -> Self {
        self.with(|settings| settings.cookie_name = Some(name.into()))
    }

    /// Sends the cookie to all hosts under this domain. Default: to this host alone.
    ///
    /// The log has a warning at start, because every host under the domain can then read and set the session. A public
    /// suffix such as `com` is an error, since browsers refuse it. With the feature `public-suffixes` the whole list is
    /// known, with `co.uk` and `github.io`; without it a browser drops such a cookie, which the inspector shows.
    pub fn domain(self, domain: impl Into<String>) -> Self {
        self.with(|settings| settings.domain = Some(domain.into()))
    }

    /// Sends the cookie only with requests under this path. Default `/`. It is a convenience and no protection: pages
    /// of one host can read each other.
    pub fn path(self, path: impl Into<String>) -> Self {
        self.with(|settings| settings.path = path.into())
    }

    /// Names a domain and path that the cookie had in an earlier deployment, so that the one from before is removed
    /// wherever a cookie is set or removed. May be called several times.
    ///
    /// To a browser, cookies of one name with different domains or paths are different cookies, and it sends them all. Of
    /// several genuine ones the newest counts, so nothing is lost while both are there; but the older one is sent until it
    /// expires. Without this setting a logout cannot remove a session kept in the older cookie. Where the browser
    /// sent both, the logout leaves an empty newer one in its place, which expires after the older one does; until then, a
    /// session in which nobody is logged in stays when the browser ends. Where the browser sent the older one alone,
    /// that one stays.
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
    /// Flask looks at the first cookie of a name only, and so does [`like_flask`](SessionLayer::like_flask): which one that
    /// is depends on the browser, so name the earlier attributes there.
    pub fn formerly(self, domain: Option<&str>, path: &str) -> Self {
        self.with(|settings| settings.former.push((domain.map(Into::into), path.into())))
    }

    /// When the cookie goes with requests from other sites. Default `Lax`: with links, not with forms or scripts.
    pub fn same_site(self, same_site: SameSite) -> Self {
        self.with(|settings| settings.same_site = Some(same_site))
    }

    /// Keeps one session per embedding site (CHIPS). Needs `same_site(SameSite::None)`, without which the cookie is not
    /// sent from an embedded page.
    pub fn partitioned(self) -> Self {
        self.with(|settings| settings.partitioned = true)
    }

    /// For development over plain http: drops `Secure` and the name's prefix, and warns at start.
    ///
    /// Browsers other than Safari keep `Secure` cookies from `http://localhost`, so that a first program does without.
    ///
    /// # Security
    ///
    /// Everyone on the way can take the session over.
    pub fn insecure_http(self) -> Self {
        self.with(|settings| settings.secure = false)
    }

    /// Flask's `SESSION_COOKIE_SECURE = True`: sends the cookie over https only. The default but for
    /// [`like_flask`](SessionLayer::like_flask).
    pub fn secure(self) -> Self {
        self.with(|settings| settings.secure = true)
    }

    /// Lets scripts read the cookie: drops `HttpOnly`.
    ///
    /// # Security
    ///
    /// A script that an attacker smuggles into one page takes the session with it.
    pub fn insecure_visible_to_scripts(self) -> Self {
        self.with(|settings| settings.http_only = false)
    }

    /// Where a visitor who is not logged in and asks for a page with a [`User`](crate::User) is sent to log in. Default:
    /// nowhere, 401.
    ///
    /// It is a path of this site, from the root (`/admin/login` also where the layer is inside a nested router), and may
    /// have a query (`/login?lang=en`). The page that the visitor asked for is added as `next`, whole, for
    /// [`NextPath`](crate::NextPath) to read.
    pub fn login_path(self, path: impl Into<Box<str>>) -> Self {
        self.with(|settings| settings.login_path = Some(path.into()))
    }

    /// The clock by which every expiry is judged. Default the system's; tests bring one that they can turn.
    pub fn clock(self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.with(|settings| settings.clock = Clock::Given(Arc::new(now)))
    }

    /// Checks the settings at start rather than with the first request, and logs what is worth a warning.
    ///
    /// What can never work, or contradicts another setting, is an error: names and attributes that browsers refuse, times
    /// under a second, an idle timeout beyond the absolute one. What works less well than it seems is a warning: a
    /// domain, cookies over plain http, more than the 400 days for which browsers keep a cookie. What no layer can see by
    /// itself, such as two layers with one cookie name, is reported by the first request that meets it.
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
    /// A sentence that names what contradicts what, and the fix. Without this call it is in the log, beside a 500 for
    /// every request that takes the session.
    pub fn check(self) -> Result<Self, Error> {
        self.settings.prepare(&self.backend)?;
        // Its warnings are logged now, and once.
        let _ = self.config();
        Ok(self)
    }

    /// What has happened to this layer's sessions so far. Its clones count together.
    pub fn counts(&self) -> Counts {
        self.config().map(|config| config.tally.counts()).unwrap_or_default()
    }

    /// Forgets which backend it is, for a program that chooses one at run time. Settings that only that backend has must
    /// be set before.
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
        // What a clone has already made was made of other settings.
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
                for warning in check::warnings(&self.settings, &self.backend) {
                    tracing::warn!("{warning}");
                }
                self.settings.prepare(&self.backend).map(Arc::new).map_err(|error| {
                    tracing::error!(%error, "the session layer is not set up right; every use of it is answered 500");
                    Arc::new(error)
                })
            })
            .clone()
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

impl<B, K> fmt::Debug for SessionLayer<B, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLayer")
            .field("backend", &type_name::<B>())
            .field("marker", &type_name::<K>())
            .finish_non_exhaustive()
    }
}
