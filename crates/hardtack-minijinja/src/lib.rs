//! MiniJinja pages for axum that know the session, the cookies and the request by themselves, as Flask's do.
//!
//! ```
//! use axum::response::Html;
//! use axum::{Router, routing::get};
//! use hardtack::{MemoryStore, SessionLayer};
//! use hardtack_minijinja::minijinja::Environment;
//! use hardtack_minijinja::{View, ViewError, ViewLayer, context};
//!
//! async fn page(view: View) -> Result<Html<String>, ViewError> {
//!     view.render("page.html", context! { title => "Welcome" })
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut environment = Environment::new();
//! environment.add_template("page.html", "<h1>{{ title }}</h1> {{ session.fav_number }} {{ request.cookies.fav_color }}")?;
//!
//! let app: Router = Router::new()
//!     .route("/", get(page))
//!     .layer(ViewLayer::new(environment))
//!     .layer(SessionLayer::stored(MemoryStore::new()));
//! # let request = axum::extract::Request::get("/").header("cookie", "fav_color=blue").body(axum::body::Body::empty())?;
//! # let answer = tower::ServiceExt::oneshot(app, request).await?;
//! # let page = axum::body::to_bytes(answer.into_body(), 1000).await?;
//! # assert_eq!(&page[..], b"<h1>Welcome</h1>  blue");
//! # Ok(())
//! # }
//! ```
//!
//! The layers come after the routes.
//!
//! # What a template knows
//!
//! | name | what it is |
//! |---|---|
//! | `session` | the [`Session`](hardtack::Session): `session.x`, `session["x"]`, `session.get("x", default)`, `"x" in session`, a loop over its keys, `session.items()`; `session.permanent` |
//! | `request.cookies` | the cookies that the browser sent |
//! | `request.args` | the pairs of the query |
//! | `request.form` | the fields of a form, `application/x-www-form-urlencoded` |
//! | `request.path`, `request.method` | where and how |
//! | `get_flashed_messages()` | the messages left for this page, which are then gone; `with_categories=true` gives pairs, `category_filter=["error"]` some of them |
//! | `logout_form()` | a form with a button that logs out, or nothing where no one has logged in: see [below](#a-logout-on-each-page) |
//!
//! `request.cookies`, `request.args` and `request.form` are read alike: `request.args.q`, `request.args["q"]`,
//! `request.args.get("q", default)`, `request.args.getlist("q")`, `"q" in request.args`, a loop over the names, `.keys()`,
//! `.values()`, `.items()`. Where a name came several times, the first value counts.
//!
//! What a handler passes under one of these names goes first. Templates whose name ends in `.html` escape all of it,
//! except text that was put into the session as [`Markup`](hardtack::value::Markup).
//!
//! # A logout on each page
//!
//! Put `{{ logout_form() }}` into the layout that all pages share, so that users can log out anywhere
//! (ASVS 5.0, 7.4.4). It sends a `POST` to `/logout`; `logout_form(action="/account/logout", label="Sign out")` changes
//! the path and the button's text. Both are escaped. Style it by its place: `nav form button { … }`.
//!
//! The route is yours, and calls [`log_out`](hardtack::Session::log_out). The form has no token: put `tower-http`'s `csrf`
//! layer outside the session's, which refuses the form of another site and lets this one pass.
//!
//! ```
//! use axum::response::{Html, Redirect};
//! use axum::{Router, routing::{get, post}};
//! use hardtack::{MemoryStore, Session, SessionLayer};
//! # use hardtack_jar::Browser;
//! use hardtack_minijinja::minijinja::Environment;
//! use hardtack_minijinja::{View, ViewError, ViewLayer, context};
//!
//! async fn page(view: View) -> Result<Html<String>, ViewError> {
//!     view.render("page.html", context! {})
//! }
//!
//! async fn log_out(session: Session) -> Redirect {
//!     session.log_out();
//!     Redirect::to("/")
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut environment = Environment::new();
//! environment.add_template("page.html", "<nav>{{ logout_form() }}</nav>")?;
//! let app: Router = Router::new()
//!     .route("/", get(page))
//!     .route("/logout", post(log_out))
//! #   .route("/in", get(|session: Session| async move { session.log_in("jane") }))
//!     .layer(ViewLayer::new(environment))
//!     .layer(SessionLayer::stored(MemoryStore::new()));
//! # let browser = Browser::new(app);
//! # assert_eq!(browser.get("/").await?.text(), "<nav></nav>");
//! # browser.get("/in").await?;
//! # assert!(browser.get("/").await?.text().contains("<button>Log out</button>"));
//! # browser.post("/logout", &[]).await?;
//! # assert_eq!(browser.get("/").await?.text(), "<nav></nav>");
//! # Ok(())
//! # }
//! ```
//!
//! # Types
//!
//! A list stays a list, a tuple a tuple, a dict a dict, a number a number. A UUID is its text; so is a datetime, as
//! Python prints it (`2024-01-02 03:04:05+00:00`), and an integer of more than 128 bits.
#![forbid(unsafe_code)]

mod convert;
mod error;
mod fields;
mod flashed;
mod form_body;
mod layer;
mod logout_form;
mod rejection;
mod request_object;
mod session_object;
mod view;

pub use minijinja;
pub use minijinja::context;

pub use error::ViewError;
pub use layer::{ViewLayer, ViewService};
pub use rejection::ViewRejection;
pub use view::View;
