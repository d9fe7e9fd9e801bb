use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, header};
use http_body::Body;
use tower_service::Service;
use url::Url;
use url::form_urlencoded;

use super::browser_body::{BoxError, BrowserBody};
use super::browser_context::{BrowserContext, Redirects};
use super::browser_form::BrowserForm;
use super::browser_page::{BrowserLink, BrowserPage};
use super::http_client::{HttpClient, InProcessClient};
use super::visit::{Mode, Visit};
use crate::cookie::CookieRecord;
use crate::error::{Error, ErrorKind};
use crate::jar::Jar;
use crate::request::{RequestContext, parse_url};
use crate::set_cookie::Refusal;

/// One tab of a test browser, with a cookie jar that behaves like a real browser's.
///
/// ```
/// use axum::{Form, Router, http::{HeaderMap, header::SET_COOKIE}, response::{Html, Redirect}, routing::get};
/// use hardtack_jar::Browser;
///
/// const LOGIN: &str = "<form method=post><input name=user><button>Log in</button></form>";
///
/// async fn log_in(Form(form): Form<Vec<(String, String)>>) -> ([(axum::http::HeaderName, String); 1], Redirect) {
///     ([(SET_COOKIE, format!("user={}; HttpOnly", form[0].1))], Redirect::to("/"))
/// }
/// async fn home(headers: HeaderMap) -> String {
///     headers.get("cookie").and_then(|cookies| cookies.to_str().ok()).unwrap_or("a stranger").to_owned()
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let app: Router = Router::new()
///     .route("/", get(home))
///     .route("/login", get(|| async { Html(LOGIN) }).post(log_in));
///
/// let jane = Browser::new(app);
/// let page = jane.get("/login").await?;
/// let page = jane.submit(page.form("")?.fill("user", "jane")?).await?;
/// assert_eq!((page.path(), page.text().as_str()), ("/", "user=jane"));
///
/// let joe = jane.stranger(); // another person, with an empty jar
/// assert_eq!(joe.get("/").await?.text(), "a stranger");
/// # Ok(())
/// # }
/// ```
///
/// # Compared with a real browser
///
/// The test browser stores cookies, sends the matching ones with each request, and follows redirects. It also sends the
/// headers from which a server learns where a request comes from: `Sec-Fetch-Site` (except over plain HTTP to another
/// machine), `Origin`, and `Referer`. A request by [`get`](Self::get) is like a URL typed into the address bar: no page
/// initiates it. A request by [`follow`](Self::follow), [`submit`](Self::submit), or [`post`](Self::post) is initiated
/// by the page in the tab, which may be [on another site](Self::tab_at).
///
/// The test browser runs no scripts, and loads no images, stylesheets, or frames. For forms with files
/// (`multipart/form-data`), use [`send`](Self::send).
///
/// # People and tabs
///
/// [`tab`](Self::tab) opens another tab of the same person, with the same cookies. [`stranger`](Self::stranger) returns
/// the browser of another person, and [`thief`](Self::thief) the browser of a person who stole this one's cookies. Two
/// tabs can send requests at the same time.
///
/// # Sessions without forms
///
/// With the feature `axum08`, [`within`](Self::within) runs a handler behind the application's own session layer, with
/// this browser's cookies. The handler can read and change the session, and log in without the form.
pub struct Browser {
    context: Arc<BrowserContext>,
    /// The URL of the page that the tab shows, or `None` before the first page.
    shown: Mutex<Option<Url>>,
}

impl Browser {
    /// Creates a browser that visits a tower service in this process, such as axum's `Router`, at `https://localhost`.
    pub fn new<S, B>(app: S) -> Self
    where
        S: Service<Request<BrowserBody>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send,
        S::Error: Into<BoxError>,
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<BoxError>,
    {
        Self::with(Arc::new(InProcessClient::new(app)), localhost())
    }

    /// Creates a browser that visits the server at this URL.
    ///
    /// # Errors
    ///
    /// Fails if the URL is invalid, or its scheme is not `http`, `https`, `ws`, or `wss`.
    #[cfg(feature = "reqwest013")]
    pub fn at(url: &str) -> Result<Self, Error> {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
        let client = client.map_err(|error| {
            Error::new(ErrorKind::Browser, "the HTTP client could not be created").with_source(error)
        })?;
        let client = Arc::new(super::http_client::NetworkClient(client));
        Ok(Self::with(client, parse(url)?))
    }

    fn with(client: Arc<dyn HttpClient>, origin: Url) -> Self {
        Self::open(BrowserContext::new(client, origin), None)
    }

