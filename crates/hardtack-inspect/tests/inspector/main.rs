//! The inspector as an application has it: what it shows, to whom, and what it costs to leave out.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod browser;
mod left_out;
mod load;
mod pages;
mod peers;
mod secrets;
mod stream;
mod verdicts;
mod wire;
