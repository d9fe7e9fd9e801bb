//! Opens, closes, and cancels sessions that are kept in their cookies.

mod cancel;
mod close;
mod open;

pub(crate) use cancel::cancel;
pub(crate) use close::{close, excess};
pub(crate) use open::open;
