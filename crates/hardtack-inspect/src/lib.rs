//! A live inspector for the cookies and sessions of an application, for development. To use it, add one layer and open
//! one page.
//!
//! ```no_run
//! use std::net::SocketAddr;
//!
//! use axum::{Router, routing::get};
//! use hardtack::{MemoryStore, Session, SessionLayer};
//! use hardtack_inspect::Inspector;
//!
//! # async fn serve(listener: tokio::net::TcpListener) -> Result<(), Box<dyn std::error::Error>> {
//! let inspector = Inspector::new();
//! println!("The inspector: {}", inspector.address("http://localhost:3000"));
//! let app = Router::new()
//!     .route("/", get(|session: Session| async move { session.insert("fav_number", 42) }))
//!     .layer(SessionLayer::stored(MemoryStore::new()))
//!     .layer(inspector);
//! axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
//! # Ok(())
//! # }
//! ```
//!
//! The page is updated live, and shows:
//!
//! - the requests and responses, with the cookies in each direction;
//! - for each received cookie, a verdict such as "verified", "expired", or "changed";
//! - for each cookie that a response sets, whether a browser stores it, and if not, why;
//! - the cookie jar, as developer tools show it;
//! - the session as a tree, with the changes that each route made, the structure of the cookie, the lifetimes, and the
//!   calls to the store;
//! - warnings, with fixes.
//!
//! | task | API |
//! |---|---|
//! | inspect an application | [`Inspector`] |
//! | show the recorded data on your own page | [`Inspector::exchanges`], [`Inspector::jar_of`], [`Anatomy`] |
//!
//! # Scope
//!
//! The inspector records requests that axum handles, and sessions of `hardtack`. It shows the cookies of other
//! libraries as plain cookies. It records no bodies, and only the headers that concern cookies, sessions, and browsers.
//!
//! # Security
//!
//! By default, only a browser on this machine that opened the address with the token can see the page, and the
//! inspector stores no values. [`Inspector::show_values`] and [`Inspector::insecure_allow_remote_peers`] change that.
//! Put the inspector behind a Cargo feature of your application, so that a release build does not contain it.
//!
//! # Cost
//!
//! The inspector costs nothing in an application that does not use it, because all code in `hardtack` that supports it
//! is behind the feature `inspect`. With the inspector, each request costs an additional 80,000 to 320,000
//! instructions. A request that writes a stored session takes less than 20 microseconds longer (`bench/`). The
//! inspector usually takes a few megabytes of memory. The stored exchanges never take more than 32 MiB, regardless of
//! what visitors do. A page shows at most 40 exchanges per second live. If there are more, the page states how many
//! there were.
#![forbid(unsafe_code)]

mod access;
mod exchange_ref;
mod exchanges;
mod format;
mod inspector;
mod inspector_service;
mod level;
mod pages;
mod record;
mod redact;
mod sessions;
mod state;
mod warnings;

pub use exchange_ref::ExchangeRef;
pub use exchanges::{
    CookieVerdict, Decision, Exchange, HeaderField, RequestCookie, SetCookieEntry, VisitorLabel,
};
pub use inspector::Inspector;
pub use inspector_service::InspectorService;
pub use level::Level;
pub use pages::{JarCookie, JarView};
pub use redact::{RedactedValue, Redaction};
pub use sessions::{
    Anatomy, CookieLayer, CookiePart, Node, RedactedChange, RemainingLifetime, SessionReport, StoreCall,
};
pub use warnings::Warning;
