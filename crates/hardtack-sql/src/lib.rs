//! The code that hardtack's database server stores share: batching, reconnecting, and sweeping.
//!
//! This is an internal part of `hardtack-postgres` and `hardtack-mysql`; use those crates instead. An [`Engine`]
//! executes a batch on one connection, and [`BatchedStore`] does the rest. Two macros give each store and its options
//! the same public methods.
#![forbid(unsafe_code)]

mod batched_store;
mod engine;
mod last_write_clock;
mod macros;
mod metrics;
mod query;
mod queue;
mod reconnecting_connection;
mod request;
mod schema;
mod settings;
mod sweeper;
mod table;
mod tls_url;
mod worker;
mod workers;

pub use batched_store::BatchedStore;
pub use engine::{
    BoxError, Engine, Failure, LoadedRow, MAX_OWNER_BYTES, OwnerKey, SWEEP_STEP, Write, WriteOutcome,
};
pub use metrics::SqlMetrics;
pub use schema::check_schema;
pub use settings::Settings;
pub use table::Table;
pub use tls_url::{TlsUrl, is_local};
