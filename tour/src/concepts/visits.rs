use std::time::Duration;

use axum::Router;
use axum::extract::Form;
use axum::response::{Html, Redirect};
use axum::routing::get;
use hardtack::{Cookies, RemoveCookie, SetCookie};
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

use crate::short::short;

/// What a site remembers about a returning visitor without a session.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/visits", get(visits))
        .route("/preferences", get(preferences).post(prefer))
}

const A_YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

async fn visits(
    view: View,
    cookies: Cookies,
) -> Result<(SetCookie, SetCookie, Html<String>), ViewError> {
    let before: u32 = cookies
        .get("number_visits")
        .and_then(|number| number.parse().ok())
        .unwrap_or(0);
    let number = before.saturating_add(1);
    let customer = match number {
        1 => "new",
        2..=4 => "returning",
        _ => "regular",
    };
    let page = view.render("visits.html", context! { number, customer })?;
    let number = SetCookie::new("number_visits", number.to_string()).max_age(A_YEAR);
    let customer = SetCookie::new("customer_type", customer).max_age(A_YEAR);
    Ok((number, customer, page))
}

#[derive(Deserialize)]
struct Preferences {
    name: String,
    theme: String,
}

async fn preferences(view: View, cookies: Cookies) -> Result<Html<String>, ViewError> {
    let (name, theme) = (cookies.get("name"), cookies.get("theme").unwrap_or("system"));
    view.render("preferences.html", context! { name, theme })
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
