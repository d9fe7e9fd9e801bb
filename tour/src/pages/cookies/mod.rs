//! Cookies: how to set, read, and delete them, their attributes, and their limits.

mod all_cookies;
mod delete_cookie;
mod get_cookie;
mod handle_form_cookie;
#[cfg(feature = "inspect")]
mod jar;
mod later_cookie;
mod limits;
mod options;
mod preferences;
mod set_cookie;
mod visits;

use crate::pages::Group;

pub(crate) const GROUP: Group = Group {
    title: "Cookies",
    pages: &[
        handle_form_cookie::PAGE,
        later_cookie::PAGE,
        set_cookie::PAGE,
        get_cookie::PAGE,
        delete_cookie::PAGE,
        all_cookies::PAGE,
        visits::PAGE,
        preferences::PAGE,
        options::PAGE,
        limits::PAGE,
        #[cfg(feature = "inspect")]
        jar::PAGE,
    ],
};
