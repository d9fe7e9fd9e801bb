use axum::Router;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use hardtack::Session;
use hardtack_minijinja::{View, ViewError, context};

use crate::pages::{Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/logout",
    title: "Log out",
    summary: "The session id is invalid immediately, even for requests in progress.",
    routes: |_| Router::new().route("/logout", get(log_out_by_link).post(log_out)),
    source: include_str!("logout.rs"),
    rust_functions: &["log_out", "log_out_by_link"],
    flask_functions: &["log_out"],
    templates: templates!["authentication/logout.html"],
    is_personal: true,
    ..Page::DEFAULTS
};

async fn log_out(session: Session) -> Redirect {
    session.log_out();
    session.flash("You have logged out");
    Redirect::to("/home")
}

/// Logs the user out if the request comes from the tour itself or from the address bar, and is not a prefetch. Any
/// other request gets a page with a button.
async fn log_out_by_link(
    session: Session,
    view: View,
    headers: HeaderMap,
) -> Result<Response, ViewError> {
    let header_value =
        |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let is_same_origin =
        matches!(header_value("sec-fetch-site"), Some("same-origin" | "none"));
    if is_same_origin
        && header_value("sec-purpose").is_none()
        && session.user().is_some()
    {
        return Ok(log_out(session).await.into_response());
    }
    let page =
        view.render("authentication/logout.html", context! { user => session.user() })?;
    Ok(page.into_response())
}
