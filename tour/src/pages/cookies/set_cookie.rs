use std::time::Duration;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use hardtack::SetCookie;
use hardtack_minijinja::{View, ViewError, context};

use crate::pages::{Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/set-cookie",
    title: "Set a cookie",
    summary: "A cookie that the browser keeps for an hour.",
    routes: |_| Router::new().route("/set-cookie", get(set_cookie)),
    source: include_str!("set_cookie.rs"),
    rust_functions: &["set_cookie"],
    flask_functions: &["set_cookie"],
    templates: templates!["cookies/set-cookie.html"],
    ..Page::DEFAULTS
};

async fn set_cookie(view: View) -> Result<(SetCookie, Html<String>), ViewError> {
    let cookie =
        SetCookie::new("greeting", "Hello, world").max_age(Duration::from_secs(3600));
    Ok((cookie, view.render("cookies/set-cookie.html", context! {})?))
}
