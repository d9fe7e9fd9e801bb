use axum::Router;
use axum::extract::Form;
use axum::response::{Html, Redirect};
use axum::routing::get;
use hardtack::Session;
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

use crate::pages::{Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/remember",
    title: "This visit, or longer",
    summary: "A session that ends when the browser closes, or is remembered.",
    routes: |_| Router::new().route("/remember", get(remember).post(remember_me)),
    source: include_str!("remember.rs"),
    rust_functions: &["remember_me"],
    flask_functions: &["remember_me"],
    templates: templates!["session/remember.html"],
    ..Page::DEFAULTS
};

/// The submitted form. The checkbox is present only if it is checked.
#[derive(Deserialize)]
struct RememberForm {
    remember: Option<String>,
}

async fn remember(session: Session, view: View) -> Result<Html<String>, ViewError> {
    view.render("session/remember.html", context! { is_empty => session.is_empty() })
}

async fn remember_me(session: Session, Form(form): Form<RememberForm>) -> Redirect {
    match form.remember {
        Some(_) => session.permanent(),
        None => session.temporary(),
    }
    Redirect::to("/remember")
}
