//! Finds out what would make a server's cookies safer. The findings depend only on the response, the request, the jar,
//! and the time.
//!
//! To add a rule, add a row to the table in `rule.rs`, and a check to `advisor.rs`, `syntax.rs`, or `value.rs`.

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
