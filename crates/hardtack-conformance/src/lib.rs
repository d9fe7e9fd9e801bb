//! The conformance suite for session stores, both hardtack's and your own.
//!
//! The suite tests a [`SessionStore`](hardtack_core::store::SessionStore) in three layers:
//!
//! - **The contract**, sentence by sentence: a load returns what was written, `create` never overwrites, `replace` and
//!   `touch` never insert, no version repeats, owners and expiry are indexed correctly, one of several concurrent
//!   writers wins, and a dropped call is applied completely or not at all.
//! - **The protocols** that build on the contract: renewal, login and logout, revocation, and late requests.
//! - **Interleavings**: thousands of short histories of a browser's parallel requests, in which a seed determines the
//!   order of all steps. Requests are dropped before, during, and after store calls, and store calls fail before or
//!   after they are applied. The results must be explainable: if a simple model of a session handles the requests one
//!   by one, in some order, it must give the same answers and end in the same state.
//!
//! A check that never fails proves nothing. The suite therefore also adds three deliberate defects to your store, one
//! at a time, and the interleavings must find a violation for each.
//!
//! # Use
//!
//! One line generates a test for every case. The argument returns a fresh, empty store each time it is called:
//!
//! ```
//! use hardtack_core::store::MemoryStore;
//!
//! async fn fresh() -> MemoryStore {
//!     MemoryStore::new()
//! }
//!
//! hardtack_conformance::suite!(fresh);
//! # fn main() {}
//! ```
//!
//! If the store needs a runtime, pass [`suite!`] a function that runs a future on one. Inside a test of your own,
//! [`run`] runs all cases and returns a [`Report`], and [`check`] runs a single case by its name.
//!
//! ```
//! use hardtack_core::store::MemoryStore;
//! use hardtack_conformance::{block_on, check};
//!
//! let fresh = || async { MemoryStore::new() };
//! assert!(block_on(check("create_never_overwrites", &fresh)).is_ok());
//! ```
//!
//! The `hardtack` guide explains the contract rule by rule, and contains a small store that passes the suite.
//!
//! For a store that can also be listed page by page ([`SessionListing`](hardtack_core::store::SessionListing)), there
//! is a second, small suite: use [`listing_suite!`] or [`run_listing`]. To test how the store handles undecodable
//! records, pass a function that damages a record to [`check_damaged`].
//!
//! The suite plays 10,000 interleavings each without faults, with dropped requests, and with failing store calls. Set
//! the environment variable `HARDTACK_SCHEDULES` to change that number.
//!
//! # What it does not test
//!
//! The suite does not test durability (a killed process, a power failure), speed, or the interaction of several
//! processes: those tests need a real machine.
#![forbid(unsafe_code)]

mod case;
mod contract;
mod executor;
mod failure;
mod interleave;
mod listing;
mod protocol;
mod report;
mod request;
mod rng;
mod sample;
#[doc(hidden)]
pub mod spy;

pub use case::{CASES, Fresh, check, run};
pub use contract::check_damaged;
pub use executor::block_on;
pub use failure::Failure;
pub use interleave::{Defect, DefectiveStore, Interleaved, Schedules, Violation, interleave};
pub use listing::{LISTING_CASES, check_listing, run_listing};
pub use report::{CaseResult, Report};
