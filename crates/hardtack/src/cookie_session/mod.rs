//! Opens, closes, and saves sessions that are kept in their cookies.

mod close;
mod open;

pub(crate) use close::{close, excess};
pub(crate) use open::open;
