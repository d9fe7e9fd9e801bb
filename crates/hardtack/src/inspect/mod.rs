//! Reports what happens to the session of a request: the part of an inspector that only the layer can see.
//!
//! A service outside the session layer puts a [`Witness`] into a request's extensions. Each [`SessionLayer`] that the
//! request passes through adds an [`Account`] to it: which cookies were examined and whether each verified, the
//! session's data, what the request did to it key by key, what was written, and how long the store took.
//!
//! ```
//! # use hardtack_jar::Browser;
//! use axum::{Router, extract::Request, middleware::{Next, from_fn}, routing::get};
//! use hardtack::inspect::Witness;
//! use hardtack::{MemoryStore, Session, SessionLayer};
//!
//! async fn watch(mut request: Request, next: Next) -> axum::response::Response {
//!     let witness = Witness::new();
//!     request.extensions_mut().insert(witness.clone());
//!     let response = next.run(request).await;
//!     for account in witness.accounts() {
//!         assert_eq!(&*account.changes[0].key, "fav_number");
//!         assert_eq!(account.changes[0].after.as_deref(), Some("42"));
//!     }
//!     response
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let app: Router = Router::new()
//!     .route("/", get(|session: Session| async move { session.insert("fav_number", 42) }))
//!     .layer(SessionLayer::stored(MemoryStore::new()))
//!     .layer(from_fn(watch));
//! # Browser::new(app).get("/").await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Security
//!
//! An account contains the session's data and the cookies as they were received: anyone who sees it can impersonate the
//! visitor. The crate `hardtack-inspect` keeps only the parts that it may show.
//!
//! [`SessionLayer`]: crate::SessionLayer

mod account;
mod call;
mod candidate;
mod key_change;
mod moments;
mod portrait;
mod timed;
mod witness;
mod write;

pub use account::Account;
pub use call::{Answer, Call};
pub use candidate::{Candidate, Verdict};
pub use key_change::KeyChange;
pub use moments::Moments;
pub use portrait::{Kind, Portrait};
pub(crate) use timed::Timed;
pub use witness::Witness;
pub use write::Write;
