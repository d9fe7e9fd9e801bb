//! Opens, closes, and saves sessions that their cookies hold.

mod close;
mod open;

pub(crate) use close::{close, excess};
pub(crate) use open::open;
