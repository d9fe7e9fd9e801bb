//! Tests that no acknowledged write is lost and that no ended session comes back, on every engine and with every fault.
//!
//! Each test uses the whole machine, so `./test` runs this module separately, one test after the other.

mod promises;
