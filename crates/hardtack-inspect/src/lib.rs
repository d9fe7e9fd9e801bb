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

mod anatomy;
mod exchange;
mod exchange_buffer;
mod header_field;
mod inspector;
mod inspector_service;
mod inspector_state;
mod level;
mod node;
mod page_query;
mod pages;
mod peer_policy;
mod read_trace;
mod record_request_cookies;
mod record_sessions;
mod record_set_cookies;
mod redacted_change;
mod redaction;
mod remaining_lifetime;
mod request_cookie;
mod request_head;
mod session_history;
mod session_report;
mod set_cookie_entry;
mod stream;
mod templates;
mod token;
mod views;
mod visitor_label;
mod visitors;
mod warning;

pub use anatomy::{Anatomy, CookieLayer, CookiePart};
pub use exchange::Exchange;
pub use header_field::HeaderField;
pub use inspector::Inspector;
pub use inspector_service::InspectorService;
pub use level::Level;
pub use node::{ExchangeRef, Node};
pub use redacted_change::RedactedChange;
pub use redaction::{RedactedValue, Redaction};
pub use remaining_lifetime::RemainingLifetime;
pub use request_cookie::{CookieVerdict, RequestCookie};
pub use session_report::{SessionReport, StoreCall};
pub use set_cookie_entry::{Decision, SetCookieEntry};
pub use views::{JarCookie, JarView};
pub use visitor_label::VisitorLabel;
pub use warning::{CountedWarning, Warning};
