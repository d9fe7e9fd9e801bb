use axum::Router;
use axum::response::Html;
use axum::routing::get;
use hardtack_minijinja::{View, ViewError, context};

use crate::pages::{Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/my-route",
    title: "Read it elsewhere",
    summary: "Another page’s template reads it, and a number is still a number.",
    routes: |_| Router::new().route("/my-route", get(my_route)),
    source: include_str!("my_route.rs"),
    rust_functions: &["my_route"],
    flask_functions: &["my_route"],
    templates: templates!["session/my-route.html"],
    ..Page::DEFAULTS
};

async fn my_route(view: View) -> Result<Html<String>, ViewError> {
    view.render("session/my-route.html", context! {})
}
