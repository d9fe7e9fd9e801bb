use std::time::Duration;

use axum::Router;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use hardtack::{Cookies, Error, RemoveCookie, SetCookie};
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

/// The pages about single cookies. They do not use the session, and so do not pay for it.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/handle-form-cookie", get(handle_form_cookie))
        .route("/later-cookie", get(later_cookie))
        .route("/set-cookie", get(set_cookie))
        .route("/get-cookie", get(get_cookie))
        .route("/delete-cookie", get(delete_cookie))
        .route("/cookies", get(all_cookies))
}

#[derive(Deserialize)]
struct Choice {
    fav_color: Option<String>,
}

async fn handle_form_cookie(
    view: View,
    Query(choice): Query<Choice>,
) -> Result<Response, ViewError> {
    let cookie = choice.fav_color.map(|color| SetCookie::new("fav_color", color));
    if let Some(Err(error)) = cookie.as_ref().map(SetCookie::check) {
        return no_cookie(&view, &error);
    }
    let page =
        view.render("form-cookie.html", context! { sent => cookie.is_some() })?;
    Ok((cookie, page).into_response())
}

/// Renders the page about a cookie that every browser would refuse.
fn no_cookie(view: &View, error: &Error) -> Result<Response, ViewError> {
    let refused = error.to_string();
    let page = view.render("form-cookie.html", context! { refused })?;
    Ok((StatusCode::BAD_REQUEST, page).into_response())
}

async fn later_cookie(view: View, cookies: Cookies) -> Result<Html<String>, ViewError> {
    let color = cookies.get("fav_color").unwrap_or("<unset>");
    view.render("later-cookie.html", context! { color })
}

async fn set_cookie(view: View) -> Result<(SetCookie, Html<String>), ViewError> {
    let cookie =
        SetCookie::new("greeting", "Hello, world").max_age(Duration::from_secs(3600));
    Ok((cookie, view.render("set-cookie.html", context! {})?))
}

async fn get_cookie(view: View, cookies: Cookies) -> Result<Html<String>, ViewError> {
    view.render("get-cookie.html", context! { greeting => cookies.get("greeting") })
}

async fn delete_cookie(view: View) -> Result<(RemoveCookie, Html<String>), ViewError> {
    Ok((RemoveCookie::new("greeting"), view.render("delete-cookie.html", context! {})?))
}

async fn all_cookies(view: View) -> Result<Html<String>, ViewError> {
    view.render("cookies.html", context! {})
}
