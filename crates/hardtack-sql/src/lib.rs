//! The code that hardtack's database server stores share: batching, reconnecting, and sweeping.
//!
//! This is an internal part of `hardtack-postgres` and `hardtack-mysql`; use those crates instead. An [`Engine`]
//! executes a batch on one connection, and [`Gathering`] does the rest. Two macros give each store and its options the
//! same public methods.
#![forbid(unsafe_code)]

mod engine;
mod gathering;
mod job;
mod lane;
mod lanes;
mod link;
mod metrics;
mod present;
mod query;
mod queue;
mod schema;
mod settings;
mod surface;
mod sweeper;
mod table;
mod tls_url;

pub use engine::{Cause, Done, Engine, Failure, Loaded, MAX_OWNER, SWEEP_STEP, Whose, Write};
pub use gathering::Gathering;
pub use metrics::SqlMetrics;
pub use schema::check_schema;
pub use settings::Settings;
pub use table::Table;
pub use tls_url::{TlsUrl, is_here};
