use axum::Router;
use axum::response::Html;
use axum::routing::get;
use hardtack::{Session, User};
use hardtack_minijinja::{View, ViewError, context};

use crate::pages::{Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/home",
    title: "Home",
    summary: "Messages are shown here, and every visit is counted.",
    routes: |_| Router::new().route("/home", get(home)),
    source: include_str!("home.rs"),
    rust_functions: &["home"],
    flask_functions: &["home"],
    templates: templates!["authentication/home.html"],
    is_personal: true,
    ..Page::DEFAULTS
};

async fn home(
    session: Session,
    user: Option<User>,
    view: View,
) -> Result<Html<String>, ViewError> {
    let visits = session.update("visits", |n: &mut u64| {
        *n += 1;
        *n
    });
    view.render(
        "authentication/home.html",
        context! { visits, name => user.as_ref().map(User::id) },
    )
}
