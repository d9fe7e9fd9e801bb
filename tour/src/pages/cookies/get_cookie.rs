use axum::Router;
use axum::response::Html;
use axum::routing::get;
use hardtack::Cookies;
use hardtack_minijinja::{View, ViewError, context};

use crate::pages::{Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/get-cookie",
    title: "Get a cookie",
    summary: "The cookie comes back exactly as it was set.",
    routes: |_| Router::new().route("/get-cookie", get(get_cookie)),
    source: include_str!("get_cookie.rs"),
    rust_functions: &["get_cookie"],
    flask_functions: &["get_cookie"],
    templates: templates!["cookies/get-cookie.html"],
    ..Page::DEFAULTS
};

async fn get_cookie(view: View, cookies: Cookies) -> Result<Html<String>, ViewError> {
    view.render(
        "cookies/get-cookie.html",
        context! { greeting => cookies.get("greeting") },
    )
}
