//! A live inspector for the cookies and sessions of an application, for development: add one layer, open one page.
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
//! The page shows, as it happens:
//!
//! - the requests and responses, with the cookies in each direction;
//! - for each received cookie, whether it verified;
//! - for each cookie that a response sets, whether a browser stores it, and if not, why;
//! - the cookie jar, as developer tools show it;
//! - the session as a tree, with the changes that each request made and its route, the format of the cookie, the
//!   lifetimes, and the store operations;
//! - warnings, with fixes.
//!
//! | task | API |
//! |---|---|
//! | inspect an application | [`Inspector`] |
//! | build your own page from its data | [`Inspector::exchanges`], [`Inspector::jar_of`], [`Anatomy`] |
//!
//! # Scope
//!
//! The inspector sees requests that pass through axum and sessions of `hardtack`. It shows cookies of other libraries
//! as plain cookies. It does not see bodies, and reads only the headers that concern state.
//!
//! # Security
//!
//! By default, only a browser on this machine that opened the address with the token can see the page, and the
//! inspector stores no values. [`Inspector::show_values`] and [`Inspector::insecure_allow_remote_peers`] change that.
//! Compile the inspector only under a feature of your own: what a release build does not contain cannot be reached.
//!
//! # Cost
//!
//! An application without the inspector pays nothing: all of its hooks in `hardtack` are behind the feature `inspect`.
//! With it, each request costs an additional 80,000 to 320,000 instructions, under 20 microseconds for one that writes
//! a stored session (`bench/`). The application uses a few more megabytes, whatever its visitors do and however many
//! there are. A page shows at most 40 exchanges a second. It counts the others and says that it left them out.
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
