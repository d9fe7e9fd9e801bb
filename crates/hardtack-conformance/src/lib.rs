//! The suite that every session store must pass: hardtack's own, and yours.
//!
//! It tests a [`SessionStore`](hardtack_core::store::SessionStore) in three layers:
//!
//! - **The contract**, sentence by sentence: what was written comes back, `create` never overwrites, `replace` and
//!   `touch` never insert, no version ever comes back, owners and expiry are indexed rightly, of many writers at once
//!   one wins, a dropped call was applied whole or not at all.
//! - **The protocols** over it: renewing, logging in and out, revoking, and requests that come late.
//! - **Interleavings**: thousands of small histories of a browser's parallel requests, each step's order drawn from a
//!   seed, with requests dropped at every await and calls of the store failing before or after they are applied. There
//!   must be an order of the requests in which a simple model of a session does and answers the same.
//!
//! And because a check that never fails proves nothing, the interleavings are also run on your store broken on purpose
//! in three ways, where they must find a violation.
//!
//! # Use
//!
//! One line makes a test of every case. The argument gives a fresh, empty store each time:
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
//! A store that needs a runtime brings it along; see [`suite!`]. Or run all cases inside one of your own tests, with
//! [`run`], which gives a [`Report`]; or a single one by its name, with [`check`].
//!
//! ```
//! use hardtack_core::store::MemoryStore;
//! use hardtack_conformance::{block_on, check};
//!
//! let fresh = || async { MemoryStore::new() };
//! assert!(block_on(check("create_never_overwrites", &fresh)).is_ok());
//! ```
//!
//! The guide of the crate `hardtack` has the contract rule by rule, and a small store that passes.
//!
//! A store that can also be gone through page by page
//! ([`SessionListing`](hardtack_core::store::SessionListing)) has a second, small suite for that: [`listing_suite!`],
//! or [`run_listing`]. What becomes of records that the store cannot decode needs a hand that damages them:
//! [`check_damaged`].
//!
//! The number of interleavings is 10 000, or what the environment's `HARDTACK_SCHEDULES` says.
//!
//! # What it does not test
//!
//! Durability (a process killed, a cable cut), speed, and what happens between several processes: those need the real
//! machine around them.
#![forbid(unsafe_code)]

mod case;
mod contract;
mod dice;
mod failure;
mod interleave;
mod listing;
mod protocol;
mod report;
mod request;
mod running;
mod sample;
#[doc(hidden)]
pub mod spy;

pub use case::{CASES, Fresh, check, run};
pub use contract::check_damaged;
pub use failure::Failure;
pub use interleave::{Broken, BrokenStore, Interleaved, Schedules, Violation, interleave};
pub use listing::{LISTING_CASES, check_listing, run_listing};
pub use report::{Report, Verdict};
pub use running::block_on;
