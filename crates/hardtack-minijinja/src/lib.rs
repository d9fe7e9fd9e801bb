//! MiniJinja templates for axum with access to the session, the cookies, and the request, as in Flask.
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
//! Add both layers after the routes.
//!
//! # Names available to templates
//!
//! | name | value |
//! |---|---|
//! | `session` | the [`Session`](hardtack::Session): `session.x`, `session["x"]`, `session.get("x", default)`, `"x" in session`, a loop over its keys, `session.items()`; `session.permanent` |
//! | `request.cookies` | the cookies that the browser sent |
//! | `request.args` | the parameters of the query string |
//! | `request.form` | the fields of a form, `application/x-www-form-urlencoded` |
//! | `request.path`, `request.method` | the path and the method |
//! | `get_flashed_messages()` | the messages for this page, which are then removed; `with_categories=true` returns pairs, and `category_filter=["error"]` returns only the messages with this category |
//! | `logout_form()` | a form with a button that logs out, or nothing if the visitor is not logged in: see [below](#a-logout-on-each-page) |
//!
//! `request.cookies`, `request.args`, and `request.form` have the same interface: `request.args.q`,
//! `request.args["q"]`, `request.args.get("q", default)`, `request.args.getlist("q")`, `"q" in request.args`, a loop
//! over the names, `.keys()`, `.values()`, and `.items()`. If a name occurs more than once, the first value is used,
//! except by `getlist`.
//!
//! Values that a handler passes under a name in the table above take precedence. Templates whose names end in `.html`
//! escape all values, except the form that `logout_form()` returns and strings that are marked as safe. These include
//! text that was stored in the session as [`Markup`](hardtack::value::Markup).
//!
//! # A logout on each page
//!
//! Put `{{ logout_form() }}` in the layout that all pages share, so that users can log out anywhere (ASVS 5.0, 7.4.4).
//! The form sends a `POST` to `/logout`. `logout_form(action="/account/logout", label="Sign out")` changes the path and
//! the button's text, and escapes both. To style the button, select it by its position: `nav form button { … }`.
//!
//! The application provides the route, which calls [`log_out`](hardtack::Session::log_out). The form has no CSRF token.
//! Instead, add `tower-http`'s `csrf` layer outside the session layer. It rejects forms from other sites, and accepts
//! this form.
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
//! Lists, tuples, dicts, and numbers keep their types, except that integers of more than 128 bits become strings. UUIDs
//! become strings, too. Datetimes become strings as Python prints them, such as `2024-01-02 03:04:05+00:00`.
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
