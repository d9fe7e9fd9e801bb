//! Concurrent requests, in every order that a seed can draw, compared with a model of a session.

mod broken;
pub(crate) mod cases;
mod history;
mod inspect;
mod judge;
mod model;
mod operation;
mod run;
mod schedule;
mod shrink;
pub(crate) mod stepped;
mod violation;

pub use broken::{Broken, BrokenStore};
pub use run::{Interleaved, Schedules, interleave};
pub use violation::Violation;
