use axum::Router;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hardtack::{Error, SetCookie};
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

use crate::pages::{Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/handle-form-cookie",
    title: "A cookie from a form",
    summary: "Your input comes back in a cookie, whatever characters it contains.",
    routes: |_| Router::new().route("/handle-form-cookie", get(handle_form_cookie)),
    source: include_str!("handle_form_cookie.rs"),
    rust_functions: &["handle_form_cookie"],
    flask_functions: &["handle_form_cookie"],
    templates: templates!["cookies/handle-form-cookie.html"],
    ..Page::DEFAULTS
};

#[derive(Deserialize)]
struct ColorQuery {
    fav_color: Option<String>,
}

async fn handle_form_cookie(
    view: View,
    Query(query): Query<ColorQuery>,
) -> Result<Response, ViewError> {
    let cookie = query.fav_color.map(|color| SetCookie::new("fav_color", color));
    if let Some(Err(error)) = cookie.as_ref().map(SetCookie::check) {
        return refused_cookie(&view, &error);
    }
    let page = view.render(
        "cookies/handle-form-cookie.html",
        context! { sent => cookie.is_some() },
    )?;
    Ok((cookie, page).into_response())
}

/// Renders the page about a cookie that every browser would refuse.
fn refused_cookie(view: &View, error: &Error) -> Result<Response, ViewError> {
    let refused = error.to_string();
    let page = view.render("cookies/handle-form-cookie.html", context! { refused })?;
    Ok((StatusCode::BAD_REQUEST, page).into_response())
}
