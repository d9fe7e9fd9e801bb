//! Traces of what happens to the sessions of a request, for inspectors.
//!
//! A service outside the session layer puts an [`Observer`] into a request's extensions. Each [`SessionLayer`] that the
//! request passes through adds a [`SessionTrace`] to the observer. A trace lists the cookies that were examined with
//! the verdict on each, the session's data, the changes to each key, the writes, and the calls to the store with their
//! durations.
//!
//! ```
//! # use hardtack_jar::Browser;
//! use axum::{Router, extract::Request, middleware::{Next, from_fn}, routing::get};
//! use hardtack::inspect::Observer;
//! use hardtack::{MemoryStore, Session, SessionLayer};
//!
//! async fn watch(mut request: Request, next: Next) -> axum::response::Response {
//!     let observer = Observer::new();
//!     request.extensions_mut().insert(observer.clone());
//!     let response = next.run(request).await;
//!     for trace in observer.traces() {
//!         assert_eq!(&*trace.changes[0].key, "fav_number");
//!         assert_eq!(trace.changes[0].after.as_deref(), Some("42"));
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
//! A trace contains the session's data and the received cookies. Anyone who sees a trace can impersonate the visitor.
//! The crate `hardtack-inspect` keeps only the parts of a trace that are safe to show.
//!
//! [`SessionLayer`]: crate::SessionLayer

mod call;
mod candidate;
mod key_change;
mod layer_info;
mod observer;
mod session_trace;
mod timestamps;
mod write;

pub use call::{Answer, Call};
pub use candidate::{Candidate, Verdict};
pub use key_change::KeyChange;
pub use layer_info::{BackendKind, LayerInfo};
pub use observer::Observer;
pub use session_trace::SessionTrace;
pub use timestamps::Timestamps;
pub use write::Write;
