use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::{AppendHeaders, Html, Redirect};
use axum::routing::{get, post};
use hardtack::{Cookies, RemoveCookie, Session};
use hardtack_minijinja::minijinja::Value;
use hardtack_minijinja::{View, ViewError, context};

use crate::kinds::Kinds;

/// What the server knows of the browser's jar, and how to empty it.
pub(crate) fn routes(kinds: Kinds) -> Router {
    Router::new()
        .route("/jar", get(jar))
        .route("/jar/clear", post(clear))
        .with_state(kinds)
}

/// What the tour's own cookies were set with: the browser never says it.
const SET_BY_US: [(&str, &str, &str); 13] = [
    (
        "__Host-session",
        "Secure; HttpOnly; Path=/; SameSite=Lax",
        "this visit, or as /remember says",
    ),
    ("session", "HttpOnly; Path=/; SameSite=Lax", "this visit, or as /remember says"),
    ("kind", "HttpOnly; Path=/; SameSite=Lax", "30 days"),
    ("theme", "Path=/; SameSite=Lax", "a year"),
    ("name", "Path=/; SameSite=Lax", "a year"),
    ("number_visits", "Path=/; SameSite=Lax", "a year"),
    ("customer_type", "Path=/; SameSite=Lax", "a year"),
    ("progress", "Path=/; SameSite=Lax", "a year"),
    ("greeting", "Path=/; SameSite=Lax", "an hour"),
    ("fav_color", "Path=/; SameSite=Lax", "this visit"),
    ("fav_food", "Path=/; SameSite=Lax", "this visit"),
    ("carried", "Path=/; SameSite=Lax", "this visit"),
    ("note", "Path=/; SameSite=Lax", "this visit"),
];

async fn jar(view: View, cookies: Cookies) -> Result<Html<String>, ViewError> {
    // As they came: a browser counts what it keeps.
    let total: usize =
        cookies.iter_raw().map(|(name, value)| name.len() + value.len()).sum();
    let known: Value = cookies
        .iter_raw()
        .map(|(name, value)| {
            let (name, size) =
                (String::from_utf8_lossy(name), name.len() + value.len());
            let ours = SET_BY_US.iter().find(|(own, ..)| *own == name);
            let (attributes, lasts) =
                ours.map(|(_, attributes, lasts)| (*attributes, *lasts)).unzip();
            context! { name, size, attributes, lasts }
        })
        .collect();
    view.render("jar.html", context! { known, total })
}

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

async fn clear(
    State(kinds): State<Kinds>,
    session: Session,
    cookies: Cookies,
) -> (AppendHeaders<Vec<(HeaderName, String)>>, Redirect) {
    session.destroy();
    // The session's own cookie is removed with it. More than a browser keeps for a site nobody has.
    let others = cookies
        .iter()
        .map(|(name, _)| name)
        .filter(|name| *name != kinds.cookie_name())
        .take(180);
    let mut told: Vec<_> = others
        .filter_map(|name| RemoveCookie::new(name.to_owned()).to_header().ok())
        .map(|removal| (header::SET_COOKIE, removal))
        .collect();
    told.push((CLEAR_SITE_DATA, r#""cookies", "storage""#.to_owned()));
    (AppendHeaders(told), Redirect::to("/jar"))
}
