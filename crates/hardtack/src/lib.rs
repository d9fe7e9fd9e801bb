//! Cookies and sessions for tower and axum, with Flask's ease of use and wire format, and without lost updates.
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use hardtack::{Session, SessionLayer};
//! use hardtack_sqlite::SqliteStore;
//!
//! # async fn serve(listener: tokio::net::TcpListener) -> Result<(), Box<dyn std::error::Error>> {
//! let sessions = SessionLayer::stored(SqliteStore::open("sessions.db").await?);
//! let app = Router::new().route("/", get(home)).layer(sessions);
//! axum::serve(listener, app).await?;
//! # Ok(())
//! # }
//!
//! async fn home(session: Session) -> String {
//!     let visits = session.update("visits", |n: &mut u64| { *n += 1; *n });
//!     format!("Visit number {visits}")
//! }
//! ```
//!
//! The [guide] begins with a [quickstart](guide::quickstart). If you come [from Flask](guide::from_flask) or [from
//! tower-sessions](guide::from_tower_sessions), those pages show both APIs side by side. [Defaults](guide::defaults)
//! lists each setting with its reason.
//!
//! # Cookies
//!
//! The [`Cookies`] extractor reads the cookies that the browser sent. To set or remove a cookie, return [`SetCookie`]
//! or [`RemoveCookie`] from the handler. A value is read back exactly as it was set, whatever characters it contains.
//!
//! ```
//! # use hardtack_jar::Browser;
//! # use axum::{Router, routing::get};
//! use axum::response::Redirect;
//! use hardtack::{Cookies, RemoveCookie, SetCookie};
//!
//! async fn set() -> (SetCookie, &'static str) {
//!     (SetCookie::new("fav_color", "blue"), "ok")
//! }
//! async fn later(cookies: Cookies) -> String {
//!     cookies.get("fav_color").unwrap_or("<unset>").to_owned()
//! }
//! async fn forget() -> (RemoveCookie, Redirect) {
//!     (RemoveCookie::new("fav_color"), Redirect::to("/"))
//! }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let app = Router::new().route("/set", get(set)).route("/", get(later)).route("/forget", get(forget));
//! # let browser = Browser::new(app);
//! # assert_eq!(browser.get("/set").await?.set_cookies(), ["fav_color=blue; Path=/; SameSite=Lax"]);
//! # assert_eq!(browser.get("/").await?.text(), "blue");
//! # browser.get("/forget").await?;
//! # assert_eq!(browser.get("/").await?.text(), "<unset>");
//! # Ok(())
//! # }
//! ```
//!
//! # Sessions
//!
//! A [`Session`] is a dictionary that is kept for one browser. Values keep their types. In a stored
//! session, [`update`](Session::update) computes the right result even if two requests arrive at the same time.
//!
//! ```
//! # use hardtack_jar::Browser;
//! # use axum::{Router, routing::get};
//! # use hardtack::{MemoryStore, Session, SessionLayer};
//! async fn put(session: Session) {
//!     session.insert("fav_number", 42);
//!     session.update("cart", |cart: &mut Vec<String>| cart.push("tea".to_owned()));
//! }
//! async fn read(session: Session) -> String {
//!     let number: i64 = session.get("fav_number").unwrap_or(0);
//!     let cart: Vec<String> = session.get("cart").unwrap_or_default();
//!     format!("{number} {cart:?}")
//! }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let app = Router::new().route("/put", get(put)).route("/", get(read)).layer(SessionLayer::stored(MemoryStore::new()));
//! # let browser = Browser::new(app);
//! # assert_eq!(browser.get("/").await?.text(), "0 []");
//! # browser.get("/put").await?;
//! # assert_eq!(browser.get("/").await?.text(), "42 [\"tea\"]");
//! # Ok(())
//! # }
//! ```
//!
//! There are three kinds of session, which differ in where the data is stored:
//!
//! | constructor | data | the browser stores | expires | revocable |
//! |---|---|---|---|---|
//! | [`stored`] | on the server | a random id | after 24 h without use, 30 days in all | yes |
//! | [`signed`] | in the cookie, readable | a cookie in Flask's format | 31 days after the last write | no |
//! | [`encrypted`] | in the cookie, unreadable | an encrypted token | 24 h after the last write, 30 days in all | no |
//!
//! [`stored`]: SessionLayer::stored
//! [`signed`]: SessionLayer::signed
//! [`encrypted`]: SessionLayer::encrypted
//!
//! The cookie itself lasts until the browser closes or, after [`Session::permanent`], as long as the session can last.
//! In both cases, the server enforces the expiry of the session.
//!
//! # Logins
//!
//! The method [`Session::log_in`] logs a user in, and gives a stored session a new id. The [`User`] extractor
//! rejects requests without a login. After [`Session::log_out`], no copy of a stored session's cookie is
//! accepted. [`Session::devices`] lists where a user is logged in.
//!
//! ```
//! # use hardtack_jar::Browser;
//! # use axum::{Router, routing::get};
//! # use hardtack::{MemoryStore, SessionLayer};
//! use hardtack::{Session, User};
//!
//! async fn log_in(session: Session) {
//!     session.log_in("jane"); // after checking her password
//!     session.flash("Welcome back");
//! }
//! async fn profile(user: User) -> String {
//!     format!("Hello {}", user.id()) // without a login: a 401, or a redirect to the login page
//! }
//! async fn log_out(session: Session) {
//!     session.log_out();
//! }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let app = Router::new().route("/in", get(log_in)).route("/", get(profile)).route("/out", get(log_out))
//! #     .layer(SessionLayer::stored(MemoryStore::new()));
//! # let browser = Browser::new(app);
//! # assert_eq!(browser.get("/").await?.status(), 401);
//! # browser.get("/in").await?;
//! # let copy = browser.thief();
//! # assert_eq!(browser.get("/").await?.text(), "Hello jane");
//! # browser.get("/out").await?;
//! # assert_eq!(copy.get("/").await?.status(), 401);
//! # Ok(())
//! # }
//! ```
//!
//! # Cross-site requests
//!
//! Another site can make a browser send a form to your site. `SameSite=Lax`, the default, keeps the session cookie out
//! of most such requests. The `csrf` layer of `tower-http` rejects the others, and needs no tokens in forms. Add this
//! layer outside the session layer:
//!
//! ```
//! use axum::{Router, routing::post};
//! use hardtack::{MemoryStore, Session, SessionLayer};
//! use tower_http::csrf::CsrfLayer;
//!
//! let app: Router = Router::new()
//!     .route("/transfer", post(|session: Session| async move { session.insert("sent", true) }))
//!     .layer(SessionLayer::stored(MemoryStore::new()))
//!     .layer(CsrfLayer::new());
//! # use axum::{body::Body, http::{Request, StatusCode}};
//! # use tower::ServiceExt;
//! # let from = |site| Request::post("/transfer").header("sec-fetch-site", site).body(Body::empty()).unwrap();
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! # assert_eq!(app.clone().oneshot(from("cross-site")).await.unwrap().status(), StatusCode::FORBIDDEN);
//! # assert_eq!(app.oneshot(from("same-origin")).await.unwrap().status(), StatusCode::OK);
//! # });
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Events
//!
//! Everything that happens to a session is reported once, as an event. The event goes to the functions passed
//! to [`SessionLayer::on_event`], to `tracing`, to the counters in [`Metrics`], and, with the feature `metrics`, to the
//! `metrics` facade. An event never contains an id, a secret, or a value. The events of a stored session identify the
//! session by a hash of its store key, with a random salt that each layer generates at startup. The hash connects the
//! events of one session, but cannot be traced back to it. The guide's page on [monitoring](guide::monitoring) lists
//! the events.
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `axum08` | yes | extractors and response parts for axum 0.8, and [`SessionLayer::login_path`] (other tower services use [`Session::open`]) |
//! | `public-suffixes` | no | the whole public suffix list, including `co.uk`, for [`SessionLayer::check`] |
//! | `metrics` | no | counters and a histogram of store latency, through the facade of the crate `metrics` |
//! | `inspect` | no | the module `inspect`: traces of the sessions in a request, for the crate `hardtack-inspect` |
#![forbid(unsafe_code)]

