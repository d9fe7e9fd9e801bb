use axum::Router;
use axum::response::Html;
use axum::routing::get;
use hardtack::RemoveCookie;
use hardtack_minijinja::{View, ViewError, context};

use crate::pages::{Activity, ChecklistItem, Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/delete-cookie",
    title: "Delete a cookie",
    summary: "The server tells the browser to delete it.",
    routes: |_| Router::new().route("/delete-cookie", get(delete_cookie)),
    source: include_str!("delete_cookie.rs"),
    rust_functions: &["delete_cookie"],
    flask_functions: &["delete_cookie"],
    templates: templates!["cookies/delete-cookie.html"],
    checklist: &[ChecklistItem::new("d2", Activity::Do, "set a cookie, and delete it")],
    ..Page::DEFAULTS
};

async fn delete_cookie(view: View) -> Result<(RemoveCookie, Html<String>), ViewError> {
    Ok((
        RemoveCookie::new("greeting"),
        view.render("cookies/delete-cookie.html", context! {})?,
    ))
}
