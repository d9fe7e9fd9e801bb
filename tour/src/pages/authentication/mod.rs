//! Pages about logging in and out, and about the security of sessions.

mod devices;
mod home;
mod login;
mod login_limiter;
mod logout;
mod peer;
mod profile;
mod tips;
mod users;

use crate::pages::Group;

pub(crate) const GROUP: Group = Group {
    title: "Logging in",
    pages: &[
        login::PAGE,
        home::PAGE,
        profile::PAGE,
        devices::PAGE,
        tips::PAGE,
        logout::PAGE,
    ],
};
