use axum::Router;
use axum::response::Html;
use axum::routing::get;
use hardtack::Session;
use hardtack_minijinja::{View, ViewError, context};

use crate::pages::{Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/some-route",
    title: "Put something in",
    summary: "The session is a dictionary that persists between requests.",
    routes: |_| Router::new().route("/some-route", get(some_route)),
    source: include_str!("some_route.rs"),
    rust_functions: &["some_route"],
    flask_functions: &["some_route"],
    templates: templates!["session/some-route.html"],
    ..Page::DEFAULTS
};

async fn some_route(session: Session, view: View) -> Result<Html<String>, ViewError> {
    session.insert("fav_number", 42);
    view.render("session/some-route.html", context! {})
}
