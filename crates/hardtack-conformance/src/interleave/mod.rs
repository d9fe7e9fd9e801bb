//! Concurrent requests in random orders, whose results are compared with a model of a session.

pub(crate) mod cases;
mod defective_store;
mod find_order;
mod findings;
mod history;
mod model;
mod operation;
mod run;
mod schedule;
mod shrink;
pub(crate) mod stepped;
mod violation;

pub use defective_store::{Defect, DefectiveStore};
pub use run::{Interleaved, Schedules, interleave};
pub use violation::Violation;
