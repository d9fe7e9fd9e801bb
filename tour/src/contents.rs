use crate::group::Group;
use crate::page::Page;

/// All pages of the tour, in reading order.
pub const GROUPS: &[Group] = &[START, STATE, COOKIES, SESSION, APPLICATIONS, LOGIN];

const START: Group = Group::new(
    "Start",
    &[Page::new(
        "/",
        "The course",
        "What there is, a checklist that remembers what you did, and a quiz.",
        &["save_progress"],
        &["course", "save_progress"],
    )
    .in_part_by_script()],
);

const STATE: Group = Group::new(
    "State",
    &[
        #[cfg(feature = "inspect")]
        Page::new(
            "/conversation",
            "The conversation",
            "Three requests about your favorite food, and what makes them one conversation.",
            &["hello", "learn"],
            &["hello", "learn"],
        ),
        Page::new(
            "/step-zero",
            "Step zero",
            "Pack something, and choose how it travels to the next page.",
            &["carry"],
            &["step_zero"],
        )
        .in_part_by_script(),
        Page::new(
            "/step-one",
            "Step one",
            "What has arrived, by each of the seven ways.",
            &["step_one"],
            &["step_one"],
        )
        .in_part_by_script(),
        Page::new(
            "/storage",
            "Cookie, localStorage, sessionStorage",
            "The browser’s three places for notes, side by side.",
            &["storage", "note_in_cookie"],
            &["storage"],
        )
        .in_part_by_script(),
        Page::new(
            "/which",
            "Which to use when",
            "Say what you need, and see what serves it.",
            &["which", "advise"],
            &["which"],
        ),
    ],
);

const COOKIES: Group = Group::new(
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
        Page::new(
            "/visits",
            "Count the visits",
            "Two cookies know how often you came, and what customer that makes you.",
            &["visits"],
            &["visits"],
        ),
        Page::new(
            "/preferences",
            "Preferences",
            "Your name and the tour’s colors, remembered when you return.",
            &["preferences", "prefer"],
            &["preferences"],
        ),
        Page::new(
            "/options",
            "Every attribute",
            "Switch each attribute of a cookie, and see what a browser makes of it.",
            &["try_options", "wanted"],
            &["options"],
        )
        .in_part_by_script(),
        Page::new(
            "/limits",
            "4,096 bytes, and one more",
            "How much a cookie can hold, and what happens then.",
            &["send", "fill"],
            &["limits"],
        ),
        #[cfg(feature = "inspect")]
        Page::new(
            "/jar",
            "The jar",
            "What a server can know of the browser’s cookies, and how to clear them.",
            &["jar", "clear"],
            &["jar", "clear"],
        ),
    ],
);

const SESSION: Group = Group::new(
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
            "Another page reads it, in the template by itself, and a number is still a number.",
            &["my_route"],
            &["my_route"],
        ),
        Page::new(
            "/types",
            "Types are kept",
            "A date comes back as a date, a tuple as a tuple, bytes as bytes.",
            &["put_types", "types"],
            &["put_types"],
        ),
        Page::new(
            "/leaderboard",
            "A list that stays a list",
            "A leaderboard grows inside the session, and no change in it is forgotten.",
            &["play", "leaderboard"],
            &["leaderboard"],
        ),
        #[cfg(feature = "inspect")]
        Page::new(
            "/anatomy",
            "Anatomy of a session",
            "A session’s cookie layer by layer, and what happens if one letter is changed.",
            &["judged", "layers"],
            &["anatomy"],
        ),
        Page::new(
            "/remember",
            "This visit, or longer",
            "A session that ends with the browser, or is remembered.",
            &["remember_me"],
            &["remember_me"],
        ),
        Page::new(
            "/flash",
            "Flash messages",
            "A message for the next page, shown once.",
            &["leave_message"],
            &["leave_message"],
        ),
    ],
);

const APPLICATIONS: Group = Group::new(
    "Small applications",
    &[
        Page::new(
            "/invite",
            "A secret invitation",
            "Whoever knows the code gets in, and stays in.",
            &["enter_code", "invite"],
            &["invite"],
        ),
        Page::new(
            "/cart",
            "A cart",
            "A guest fills it, and keeps it after logging in.",
            &["change_cart"],
            &["change_cart"],
        ),
        Page::new(
            "/token",
            "A link that works once",
            "A token that opens something a single time, and only for a while.",
            &["issue", "redeem"],
            &["issue", "redeem"],
        ),
    ],
);

const LOGIN: Group = Group::new(
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
            "/devices",
            "Your devices",
            "Where you are logged in: name a device, end one, or all others.",
            &["devices", "name_device", "end_device", "end_others"],
            &["devices"],
        ),
        Page::new(
            "/tips",
            "Tips for safety",
            "Six things that make a session safe, each with its proof.",
            &["proofs", "renew"],
            &["tips"],
        )
        .in_part_by_script(),
        Page::new(
            "/logout",
            "Log out",
            "The session’s id is dead at once, also for requests under way.",
            &["log_out", "log_out_by_link"],
            &["log_out"],
        ),
    ],
);
