//! Tests that the stores share, in addition to the conformance suite. They check what a store logs, whether sessions
//! that are renewed while they are being ended are ended too, how a sweep affects the latency of requests, and how a
//! store behaves on a database server.
//!
//! The test programs of the stores call these tests. The macro `sql_store_tests` generates the tests of a store on a
//! database server.
#![forbid(unsafe_code)]

mod barrier;
mod log_capture;
mod renewal_race;
pub mod sql;
mod sweep_latency;

pub use log_capture::{LogCapture, LogSearch};
pub use renewal_race::{RenewalRace, renew_while_ending, rounds_of_renewals};
