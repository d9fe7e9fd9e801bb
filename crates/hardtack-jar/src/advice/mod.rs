//! Advice on making the cookies that a server sets safer: a function of the line, its origin, and the jar.

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