    fn open(context: BrowserContext, shown: Option<Url>) -> Self {
        Self { context: Arc::new(context), shown: Mutex::new(shown) }
    }

    /// Sets the origin at which the browser visits the application, such as `https://shop.example`.
    ///
    /// # Errors
    ///
    /// Fails if the URL is invalid, or its scheme is not `http`, `https`, `ws`, or `wss`.
    pub fn origin(self, url: &str) -> Result<Self, Error> {
        let origin = parse(url)?;
        Ok(self.change(|context| context.origin = origin))
    }

    /// Sets the clock that decides when cookies expire, such as a [`TestClock`](super::TestClock::reader). Default: the
    /// system clock.
    #[must_use]
    pub fn clock(self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.change(|context| context.clock = Arc::new(now))
    }

    /// Replaces the jar, for example with one that contains cookies, or follows another [`Profile`](crate::Profile).
    #[must_use]
    pub fn jar(self, jar: Jar) -> Self {
        self.change(|context| *context.jar() = jar)
    }

    /// Replaces the service that the browser visits, and keeps the cookies. Use it, for example, to simulate a restart
    /// of the application, or a change of its keys.
    #[must_use]
    pub fn app<S, B>(self, app: S) -> Self
    where
        S: Service<Request<BrowserBody>, Response = Response<B>> + Clone + Send + 'static,
        S::Future: Send,
        S::Error: Into<BoxError>,
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<BoxError>,
    {
        self.change(|context| context.client = Arc::new(InProcessClient::new(app)))
    }

    /// Makes the browser return redirects as pages instead of following them.
    #[must_use]
    pub fn stop_at_redirects(self) -> Self {
        self.change(|context| context.redirects = Redirects::Stop)
    }

    /// Changes a setting. Normally, no other tab exists yet, so the context is not shared. If other tabs share the
    /// context, this tab gets its own copy.
    fn change(mut self, change: impl FnOnce(&mut BrowserContext)) -> Self {
        if Arc::get_mut(&mut self.context).is_none() {
            self.context = Arc::new(self.context.thief());
        }
        if let Some(context) = Arc::get_mut(&mut self.context) {
            change(context);
        }
        self
    }

    /// Opens another, empty tab of the same person, with the same cookies.
    #[must_use]
    pub fn tab(&self) -> Self {
        Self { context: Arc::clone(&self.context), shown: Mutex::default() }
    }

    /// Opens another tab of the same person, as if it showed the page at this URL. The page is not requested, and may
    /// be on any site. Requests from the new tab come from that site.
    ///
    /// ```
    /// use axum::{Router, http::HeaderMap, routing::post};
    /// use hardtack_jar::Browser;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let app: Router = Router::new().route("/transfer", post(async |headers: HeaderMap| {
    ///     headers.contains_key("cookie").to_string()
    /// }));
    /// let jane = Browser::new(app);
    /// jane.set_cookie("id=1; SameSite=Lax")?;
    /// assert_eq!(jane.post("/transfer", &[("to", "joe")]).await?.text(), "true");
    ///
    /// let evil = jane.tab_at("https://evil.example/")?;
    /// assert_eq!(evil.post("https://localhost/transfer", &[("to", "evil")]).await?.text(), "false");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the URL is invalid, or its scheme is not `http`, `https`, `ws`, or `wss`.
    pub fn tab_at(&self, url: &str) -> Result<Self, Error> {
        Ok(Self { context: Arc::clone(&self.context), shown: Mutex::new(Some(parse(url)?)) })
    }

    /// Returns the browser of another person, with an empty jar, the same application, and the same clock.
    #[must_use]
    pub fn stranger(&self) -> Self {
        Self::open(self.context.stranger(), None)
    }

