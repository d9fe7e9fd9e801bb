use axum::Router;
use axum::extract::Form;
use axum::response::{Html, Redirect};
use axum::routing::get;
use hardtack::Session;
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

use crate::pages::trim_input;
use crate::pages::{Activity, ChecklistItem, Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/flash",
    title: "Flash messages",
    summary: "A message for the next page, which is shown once.",
    routes: |_| Router::new().route("/flash", get(flash).post(leave_message)),
    source: include_str!("flash.rs"),
    rust_functions: &["leave_message"],
    flask_functions: &["leave_message"],
    templates: templates!["session/flash.html"],
    checklist: &[ChecklistItem::new(
        "w5",
        Activity::Watch,
        "a message appear once and never again",
    )],
    ..Page::DEFAULTS
};

#[derive(Deserialize)]
struct MessageForm {
    message: String,
    category: String,
}

async fn flash(view: View) -> Result<Html<String>, ViewError> {
    view.render("session/flash.html", context! {})
}

async fn leave_message(session: Session, Form(form): Form<MessageForm>) -> Redirect {
    let category = if form.category == "error" { "error" } else { "message" };
    session.flash_as(category, trim_input(&form.message));
    Redirect::to("/flash")
}
