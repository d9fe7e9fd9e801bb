//! What hardtack's stores on database servers share: requests gathered into groups, one statement for each group,
//! reconnecting, sweeping.
//!
//! This is the inside of `hardtack-postgres` and `hardtack-mysql`; use those. An [`Engine`] says how one connection
//! carries out a group, and [`Gathering`] does the rest.
#![forbid(unsafe_code)]

mod counters;
mod engine;
mod gathering;
mod job;
mod lane;
mod link;
mod query;
mod queue;
mod settings;
mod sweeper;
mod table;
mod time;

pub use counters::SqlCounters;
pub use engine::{Done, Engine, Failure, Write};
pub use gathering::Gathering;
pub use settings::Settings;
pub use table::Table;
pub use time::{millis, time};