    /// Returns the browser of another person, who has stolen all current cookies of this browser.
    ///
    /// ```
    /// # use axum::{Router, routing::{get, post}};
    /// # use hardtack::{MemoryStore, Session, SessionLayer, User};
    /// # use hardtack_jar::Browser;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let app: Router = Router::new()
    /// #     .route("/login", post(async |session: Session| session.log_in("jane")))
    /// #     .route("/logout", post(async |session: Session| session.log_out()))
    /// #     .route("/profile", get(async |user: User| user.id().to_owned()))
    /// #     .layer(SessionLayer::stored(MemoryStore::new()));
    /// let jane = Browser::new(app);
    /// jane.post("/login", &[]).await?;
    ///
    /// let thief = jane.thief();
    /// assert_eq!(thief.get("/profile").await?.text(), "jane");
    /// jane.post("/logout", &[]).await?;
    /// assert_eq!(thief.get("/profile").await?.status(), 401);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn thief(&self) -> Self {
        Self::open(self.context.thief(), None)
    }

    /// Requests a path or URL, as if the person typed it into the address bar. No page initiates this request.
    ///
    /// # Errors
    ///
    /// Fails if the request fails, or there are too many redirects.
    pub async fn get(&self, path: &str) -> Result<BrowserPage, Error> {
        let url = self.url(path)?;
        self.navigate(Method::GET, url, HeaderMap::new(), Bytes::new(), None).await
    }

    /// Reloads the page that the tab shows. As for a typed URL, no page initiates this request (RFC 6265bis, section
    /// 5.2).
    ///
    /// # Errors
    ///
    /// Fails if the tab shows no page, or the request fails.
    pub async fn reload(&self) -> Result<BrowserPage, Error> {
        let shown = self
            .shown()
            .ok_or_else(|| Error::new(ErrorKind::Browser, "the tab shows no page yet: call `get` first"))?;
        self.navigate(Method::GET, shown, HeaderMap::new(), Bytes::new(), None).await
    }

    /// Follows a link on the page.
    ///
    /// # Errors
    ///
    /// Fails if the request fails, or there are too many redirects.
    pub async fn follow(&self, link: &BrowserLink) -> Result<BrowserPage, Error> {
        self.follow_to(link.url().as_str()).await
    }

    /// Follows a link to a path or URL, as if the page had such a link.
    ///
    /// # Errors
    ///
    /// Fails if the request fails, or there are too many redirects.
    pub async fn follow_to(&self, path: &str) -> Result<BrowserPage, Error> {
        let url = self.url(path)?;
        let initiator = self.initiator(&url);
        self.navigate(Method::GET, url, HeaderMap::new(), Bytes::new(), Some(initiator)).await
    }

    /// Submits a form on the page.
    ///
    /// # Errors
    ///
    /// Fails if the form uploads files, the request fails, or there are too many redirects.
    pub async fn submit(&self, form: BrowserForm) -> Result<BrowserPage, Error> {
        form.check_encoding()?;
        let pairs = encode(form.pairs());
        let mut url = form.action()?;
        let initiator = Some(form.page.clone());
        if form.method() == Method::POST {
            return self.navigate(Method::POST, url, form_headers(), pairs.into(), initiator).await;
        }
        url.set_query(Some(&pairs));
        self.navigate(Method::GET, url, HeaderMap::new(), Bytes::new(), initiator).await
    }

    /// Posts a form with these fields, as if the form were on the page that the tab shows. Before the first page, the
    /// form is treated as if it were on the page to which it is posted.
    ///
    /// # Errors
    ///
    /// Fails if the request fails, or there are too many redirects.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Result<BrowserPage, Error> {
        let url = self.url(path)?;
        let initiator = self.initiator(&url);
        let body = encode(fields);
        self.navigate(Method::POST, url, form_headers(), body.into(), Some(initiator)).await
    }

    /// Sends any request, like a script on the page: the tab still shows the same page afterward. A URI without a host
    /// is relative to the page, or to the application before the first page. A header in the request replaces the
    /// header that the browser would send. A `Cookie` header can therefore contain cookies that no jar would store.
    ///
    /// # Errors
    ///
    /// Fails if the request fails, or there are too many redirects.
    pub async fn send(&self, request: Request<impl Into<Bytes>>) -> Result<BrowserPage, Error> {
        let (parts, body) = request.into_parts();
        let url = self.url(&parts.uri.to_string())?;
        let initiator = Some(self.initiator(&url));
        let (method, headers, body) = (parts.method, parts.headers, body.into());
        Visit { method, url, headers, body, initiator, mode: Mode::Fetch }.go(&self.context).await
    }

    /// Sets a cookie from a `Set-Cookie` line, as if the application had sent the line.
    ///
    /// # Errors
    ///
    /// Fails if a browser would refuse the cookie. The error's `source()` is the [`Refusal`](crate::Refusal).
    pub fn set_cookie(&self, line: &str) -> Result<(), Error> {
        let request = RequestContext::url(&self.context.origin)?;
        self.context.jar().set(&request, line, self.context.now()).map(drop).map_err(refused)
    }

    /// Changes the value of a cookie, as in a browser's developer tools. The cookie's attributes do not change.
    ///
    /// ```
    /// # use axum::{Router, routing::get};
    /// # use hardtack::{MemoryStore, Session, SessionLayer};
    /// # use hardtack_jar::Browser;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let app: Router = Router::new()
    /// #     .route("/", get(async |session: Session| session.update("visits", |n: &mut u64| { *n += 1; *n }).to_string()))
    /// #     .layer(SessionLayer::stored(MemoryStore::new()));
    /// let jane = Browser::new(app);
    /// assert_eq!(jane.get("/").await?.text(), "1");
    /// jane.edit_cookie("__Host-session", "forged")?;
    /// assert_eq!(jane.get("/").await?.text(), "1", "a forged session is a new one");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the browser would not send a cookie with this name to the application's root, or if a cookie cannot
    /// have this value.
    pub fn edit_cookie(&self, name: &str, value: &str) -> Result<(), Error> {
        let request = RequestContext::url(&self.context.origin)?;
        let (mut jar, now) = (self.context.jar(), self.context.now());
        let cookies = jar.cookies(&request, now);
        let Some(cookie) = cookies.into_iter().find(|cookie| cookie.name() == name.as_bytes()) else {
            return Err(Error::new(ErrorKind::Browser, format!("there is no cookie `{name}` to edit")));
        };
        let cookie = cookie.clone();
        let record = CookieRecord { value: value.as_bytes().into(), ..cookie.record() };
        jar.restore(&record, now).map(drop).map_err(refused)
    }

    /// Returns the value of the cookie with this name that the browser would send to the application's root. Returns
    /// `None` if there is no such cookie, or its value is not UTF-8.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let request = RequestContext::url(&self.context.origin).ok()?;
        let jar = self.context.jar();
        let cookies = jar.cookies(&request, self.context.now());
        let cookie = cookies.into_iter().find(|cookie| cookie.name() == name.as_bytes())?;
        String::from_utf8(cookie.value().to_vec()).ok()
    }

    /// Calls a function that reads or changes the jar, and returns the function's result. `with_jar(Jar::end_session)`
    /// removes the same cookies as closing a browser.
    pub fn with_jar<T>(&self, look: impl FnOnce(&mut Jar) -> T) -> T {
        look(&mut self.context.jar())
    }

    /// Returns the URL of the page that the tab shows, or `None` before the first page.
    pub fn shown(&self) -> Option<Url> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn navigate(
        &self,
        method: Method,
        url: Url,
        headers: HeaderMap,
        body: Bytes,
        initiator: Option<Url>,
    ) -> Result<BrowserPage, Error> {
        let page =
            Visit { method, url, headers, body, initiator, mode: Mode::Navigate }.go(&self.context).await?;
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(page.url.clone());
        Ok(page)
    }

    /// Resolves a path or URL against the page that the tab shows, or against the application's origin before the first
    /// page.
    fn url(&self, path: &str) -> Result<Url, Error> {
        let base = self.shown().unwrap_or_else(|| self.context.origin.clone());
        base.join(path).map_err(|error| {
            Error::new(ErrorKind::Browser, "this is neither a path nor a URL: write it as `/path`")
                .with_source(error)
        })
    }

    /// Returns the URL of the page that initiates a request to `url`. Before the first page, this is `url` itself.
    fn initiator(&self, url: &Url) -> Url {
        self.shown().unwrap_or_else(|| url.clone())
    }

    #[cfg(feature = "axum08")]
    pub(super) fn context(&self) -> &BrowserContext {
        &self.context
    }
}

impl fmt::Debug for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Browser").field("shown", &self.shown().map(String::from)).finish_non_exhaustive()
    }
}

fn refused(refusal: Refusal) -> Error {
    let message = format!("browsers refuse this cookie: {refusal} ({})", refusal.reference());
    Error::new(ErrorKind::Browser, message).with_source(refusal)
}

fn localhost() -> Url {
    Url::parse("https://localhost/").expect("the text is a URL")
}

fn parse(url: &str) -> Result<Url, Error> {
    let url = parse_url(url)?;
    RequestContext::url(&url).map(|_| url)
}

fn encode<N: AsRef<str>, V: AsRef<str>, P: std::borrow::Borrow<(N, V)>>(
    pairs: impl IntoIterator<Item = P>,
) -> String {
    let mut encoded = form_urlencoded::Serializer::new(String::new());
    for pair in pairs {
        let (name, value) = pair.borrow();
        encoded.append_pair(name.as_ref(), value.as_ref());
    }
    encoded.finish()
}

fn form_headers() -> HeaderMap {
    const TYPE: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
    HeaderMap::from_iter([(header::CONTENT_TYPE, TYPE)])
}
