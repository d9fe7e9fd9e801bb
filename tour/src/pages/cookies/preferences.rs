use axum::Router;
use axum::extract::Form;
use axum::response::{Html, Redirect};
use axum::routing::get;
use hardtack::{Cookies, RemoveCookie, SetCookie};
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

use super::visits::A_YEAR;
use crate::pages::trim_input;
use crate::pages::{Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/preferences",
    title: "Preferences",
    summary: "Your name and the tour’s colors, remembered for your next visit.",
    routes: |_| {
        Router::new().route("/preferences", get(preferences).post(save_preferences))
    },
    source: include_str!("preferences.rs"),
    rust_functions: &["preferences", "save_preferences"],
    flask_functions: &["preferences"],
    templates: templates!["cookies/preferences.html"],
    ..Page::DEFAULTS
};

#[derive(Deserialize)]
struct PreferencesForm {
    name: String,
    theme: String,
}

async fn preferences(view: View, cookies: Cookies) -> Result<Html<String>, ViewError> {
    let (name, theme) = (cookies.get("name"), cookies.get("theme").unwrap_or("system"));
    view.render("cookies/preferences.html", context! { name, theme })
}

async fn save_preferences(
    Form(form): Form<PreferencesForm>,
) -> (SetCookie, Option<SetCookie>, Option<RemoveCookie>, Redirect) {
    let name = SetCookie::new("name", trim_input(&form.name)).max_age(A_YEAR);
    let is_chosen = ["light", "dark"].contains(&form.theme.as_str());
    let theme = is_chosen.then(|| SetCookie::new("theme", &form.theme).max_age(A_YEAR));
    let default_theme = (!is_chosen).then(|| RemoveCookie::new("theme"));
    (name, theme, default_theme, Redirect::to("/preferences"))
}
