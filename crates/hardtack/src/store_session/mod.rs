//! Opens, saves, closes, and cancels sessions that are kept in a store.

mod cancel;
mod close;
mod commit;
mod intent;
mod open;
mod save;
mod underway;

pub(crate) use cancel::cancel;
pub(crate) use close::{Closing, Pending, close, excess, facts};
pub(crate) use commit::commit_of;
pub(crate) use intent::unmerged;
pub(crate) use open::open;
pub(crate) use underway::Underway;
