use hardtack_minijinja::minijinja::{Environment, Error, ErrorKind, Value};

use crate::contents::GROUPS;
use crate::kind::Kind;
use crate::lines;
use crate::pages::{Group, Page};

/// All templates, in the program itself: it runs from anywhere.
const TEMPLATES: &[(&str, &str)] = &[
    ("concept.html", include_str!("../templates/concept.html")),
    ("cookies.html", include_str!("../templates/cookies.html")),
    ("delete-cookie.html", include_str!("../templates/delete-cookie.html")),
    ("form-cookie.html", include_str!("../templates/form-cookie.html")),
    ("get-cookie.html", include_str!("../templates/get-cookie.html")),
    ("home.html", include_str!("../templates/home.html")),
    ("index.html", include_str!("../templates/index.html")),
    ("later-cookie.html", include_str!("../templates/later-cookie.html")),
    ("layout.html", include_str!("../templates/layout.html")),
    ("login.html", include_str!("../templates/login.html")),
    ("logout.html", include_str!("../templates/logout.html")),
    ("messages.html", include_str!("../templates/messages.html")),
    ("my-route.html", include_str!("../templates/my-route.html")),
    ("not-found.html", include_str!("../templates/not-found.html")),
    ("profile.html", include_str!("../templates/profile.html")),
    ("set-cookie.html", include_str!("../templates/set-cookie.html")),
    ("some-route.html", include_str!("../templates/some-route.html")),
    ("stranger.html", include_str!("../templates/stranger.html")),
    ("switch.html", include_str!("../templates/switch.html")),
    ("wire.html", include_str!("../templates/wire.html")),
];

/// The templates, and what all of them know. `usual` is the kind of session for who has chosen none.
pub(crate) fn environment(usual: Kind) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_loader(|name| {
        Ok(TEMPLATES.iter().find(|(known, _)| *known == name).map(|(_, template)| (*template).to_owned()))
    });
    environment.add_global("kinds", Kind::ALL.into_iter().map(Kind::to_template).collect::<Value>());
    environment.add_global("groups", GROUPS.iter().map(Group::to_template).collect::<Value>());
    environment.add_function("kind_of", move |cookie: Option<&str>| {
        cookie.and_then(|kind| kind.parse().ok()).unwrap_or(usual).to_template()
    });
    environment.add_function("page_at", |path: &str| Page::at(path).map(Page::to_template));
    environment.add_function("lines", |handler: &str| lines::of(handler).ok_or_else(|| no_lines(handler)));
    environment.add_function("flask_lines", |function: &str| {
        lines::of_flask(function).ok_or_else(|| no_lines(function))
    });
    environment
}

fn no_lines(function: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("there is no function {function}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_well_formed() {
        let environment = environment(Kind::Stored);
        for (name, _) in TEMPLATES {
            assert!(environment.get_template(name).is_ok(), "{name}");
        }
    }
}
