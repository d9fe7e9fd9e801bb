//! The load for measuring stores: many concurrent tasks, each with its own sessions.

mod operation;
mod ours;
mod processor;
mod rows;
mod measurement;

pub use operation::{Operation, Result, operation};
pub use ours::{Ours, Versions};
pub use processor::{Used, used};
pub use rows::{DATA, data, expiry, id, key, mixed, record};
pub use measurement::{TASKS, Measurement, in_turn, median, measure};
