//! The session as a dictionary: what it can store, how its cookie is made, and how long it lasts.

#[cfg(feature = "inspect")]
mod anatomy;
mod flash;
mod leaderboard;
mod my_route;
mod remember;
mod some_route;
mod types;

use crate::pages::Group;

pub(crate) const GROUP: Group = Group {
    title: "The session",
    pages: &[
        some_route::PAGE,
        my_route::PAGE,
        types::PAGE,
        leaderboard::PAGE,
        #[cfg(feature = "inspect")]
        anatomy::PAGE,
        remember::PAGE,
        flash::PAGE,
    ],
};
