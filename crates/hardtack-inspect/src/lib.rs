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
mod asked;
mod change;
mod exchange;
mod field;
mod following;
mod guard;
mod inspector;
mod ledger;
mod lifetimes;
mod look;
mod node;
mod pages;
mod received;
mod receiving;
mod record;
mod ring;
mod service;
mod session_seen;
mod setting;
mod stream;
mod tag;
mod templates;
mod token;
mod told;
mod tone;
mod trace_reading;
mod veil;
mod views;
mod visitors;
mod warning;

pub use anatomy::{Anatomy, Layer, Part};
pub use change::Change;
pub use exchange::Exchange;
pub use field::Field;
pub use inspector::Inspector;
pub use lifetimes::Life;
pub use node::{Node, SetBy};
pub use received::{Received, Verdict};
pub use service::InspectorService;
pub use session_seen::{Operation, SessionSeen};
pub use tag::Tag;
pub use told::{Decision, Told};
pub use tone::Tone;
pub use veil::{Shown, Veil};
pub use views::{JarCookie, JarView};
pub use warning::{Warned, Warning};
