use hardtack_minijinja::minijinja::{Environment, Error, ErrorKind, Value};

use crate::contents::GROUPS;
use crate::group::Group;
use crate::kind::Kind;
use crate::lines;
use crate::page::Page;
use crate::paint::{Language, paint};

/// All templates, compiled in, so that the program runs from any folder.
const TEMPLATES: &[(&str, &str)] = &[
    ("anatomy.html", include_str!("../templates/anatomy.html")),
    ("cart.html", include_str!("../templates/cart.html")),
    ("concept.html", include_str!("../templates/concept.html")),
    ("conversation.html", include_str!("../templates/conversation.html")),
    ("cookies-of.html", include_str!("../templates/cookies-of.html")),
    ("cookies.html", include_str!("../templates/cookies.html")),
    ("course.html", include_str!("../templates/course.html")),
    ("delete-cookie.html", include_str!("../templates/delete-cookie.html")),
    ("devices.html", include_str!("../templates/devices.html")),
    ("elsewhere.html", include_str!("../templates/elsewhere.html")),
    ("flash.html", include_str!("../templates/flash.html")),
    ("form-cookie.html", include_str!("../templates/form-cookie.html")),
    ("get-cookie.html", include_str!("../templates/get-cookie.html")),
    ("head.html", include_str!("../templates/head.html")),
    ("home.html", include_str!("../templates/home.html")),
    ("invite.html", include_str!("../templates/invite.html")),
    ("jar.html", include_str!("../templates/jar.html")),
    ("later-cookie.html", include_str!("../templates/later-cookie.html")),
    ("layout.html", include_str!("../templates/layout.html")),
    ("leaderboard.html", include_str!("../templates/leaderboard.html")),
    ("limits.html", include_str!("../templates/limits.html")),
    ("lines-section.html", include_str!("../templates/lines-section.html")),
    ("login.html", include_str!("../templates/login.html")),
    ("logout.html", include_str!("../templates/logout.html")),
    ("messages.html", include_str!("../templates/messages.html")),
    ("my-route.html", include_str!("../templates/my-route.html")),
    ("not-found.html", include_str!("../templates/not-found.html")),
    ("options.html", include_str!("../templates/options.html")),
    ("preferences.html", include_str!("../templates/preferences.html")),
    ("profile.html", include_str!("../templates/profile.html")),
    ("remember.html", include_str!("../templates/remember.html")),
    ("set-cookie.html", include_str!("../templates/set-cookie.html")),
    ("some-route.html", include_str!("../templates/some-route.html")),
    ("step-half.html", include_str!("../templates/step-half.html")),
    ("step-one.html", include_str!("../templates/step-one.html")),
    ("step-zero.html", include_str!("../templates/step-zero.html")),
    ("storage.html", include_str!("../templates/storage.html")),
    ("stranger.html", include_str!("../templates/stranger.html")),
    ("switch.html", include_str!("../templates/switch.html")),
    ("tips.html", include_str!("../templates/tips.html")),
    ("token-use.html", include_str!("../templates/token-use.html")),
    ("token.html", include_str!("../templates/token.html")),
    ("types.html", include_str!("../templates/types.html")),
    ("visits.html", include_str!("../templates/visits.html")),
    ("walk.html", include_str!("../templates/walk.html")),
    ("which.html", include_str!("../templates/which.html")),
    ("wire-section.html", include_str!("../templates/wire-section.html")),
    ("wire.html", include_str!("../templates/wire.html")),
];

/// Returns the templates and their common values. `usual` is the kind of session for visitors who have not chosen one.
pub(crate) fn environment(usual: Kind) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_loader(|name| {
        Ok(TEMPLATES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, template)| (*template).to_owned()))
    });
    environment.add_global(
        "kinds",
        Kind::ALL.into_iter().map(Kind::to_template).collect::<Value>(),
    );
    environment
        .add_global("groups", GROUPS.iter().map(Group::to_template).collect::<Value>());
    environment.add_global("has_inspector", cfg!(feature = "inspect"));
    environment.add_function("kind_of", move |cookie: Option<&str>| {
        cookie.and_then(|kind| kind.parse().ok()).unwrap_or(usual).to_template()
    });
    environment
        .add_function("page_at", |path: &str| Page::at(path).map(Page::to_template));
    environment.add_function("lines", |handler: &str| {
        lines::of(handler)
            .map(|lines| paint(lines, Language::Rust))
            .ok_or_else(|| no_lines(handler))
    });
    environment.add_function("template_lines", template_lines);
    environment.add_function("flask_lines", |function: &str| {
        lines::of_flask(function)
            .map(|lines| paint(lines, Language::Python))
            .ok_or_else(|| no_lines(function))
    });
    environment
}

/// Returns the lines that a page's template marks as worth showing.
fn template_lines(path: &str) -> Option<Value> {
    let name = path.strip_prefix('/')?;
    let (_, template) = TEMPLATES
        .iter()
        .find(|(known, _)| known.strip_suffix(".html") == Some(name))?;
    let (_, marked) = template.split_once("{# lines #}\n")?;
    marked.split_once("\n{# end #}").map(|(lines, _)| paint(lines, Language::Template))
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
