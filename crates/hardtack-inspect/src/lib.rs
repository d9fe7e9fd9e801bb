//! A live look at the cookies and sessions of an application, for development: one layer to add, one page to open.
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
//! The page shows, as it happens: the conversation of browser and server, with the cookies that go each way; for each
//! cookie that came what was thought of it, and for each that was set whether a browser keeps it and if not, why; the
//! jar as developer tools show it; the session as a tree, what each request changed and which route it was, how it
//! travels, how long it lives, what the store took; and warnings, with what to do.
//!
//! | to | there is |
//! |---|---|
//! | watch an application | [`Inspector`] |
//! | build a page of your own on what it sees | [`Inspector::exchanges`], [`Inspector::jar_of`], [`Anatomy`] |
//!
//! # Scope
//!
//! It watches requests through axum, and sessions of `hardtack`; cookies of others are shown as cookies. It sees no
//! bodies, and of headers only those about state.
//!
//! # Security
//!
//! It is shown only to a browser that opened the address with its token, and to this machine alone, and it holds no
//! values, unless told otherwise: [`Inspector::show_values`], [`Inspector::insecure_allow_remote_peers`]. Leave it out of what you ship, by a feature of your own: what is not
//! compiled in cannot be reached.
//!
//! # Cost
//!
//! Without it there is none: `hardtack` has nothing for it but behind its feature `inspect`. With it, a request costs 80,000
//! to 320,000 instructions more, under 20 microseconds for one that writes a stored session (`bench/`); and an
//! application some megabytes, whatever its visitors do and however many they are. Of more than 40 exchanges a second
//! a page shows 40 and says so; all of them count.
#![forbid(unsafe_code)]

mod account_reading;
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
