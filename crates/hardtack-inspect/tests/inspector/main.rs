//! Tests of the inspector in an application: what the inspector shows, who can see it, and that an application without
//! the inspector contains none of its code.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod browser;
mod load;
mod pages;
mod peers;
mod secrets;
mod stream;
mod verdicts;
mod wire;
mod without_inspector;
