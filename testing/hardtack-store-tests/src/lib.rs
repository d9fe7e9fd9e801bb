//! The tests that the stores share, in addition to the conformance suite: what they log, sessions that are renewed while
//! they are ended, sweeping beside clients, and everything about database servers.
//!
//! A store's own tests call them. The macro `sql_store_tests` generates the tests of a store on a database server.
#![forbid(unsafe_code)]

mod barrier;
mod logged;
mod renewing;
pub mod sql;
mod sweeping;

pub use logged::{Found, Logged};
pub use renewing::{Renewed, renew_while_ending, rounds_of_renewals};