mod config;
mod cookie_session;
#[cfg(any(doc, doctest))]
pub mod guide;
#[cfg(feature = "inspect")]
pub mod inspect;
mod layer;
#[cfg(feature = "axum08")]
mod login_path;
mod marker;
mod next_path;
mod observe;
mod request;
mod session;
mod slot;
mod store_session;
mod user;

pub use hardtack_core::{cookie, crypto, protocol, store, value};

#[doc(inline)]
pub use hardtack_core::cookie::{Cookies, RemoveCookie, SameSite, SetCookie};
#[doc(inline)]
pub use hardtack_core::crypto::{Compression, Digest, Key, KeyDerivation, KeyRing, Signing};
#[doc(inline)]
pub use hardtack_core::protocol::{Flash, Lifetime};
#[doc(inline)]
pub use hardtack_core::store::{MemoryStore, SessionStore};
#[doc(inline)]
pub use hardtack_core::value::Value;
#[doc(inline)]
pub use hardtack_core::{Error, ErrorKind};
pub use layer::{
    AnyBackend, BackendSettings, Encrypted, SessionLayer, SessionService, Signed, Stored, generate_secret,
    keys_from_env,
};
pub use marker::Main;
pub use next_path::NextPath;
#[cfg(feature = "metrics")]
pub use observe::describe_metrics;
pub use observe::{EventKind, EventUser, Metrics, SessionEvent, StoreOperation};
pub use request::ResponseFuture;
pub use session::{
    Device, DeviceError, DeviceHandle, Devices, ParseDeviceHandleError, SaveError, Saved, Session,
};
pub use slot::{SessionRejection, TooLarge};
pub use user::{User, UserRejection};
