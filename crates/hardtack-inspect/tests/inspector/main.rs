//! The inspector in an application: what it shows, who can see it, and what an application without it contains.
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
