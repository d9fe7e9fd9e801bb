//! Small applications of sessions.

mod cart;
mod invite;
mod token;
mod tokens;

use crate::pages::Group;

pub(crate) const GROUP: Group = Group {
    title: "Small applications",
    pages: &[invite::PAGE, cart::PAGE, token::PAGE],
};
