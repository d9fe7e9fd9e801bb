//! What could be safer about the cookies that a server sets: a function of the line, of where it came from, and of what
//! the jar holds.

mod advisor;
mod attributes;
mod flaw;
mod piece;
mod role;
mod severity;
mod value;

pub use advisor::{Advisor, ResponseAdvice};
pub use flaw::Flaw;
pub use piece::Advice;
pub use role::Role;
pub use severity::Severity;
