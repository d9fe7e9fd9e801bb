use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{AppendHeaders, Html, Redirect};
use axum::routing::{get, post};
use hardtack::{Cookies, RemoveCookie, Session};
use hardtack_inspect::Inspector;
use hardtack_minijinja::minijinja::Value;
use hardtack_minijinja::{View, ViewError, context};

use crate::inspection::shown;
use crate::kinds::Kinds;

/// What the server knows of the browser's jar, and how to empty it.
pub(crate) fn routes(kinds: Kinds, inspector: Inspector) -> Router {
    let clear = Router::new().route("/jar/clear", post(clear)).with_state(kinds);
    Router::new().route("/jar", get(jar)).with_state(inspector).merge(clear)
}

async fn jar(
    State(inspector): State<Inspector>,
    headers: HeaderMap,
    view: View,
    cookies: Cookies,
) -> Result<Html<String>, ViewError> {
    let jar = inspector.jar_of(&headers);
    let kept = jar.iter().flat_map(|jar| &jar.cookies).filter(|cookie| cookie.was_set);
    let is_known = |name: &[u8]| {
        kept.clone().any(|cookie| cookie.name.as_bytes() == name)
    };
    let strangers: Value = cookies
        .iter_raw()
        .filter(|(name, _)| !is_known(name))
        .map(|(name, value)| {
            context! { name => String::from_utf8_lossy(name), size => name.len() + value.len() }
        })
        .collect();
    let sent = cookies.iter_raw().count();
    // As they came: a browser counts what it keeps.
    let total: usize =
        cookies.iter_raw().map(|(name, value)| name.len() + value.len()).sum();
    let kept: Value = kept.clone().map(shown).collect();
    view.render("jar.html", context! { kept, strangers, sent, total })
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
