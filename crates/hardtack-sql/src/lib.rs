//! What hardtack's stores on database servers share: requests gathered into groups, one statement for each group,
//! reconnecting, sweeping.
//!
//! This is the inside of `hardtack-postgres` and `hardtack-mysql`; use those. An [`Engine`] says how one connection
//! carries out a group, and [`Gathering`] does the rest. Two macros give each of these stores, and its options, the same
//! face.
#![forbid(unsafe_code)]

mod counters;
mod engine;
mod gathering;
mod job;
mod lane;
mod lanes;
mod link;
mod present;
mod query;
mod queue;
mod schema;
mod settings;
mod surface;
mod sweeper;
mod table;
mod tls_url;

pub use counters::SqlCounters;
pub use engine::{Cause, Done, Engine, Failure, Loaded, MAX_OWNER, SWEEP_STEP, Whose, Write};
pub use gathering::Gathering;
pub use schema::check_schema;
pub use settings::Settings;
pub use table::Table;
pub use tls_url::{TlsUrl, is_here};
