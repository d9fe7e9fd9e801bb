use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{AppendHeaders, Html, Redirect};
use axum::routing::{get, post};
use hardtack::{Cookies, RemoveCookie, Session};
use hardtack_inspect::{Inspector, JarCookie};
use hardtack_minijinja::minijinja::Value;
use hardtack_minijinja::{View, ViewError, context};

use crate::inspection::to_template;
use crate::pages::{Activity, ChecklistItem, Page, templates};
use crate::sessions::SessionLayers;

pub(crate) const PAGE: Page = Page {
    path: "/jar",
    title: "The jar",
    summary: "What a server can know about the browser’s cookies, and how to clear them.",
    routes: |tour| {
        let clear = Router::new()
            .route("/jar/clear", post(clear))
            .with_state(tour.layers.clone());
        Router::new()
            .route("/jar", get(jar))
            .with_state(tour.inspector.clone())
            .merge(clear)
    },
    source: include_str!("jar.rs"),
    rust_functions: &["jar", "clear"],
    flask_functions: &["jar", "clear"],
    templates: templates!["cookies/jar.html"],
    checklist: &[ChecklistItem::new(
        "r4",
        Activity::Read,
        "where developer tools show the jar",
    )],
    ..Page::DEFAULTS
};

async fn jar(
    State(inspector): State<Inspector>,
    request_headers: HeaderMap,
    view: View,
    cookies: Cookies,
) -> Result<Html<String>, ViewError> {
    let jar = inspector.jar_of(&request_headers);
    let set_here = |cookie: &&JarCookie| cookie.was_set;
    let known: Vec<&JarCookie> =
        jar.iter().flat_map(|jar| &jar.cookies).filter(set_here).collect();
    let unknown_cookies = unknown_cookies(&cookies, &known);
    let sent = cookies.iter_raw().count();
    // The raw bytes are counted, because the limits of a browser apply to the bytes that it stores.
    let total: usize =
        cookies.iter_raw().map(|(name, value)| name.len() + value.len()).sum();
    let known: Value = known.into_iter().map(to_template).collect();
    view.render("cookies/jar.html", context! { known, unknown_cookies, sent, total })
}

/// Returns the cookies that the browser sent, except the known ones, which the tour set.
fn unknown_cookies(cookies: &Cookies, known: &[&JarCookie]) -> Value {
    let is_unknown =
        |name: &[u8]| known.iter().all(|cookie| cookie.name.as_bytes() != name);
    cookies
        .iter_raw()
        .filter(|(name, _)| is_unknown(name))
        .take(MAX_COOKIES_PER_SITE)
        .map(|(name, value)| {
            context! { name => String::from_utf8_lossy(name), size => name.len() + value.len() }
        })
        .collect()
}

/// The maximum number of cookies that a browser stores for one site.
const MAX_COOKIES_PER_SITE: usize = 180;
const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

async fn clear(
    State(layers): State<SessionLayers>,
    session: Session,
    cookies: Cookies,
) -> (AppendHeaders<Vec<(HeaderName, String)>>, Redirect) {
    session.destroy();
    // `destroy` also removes the session cookie, so only the other cookies need to be removed here.
    let others = cookies
        .iter()
        .map(|(name, _)| name)
        .filter(|name| *name != layers.cookie_name())
        .take(MAX_COOKIES_PER_SITE);
    let mut headers: Vec<_> = others
        .filter_map(|name| RemoveCookie::new(name.to_owned()).to_header().ok())
        .map(|removal| (header::SET_COOKIE, removal))
        .collect();
    headers.push((CLEAR_SITE_DATA, r#""cookies", "storage""#.to_owned()));
    (AppendHeaders(headers), Redirect::to("/jar"))
}
