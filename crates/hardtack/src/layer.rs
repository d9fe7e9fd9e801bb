use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use hardtack_core::Error;
use hardtack_core::cookie::SameSite;
use hardtack_core::crypto::{Compression, KeyRing, Signing};
use hardtack_core::session::{Lifetime, Purpose};
use hardtack_core::store::{GroupCommit, SessionStore};
use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use crate::checks;
use crate::clock::Clock;
use crate::config::{Config, FLASK_LIFETIME, Flask, Keep, Settings};
use crate::counts::Counts;
use crate::future::ResponseFuture;
use crate::handles::Handles;
use crate::notes::Notes;
use crate::slot::Slot;

const PURPOSE_MISTAKE: &str =
    "a session's name or purpose is 1 to 64 characters of printable ASCII, such as \"admin\"";

/// The marker of an application's one session, or of the main one of several.
#[derive(Debug, Clone, Copy)]
pub struct Main;

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
pub struct SessionLayer<K = Main> {
    settings: Settings,
    /// Made once, and shared by all services that this layer and its clones make: a router asks for one per route.
    config: Arc<OnceLock<Result<Arc<Config>, Arc<Error>>>>,
    marker: PhantomData<fn() -> K>,
}

/// The service that [`SessionLayer`] makes.
pub struct SessionService<S, K = Main> {
    inner: S,
    config: Result<Arc<Config>, Arc<Error>>,
    marker: PhantomData<fn() -> K>,
}

impl SessionLayer {
    /// Sessions that lie in the cookie itself, readable by the visitor and tamper-evident: Flask's own format.
    ///
    /// Lifetime: [`max_age`](SessionLayer::max_age), 31 days, restarted by each write, as Flask's timestamp does.
    ///
    /// ```
    /// use hardtack::{Key, KeyRing, SessionLayer};
    ///
    /// let keys = KeyRing::new(Key::new("b6a0e5d1c94f47a2830e7f5b1c2d6e9a")?); // or keys_from_env()?
    /// let sessions = SessionLayer::signed(keys).check()?;
    /// # let _ = sessions;
    /// # Ok::<(), hardtack::Error>(())
    /// ```
    ///
    /// To share it with a Flask application, add [`like_flask`](SessionLayer::like_flask).
    ///
    /// # Security
    ///
    /// The visitor can read everything in it. A logout cannot take back a copy of the cookie made before; only its age
    /// ends it. When two requests write at once, the browser keeps the answer that came last, whole.
    pub fn signed(keys: KeyRing) -> Self {
        let compression = Compression::default();
        Self::new(Keep::Signed { keys, signing: Signing::flask(), compression, max_age: FLASK_LIFETIME })
    }

    /// Sessions that lie in the cookie itself, unreadable and unchangeable for the visitor.
    ///
    /// Lifetime: [`max_age`](SessionLayer::max_age), 24 hours, restarted by each write, and
    /// [`absolute_timeout`](SessionLayer::absolute_timeout), 30 days.
    ///
    /// # Security
    ///
    /// A logout cannot take back a copy of the cookie made before; only its age ends it. When two requests write at
    /// once, the browser keeps the answer that came last, whole.
    pub fn encrypted(keys: KeyRing) -> Self {
        let lifetime = Lifetime::new();
        Self::new(Keep::Encrypted {
            keys,
            max_age: lifetime.idle_timeout(),
            absolute: lifetime.absolute_timeout(),
        })
    }

    /// Sessions that lie in a store; the cookie holds a random id.
    ///
    /// Lifetime: [`idle_timeout`](SessionLayer::idle_timeout), 24 hours, and
    /// [`absolute_timeout`](SessionLayer::absolute_timeout), 30 days. Concurrent requests lose nothing, a logout is
    /// final, and a user's other sessions can be listed and ended.
    pub fn stored(store: impl SessionStore) -> Self {
        Self::shared(Arc::new(store))
    }

    /// As [`stored`](SessionLayer::stored), with a store that others hold too.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use hardtack::{MemoryStore, SessionLayer};
    ///
    /// let store = Arc::new(MemoryStore::with_limit(100_000));
    /// let sessions = SessionLayer::shared(Arc::clone(&store));
    /// assert_eq!(store.counters().live, 0);
    /// # let _ = sessions;
    /// ```
    pub fn shared<S: SessionStore>(store: Arc<S>) -> Self {
        Self::new(Keep::Stored { vault: Arc::new(GroupCommit::new(store)), lifetime: Lifetime::new() })
    }

    fn new(keep: Keep) -> Self {
        Self { settings: Settings::new(keep), config: Arc::default(), marker: PhantomData }
    }
}

