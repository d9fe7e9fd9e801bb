//! Cookies and sessions for tower and axum: Flask's ease and wire format, and nothing lost.
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
//! The [guide] begins with a [quickstart](guide::quickstart). Who comes [from Flask](guide::from_flask) or [from
//! tower-sessions](guide::from_tower_sessions) finds theirs and ours side by side, and [defaults](guide::defaults) has each
//! setting with its reason.
//!
//! # Cookies
//!
//! What the browser sent is [`Cookies`], an extractor; what it is told is [`SetCookie`] or [`RemoveCookie`], in the
//! handler's return type. A value comes back as it was set, whatever characters are in it.
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
//! One dictionary per browser, [`Session`]. Types are kept, and what is computed by [`update`](Session::update) is right
//! also when two requests come at once.
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
//! There are three kinds, which differ in where the data lies:
//!
//! | constructor | data | the browser holds | ends | can be taken back |
//! |---|---|---|---|---|
//! | [`SessionLayer::stored`] | on the server | a random id | idle 24 hours, 30 days in all | yes |
//! | [`SessionLayer::signed`] | in the cookie, readable | Flask's own cookie | 31 days after the last write | no |
//! | [`SessionLayer::encrypted`] | in the cookie, unreadable | a sealed token | 24 hours after the last write, 30 days in all | no |
//!
//! The cookie itself lives as long as the browser runs, or with [`Session::permanent`] as long as the session can; the
//! end of a session is always enforced on the server.
//!
//! # Logins
//!
//! [`Session::log_in`] gives the session a new id and a user; [`User`] is the extractor that keeps strangers out;
//! [`Session::log_out`] is final. [`Session::devices`] lists where a user is logged in.
//!
//! ```
//! # use hardtack_jar::Browser;
//! # use axum::{Router, routing::get};
//! # use hardtack::{MemoryStore, SessionLayer};
//! use hardtack::{Session, User};
//!
//! async fn log_in(session: Session) {
//!     session.log_in("jane"); // once her password was right
//!     session.flash("Welcome back");
//! }
//! async fn profile(user: User) -> String {
//!     format!("Hello {}", user.id()) // a stranger gets a 401, or is sent to the login's page
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
//! A browser may be made to send a form to your site by another one. `SameSite=Lax`, the default, keeps the session's
//! cookie from most such requests, and `tower-http`'s `csrf` layer refuses the rest, without tokens in forms. Put it
//! outside the session's:
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
//! What happens to sessions is reported twice: as `tracing` events (created, loaded, missed, rejected, merged, conflict,
//! late write dropped, renewed, logged in, ended, revoked, expired and more), and as [`Counts`]. Neither ever holds an id, a
//! key or a value. The events of a stored session have a field `session`, a digest of its id with a salt that each layer draws at
//! start: it connects the events of one session, and leads back to none.
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `axum08` | yes | extractors and response parts for axum 0.8; without it [`Session::open`] serves any tower service |
//! | `public-suffixes` | no | [`SessionLayer::check`] knows every public suffix, such as `co.uk` |
//! | `inspect` | no | the module `inspect`: what happens to the session of a request, for the crate `hardtack-inspect` |
#![forbid(unsafe_code)]

mod config;
mod cookie_session;
#[cfg(any(doc, doctest))]
pub mod guide;
#[cfg(feature = "inspect")]
pub mod inspect;
mod layer;
mod login_path;
mod marker;
mod next_path;
mod observe;
mod request;
mod session;
mod slot;
mod store_session;
mod user;

pub use hardtack_core::{cookie, crypto, session as protocol, store, value};

#[doc(inline)]
pub use hardtack_core::cookie::{Cookies, RemoveCookie, SameSite, SetCookie};
#[doc(inline)]
pub use hardtack_core::crypto::{Compression, Digest, Key, KeyDerivation, KeyRing, Signing};
#[doc(inline)]
pub use hardtack_core::session::{Flash, Lifetime};
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
pub use observe::Counts;
pub use request::ResponseFuture;
pub use session::{Device, DeviceError, DeviceHandle, Devices, NoDeviceHandle, SaveError, Saved, Session};
pub use slot::{SessionRejection, TooLarge};
pub use user::{User, UserRejection};
