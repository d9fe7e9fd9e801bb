use crate::pages::{Group, Page};

/// All of the tour, in the order to walk it.
pub const GROUPS: &[Group] = &[
    Group::new(
        "Cookies",
        &[
            Page::new(
                "/handle-form-cookie",
                "A cookie from a form",
                "What you type comes back as a cookie, whatever characters are in it.",
                &["handle_form_cookie"],
                &["handle_form_cookie"],
            ),
            Page::new(
                "/later-cookie",
                "The cookie, later",
                "Another page reads the cookie that the form has set.",
                &["later_cookie"],
                &["later_cookie"],
            ),
            Page::new(
                "/set-cookie",
                "Set a cookie",
                "A cookie that the browser keeps for an hour.",
                &["set_cookie"],
                &["set_cookie"],
            ),
            Page::new(
                "/get-cookie",
                "Get a cookie",
                "It comes back exactly as it was set.",
                &["get_cookie"],
                &["get_cookie"],
            ),
            Page::new(
                "/delete-cookie",
                "Delete a cookie",
                "The browser is told to forget it.",
                &["delete_cookie"],
                &["delete_cookie"],
            ),
            Page::new(
                "/cookies",
                "All cookies",
                "A template loops over everything that the browser has sent.",
                &["all_cookies"],
                &["all_cookies"],
            ),
        ],
    ),
    Group::new(
        "The session",
        &[
            Page::new(
                "/some-route",
                "Put something in",
                "The session is a dictionary that lasts from request to request.",
                &["some_route"],
                &["some_route"],
            ),
            Page::new(
                "/my-route",
                "Read it elsewhere",
                "Another page reads it, and a number is still a number.",
                &["my_route"],
                &["my_route"],
            ),
        ],
    ),
    Group::new(
        "Logging in",
        &[
            Page::new(
                "/login",
                "Log in",
                "A new session id, the user recorded, and a message for the next page.",
                &["log_in"],
                &["log_in"],
            ),
            Page::new(
                "/home",
                "Home",
                "Messages wait here, and visits are counted so that none is lost.",
                &["home"],
                &["home"],
            ),
            Page::new(
                "/profile",
                "Profile",
                "Only for those who have logged in; a stranger gets a 401.",
                &["profile"],
                &["profile"],
            ),
            Page::new(
                "/logout",
                "Log out",
                "The session’s id is dead at once, also for requests under way.",
                &["log_out", "log_out_by_link"],
                &["log_out"],
            ),
        ],
    ),
];
