//! Every engine with every fault: no acknowledged write is lost, and no ended session comes back.
//!
//! Each test keeps the machine busy by itself, so `./test` runs this module alone, one test after the other.

mod promises;
