//! Ways to carry state from one request to the next.

#[cfg(feature = "inspect")]
mod conversation;
mod step_one;
mod step_zero;
mod storage;
mod which;

use crate::pages::Group;

pub(crate) const GROUP: Group = Group {
    title: "State",
    pages: &[
        #[cfg(feature = "inspect")]
        conversation::PAGE,
        step_zero::PAGE,
        step_one::PAGE,
        storage::PAGE,
        which::PAGE,
    ],
};
