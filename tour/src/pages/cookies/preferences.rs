use axum::Router;
use axum::extract::Form;
use axum::response::{Html, Redirect};
use axum::routing::get;
use hardtack::{Cookies, RemoveCookie, SetCookie};
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

use super::visits::A_YEAR;
use crate::pages::short;
use crate::pages::{Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/preferences",
    title: "Preferences",
    about: "Your name and the tour’s colors, remembered when you return.",
    routes: |_| Router::new().route("/preferences", get(preferences).post(prefer)),
    source: include_str!("preferences.rs"),
    handlers: &["preferences", "prefer"],
    flask: &["preferences"],
    templates: templates!["cookies/preferences.html"],
    ..Page::DEFAULTS
};

#[derive(Deserialize)]
struct Preferences {
    name: String,
    theme: String,
}

async fn preferences(view: View, cookies: Cookies) -> Result<Html<String>, ViewError> {
    let (name, theme) = (cookies.get("name"), cookies.get("theme").unwrap_or("system"));
    view.render("cookies/preferences.html", context! { name, theme })
}

async fn prefer(
    Form(wanted): Form<Preferences>,
) -> (SetCookie, Option<SetCookie>, Option<RemoveCookie>, Redirect) {
    let name = SetCookie::new("name", short(&wanted.name)).max_age(A_YEAR);
    let is_chosen = ["light", "dark"].contains(&wanted.theme.as_str());
    let theme =
        is_chosen.then(|| SetCookie::new("theme", &wanted.theme).max_age(A_YEAR));
    let by_system = (!is_chosen).then(|| RemoveCookie::new("theme"));
    (name, theme, by_system, Redirect::to("/preferences"))
}
