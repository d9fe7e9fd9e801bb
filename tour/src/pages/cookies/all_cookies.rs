use axum::Router;
use axum::response::Html;
use axum::routing::get;
use hardtack_minijinja::{View, ViewError, context};

use crate::pages::{Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/cookies",
    title: "All cookies",
    summary: "A template loops over all cookies that the browser sent.",
    routes: |_| Router::new().route("/cookies", get(all_cookies)),
    source: include_str!("all_cookies.rs"),
    rust_functions: &["all_cookies"],
    flask_functions: &["all_cookies"],
    templates: templates!["cookies/all-cookies.html"],
    ..Page::DEFAULTS
};

async fn all_cookies(view: View) -> Result<Html<String>, ViewError> {
    view.render("cookies/all-cookies.html", context! {})
}
