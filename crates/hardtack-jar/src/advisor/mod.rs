//! What would make the cookies of a server safer: a function of the `Set-Cookie` line, its origin, and the jar.
//!
//! A new warning is one row of the table in `rule.rs`, and one check in `advisor.rs`, `syntax.rs`, or `value.rs`.

mod advisor;
mod finding;
mod role;
mod rule;
mod severity;
mod syntax;
mod value;

pub use advisor::Advisor;
pub use finding::Finding;
pub use role::Role;
pub use rule::Rule;
pub use severity::Severity;
