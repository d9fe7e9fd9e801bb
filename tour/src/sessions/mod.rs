//! The session layers, of which each visitor chooses one.

mod kind;
mod kinds;
mod switch;

pub use kind::Kind;
pub use kinds::Kinds;
pub(crate) use kinds::{COOKIE_NAMES, by_choice};
pub(crate) use switch::routes;
