use hardtack_minijinja::context;
use hardtack_minijinja::minijinja::Value;

/// A page of the tour.
pub(crate) struct Page {
    pub(crate) path: &'static str,
    pub(crate) title: &'static str,
    /// What it shows, in a sentence.
    pub(crate) about: &'static str,
    /// The functions whose lines it shows.
    pub(crate) handlers: &'static [&'static str],
}

/// Pages about one thing.
pub(crate) struct Group {
    pub(crate) title: &'static str,
    pub(crate) pages: &'static [Page],
}

/// All of the tour, in the order to walk it.
pub(crate) const GROUPS: &[Group] = &[
    Group {
        title: "Cookies",
        pages: &[
            Page {
                path: "/handle-form-cookie",
                title: "A cookie from a form",
                about: "What you type comes back as a cookie, whatever characters are in it.",
                handlers: &["handle_form_cookie"],
            },
            Page {
                path: "/later-cookie",
                title: "The cookie, later",
                about: "Another page reads the cookie that the form has set.",
                handlers: &["later_cookie"],
            },
            Page {
                path: "/set-cookie",
                title: "Set a cookie",
                about: "A cookie that the browser keeps for an hour.",
                handlers: &["set_cookie"],
            },
            Page {
                path: "/get-cookie",
                title: "Get a cookie",
                about: "It comes back exactly as it was set.",
                handlers: &["get_cookie"],
            },
            Page {
                path: "/delete-cookie",
                title: "Delete a cookie",
                about: "The browser is told to forget it.",
                handlers: &["delete_cookie"],
            },
            Page {
                path: "/cookies",
                title: "All cookies",
                about: "A template loops over everything that the browser has sent.",
                handlers: &["all_cookies"],
            },
        ],
    },
    Group {
        title: "Session",
        pages: &[
            Page {
                path: "/some-route",
                title: "Put something in",
                about: "The session is a dictionary that lasts from request to request.",
                handlers: &["some_route"],
            },
            Page {
                path: "/my-route",
                title: "Read it elsewhere",
                about: "Another page reads it, and a number is still a number.",
                handlers: &["my_route"],
            },
        ],
    },
    Group {
        title: "Login",
        pages: &[
            Page {
                path: "/login",
                title: "Log in",
                about: "A new session id, the user recorded, and a message for the next page.",
                handlers: &["log_in"],
            },
            Page {
                path: "/home",
                title: "Home",
                about: "Messages wait here, and visits are counted so that none is lost.",
                handlers: &["home"],
            },
            Page {
                path: "/profile",
                title: "Profile",
                about: "Only for those who have logged in; a stranger gets a 401.",
                handlers: &["profile"],
            },
            Page {
                path: "/logout",
                title: "Log out",
                about: "The session's id is dead at once, also for requests under way.",
                handlers: &["log_out", "log_out_by_link"],
            },
        ],
    },
];

impl Page {
    /// The page at a path.
    pub(crate) fn at(path: &str) -> Option<&'static Self> {
        GROUPS.iter().flat_map(|group| group.pages).find(|page| page.path == path)
    }

    /// As templates see it.
    pub(crate) fn to_template(&self) -> Value {
        let handlers: Value = self.handlers.iter().copied().collect();
        context! { path => self.path, title => self.title, about => self.about, handlers }
    }
}

impl Group {
    /// As templates see it.
    pub(crate) fn to_template(&self) -> Value {
        let pages: Value = self.pages.iter().map(Page::to_template).collect();
        context! { title => self.title, pages }
    }
}
