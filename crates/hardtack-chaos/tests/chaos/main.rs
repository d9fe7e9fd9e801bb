//! Every engine with every fault: nothing that was acknowledged is lost, and nothing that was ended comes back.
//!
//! Each test keeps the machine busy by itself, so `./test` runs this module alone and one test after the other.

mod promises;
