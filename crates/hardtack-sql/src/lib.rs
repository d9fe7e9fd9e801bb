//! The code that Hardtack's stores on database servers share: batching, reconnecting, and sweeping.
//!
//! This crate is an internal part of `hardtack-postgres` and `hardtack-mysql`; use those crates instead. An [`Engine`]
//! executes a batch on one connection, and [`BatchedStore`] does everything else. Two macros give the stores and their
//! options the same public methods.
#![forbid(unsafe_code)]

mod batched_store;
mod connection;
mod engine;
mod failure;
mod macros;
mod metrics;
mod schema;
mod setup;
mod sweeper;
mod write;

pub use batched_store::BatchedStore;
pub use engine::{Engine, LoadedRow};
pub use failure::{BoxError, Failure};
pub use metrics::SqlMetrics;
pub use schema::check_schema;
pub use setup::settings::Settings;
pub use setup::table::Table;
pub use setup::tls_url::{TlsUrl, is_local};
pub use write::{MAX_OWNER_BYTES, OwnerKey, SWEEP_STEP, Write, WriteOutcome};
