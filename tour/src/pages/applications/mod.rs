//! Small applications that use sessions.

mod cart;
mod invite;
mod one_time_tokens;
mod token;

use crate::pages::Group;

pub(crate) const GROUP: Group = Group {
    title: "Small applications",
    pages: &[invite::PAGE, cart::PAGE, token::PAGE],
};
