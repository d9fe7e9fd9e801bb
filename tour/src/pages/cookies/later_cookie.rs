use axum::Router;
use axum::response::Html;
use axum::routing::get;
use hardtack::Cookies;
use hardtack_minijinja::{View, ViewError, context};

use crate::pages::{Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/later-cookie",
    title: "The cookie, later",
    summary: "Another page reads the cookie that the form set.",
    routes: |_| Router::new().route("/later-cookie", get(later_cookie)),
    source: include_str!("later_cookie.rs"),
    rust_functions: &["later_cookie"],
    flask_functions: &["later_cookie"],
    templates: templates!["cookies/later-cookie.html"],
    ..Page::DEFAULTS
};

async fn later_cookie(view: View, cookies: Cookies) -> Result<Html<String>, ViewError> {
    let color = cookies.get("fav_color").unwrap_or("<unset>");
    view.render("cookies/later-cookie.html", context! { color })
}
