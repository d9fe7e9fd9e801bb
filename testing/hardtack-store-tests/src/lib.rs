//! Tests that the stores share, in addition to the conformance suite. They check what a store logs, sessions that are
//! renewed while they are ended, the latency of requests during a sweep, and behavior that is specific to database
//! servers.
//!
//! The tests of each store call these tests. The macro `sql_store_tests` generates the tests of a store on a database
//! server.
#![forbid(unsafe_code)]

mod barrier;
mod log_capture;
mod renewal_race;
pub mod sql;
mod sweep_latency;

pub use log_capture::{LogCapture, LogSearch};
pub use renewal_race::{RenewalRace, renew_while_ending, rounds_of_renewals};