impl<K: 'static> SessionLayer<K> {
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
    pub fn named<L: 'static>(mut self, name: impl AsRef<str>) -> SessionLayer<L> {
        let name = name.as_ref();
        if name == Purpose::default().as_str() {
            self.settings.note_mistake(
                "session is the name of the main session, whose cookies would be accepted as this one's: give this one \
                 another name, and call cookie_name(\"session\") if its cookie is called so",
            );
        }
        if name.starts_with("__") {
            self.settings.note_mistake(
                "named takes the session's name without the prefix of a cookie, such as \"admin\", of which the cookie \
                 __Host-admin is made: drop the prefix, or call cookie_name for another cookie",
            );
        }
        match Purpose::new(name) {
            Ok(name) => self.settings.name = Some(name),
            Err(_) => self.settings.note_mistake(PURPOSE_MISTAKE),
        }
        SessionLayer { settings: self.settings, config: Arc::default(), marker: PhantomData }
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
    /// let shop = SessionLayer::shared(Arc::clone(&store)).purpose("shop").check()?;
    /// let blog = SessionLayer::shared(store).purpose("blog").check()?;
    /// # let _ = (shop, blog);
    /// # Ok::<(), hardtack::Error>(())
    /// ```
    pub fn purpose(self, purpose: impl AsRef<str>) -> Self {
        self.with(|settings| match Purpose::new(purpose) {
            Ok(purpose) => settings.purpose = Some(purpose),
            Err(_) => settings.note_mistake(PURPOSE_MISTAKE),
        })
    }

    /// Signs with the salt as it is set, which by default is Flask's, although this is not the main session: to share a
    /// [`named`](SessionLayer::named) session with a Flask application of its own.
    ///
    /// # Security
    ///
    /// The salt is what keeps signed sessions with one secret apart. Give each layer that calls this a secret of its
    /// own: with a shared one, the cookie of each is accepted as the other's.
    pub fn flask_salt(self) -> Self {
        self.with(|settings| match &settings.keep {
            Keep::Signed { .. } => settings.flask_salt = true,
            Keep::Encrypted { .. } | Keep::Stored { .. } => {
                settings.note_mistake("only a signed session has a salt");
            }
        })
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

    /// How long a session in a cookie lives after its last write. Default 31 days for signed sessions, as Flask, and
    /// 24 hours for encrypted ones. Stored sessions have an [`idle_timeout`](SessionLayer::idle_timeout) instead.
    pub fn max_age(self, age: Duration) -> Self {
        self.with(|settings| match &mut settings.keep {
            Keep::Signed { max_age, .. } | Keep::Encrypted { max_age, .. } => *max_age = age,
            Keep::Stored { .. } => settings.note_mistake("a stored session has no max_age: use idle_timeout"),
        })
    }

    /// How long a stored session lives without being used. Default 24 hours. See [`Lifetime::idle`].
    pub fn idle_timeout(self, idle: Duration) -> Self {
        self.with(|settings| match &mut settings.keep {
            Keep::Stored { lifetime, .. } => *lifetime = lifetime.idle(idle),
            Keep::Signed { .. } | Keep::Encrypted { .. } => settings.note_mistake(
                "a session kept in its cookie cannot know its last use: use max_age, or a stored session",
            ),
        })
    }

    /// How long a stored or encrypted session lives in all. Default 30 days. See [`Lifetime::absolute`].
    pub fn absolute_timeout(self, timeout: Duration) -> Self {
        self.with(|settings| match &mut settings.keep {
            Keep::Stored { lifetime, .. } => *lifetime = lifetime.absolute(timeout),
            Keep::Encrypted { absolute, .. } => *absolute = timeout,
            Keep::Signed { .. } => settings.note_mistake(
                "a signed session has only a timestamp: use max_age, or another kind of session",
            ),
        })
    }

    /// All of a stored session's times at once.
    pub fn lifetime(self, times: Lifetime) -> Self {
        self.with(|settings| match &mut settings.keep {
            Keep::Stored { lifetime, .. } => *lifetime = times,
            Keep::Signed { .. } | Keep::Encrypted { .. } => {
                settings.note_mistake("a session kept in its cookie has no Lifetime: use max_age");
            }
        })
    }

    /// How a signed session is signed: digest, salt, key derivation. Default as Flask.
    ///
    /// The salt is that of the main session; another [purpose](SessionLayer::purpose) has one that is made from it.
    pub fn signing(self, options: Signing) -> Self {
        self.with(|settings| match &mut settings.keep {
            Keep::Signed { signing, .. } => *signing = options,
            Keep::Encrypted { .. } | Keep::Stored { .. } => {
                settings.note_mistake("only a signed session has signing options");
            }
        })
    }

    /// When a signed session's payload is compressed. Default: when that buys something.
    pub fn compression(self, when: Compression) -> Self {
        self.with(|settings| match &mut settings.keep {
            Keep::Signed { compression, .. } => *compression = when,
            Keep::Encrypted { .. } | Keep::Stored { .. } => {
                settings.note_mistake("only a signed session is compressed");
            }
        })
    }

    /// Follows Flask 3.1 in everything, for sharing a signed session with one.
    ///
    /// The cookie is `session; HttpOnly; Path=/`; any write sends it, a session emptied removes it, and a server error
    /// does not keep it back; only the first of several cookies counts; a permanent session is refreshed by every
    /// request; the payload is compressed as Flask does. Call it before changing single settings.
    pub fn like_flask(self) -> Self {
        self.with(|settings| {
            settings.flask = Some(Flask { refresh_each_request: true });
            (settings.same_site, settings.secure) = (None, false);
            match &mut settings.keep {
                Keep::Signed { compression, .. } => *compression = Compression::AsFlask,
                Keep::Encrypted { .. } | Keep::Stored { .. } => {
                    settings
                        .note_mistake("only a signed session can be like Flask's: use SessionLayer::signed");
                }
            }
        })
    }

    /// Flask's `SESSION_REFRESH_EACH_REQUEST = False`: a permanent session is sent again only when written.
    pub fn refresh_on_writes(self) -> Self {
        self.with(|settings| match &mut settings.flask {
            Some(flask) => flask.refresh_each_request = false,
            None => {
                settings.note_mistake("refresh_on_writes only changes Flask's rules: call like_flask first")
            }
        })
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

    /// How large the data of a stored session may be, in bytes of its JSON. Default 1 MiB (1,048,576).
    ///
    /// A request that would make it larger stores nothing and is answered with a 500; the log has an error that names
    /// the key that grew. [`Session::save`](crate::Session::save) returns an error. A request that makes a session
    /// smaller is always stored.
    ///
    /// A session is read and written whole, so that a large one makes every request slow; and what a visitor can make
    /// grow without bound fills the store. `usize::MAX` sets no limit. Sessions kept in a cookie have the browsers'
    /// limit of 4,096 bytes.
    pub fn max_size(self, bytes: usize) -> Self {
        self.with(|settings| match &settings.keep {
            Keep::Stored { .. } if bytes > 0 => settings.max_size = bytes,
            Keep::Stored { .. } => settings
                .note_mistake("max_size(0) leaves no room for any session: usize::MAX sets no limit"),
            Keep::Signed { .. } | Keep::Encrypted { .. } => settings.note_mistake(
                "a session kept in its cookie has the browsers' limit of 4096 bytes: max_size is for stored sessions",
            ),
        })
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
        self.settings.prepare()?;
        // Its warnings are logged now, and once.
        let _ = self.config();
        Ok(self)
    }

    /// What has happened to this layer's sessions so far. Its clones count together.
    pub fn counts(&self) -> Counts {
        self.config().map(|config| config.tally.counts()).unwrap_or_default()
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        // What a clone has already made was made of other settings.
        self.config = Arc::default();
        self
    }

    fn config(&self) -> Result<Arc<Config>, Arc<Error>> {
        self.config
            .get_or_init(|| {
                for warning in checks::warnings(&self.settings) {
                    tracing::warn!("{warning}");
                }
                self.settings.prepare().map(Arc::new).map_err(|error| {
                    tracing::error!(%error, "the session layer is not set up right; every use of it is answered 500");
                    Arc::new(error)
                })
            })
            .clone()
    }
}

impl<S, K: 'static> Layer<S> for SessionLayer<K> {
    type Service = SessionService<S, K>;

    fn layer(&self, inner: S) -> Self::Service {
        SessionService { inner, config: self.config(), marker: PhantomData }
    }
}

impl<S, K, B, R> Service<Request<B>> for SessionService<S, K>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Default,
    K: 'static,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, R>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let notes = Notes::of(self.marker, &self.config, request.extensions());
        let slot = match &self.config {
            Ok(config) => Ok(Slot::new(Arc::clone(config), &request, notes)),
            Err(error) => Err(Arc::clone(error)),
        };
        let slot = Handles::enter::<K>(request.extensions_mut(), slot);
        ResponseFuture::new(self.inner.call(request), slot)
    }
}

impl<K> Clone for SessionLayer<K> {
    fn clone(&self) -> Self {
        Self { settings: self.settings.clone(), config: Arc::clone(&self.config), marker: PhantomData }
    }
}

impl<S: Clone, K> Clone for SessionService<S, K> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), config: self.config.clone(), marker: PhantomData }
    }
}

impl<K> fmt::Debug for SessionLayer<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLayer").field("marker", &type_name::<K>()).finish_non_exhaustive()
    }
}

impl<S, K> fmt::Debug for SessionService<S, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionService").field("marker", &type_name::<K>()).finish_non_exhaustive()
    }
}
