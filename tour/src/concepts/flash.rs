use axum::Router;
use axum::extract::Form;
use axum::response::{Html, Redirect};
use axum::routing::get;
use hardtack::Session;
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

use crate::short::short;

/// Messages for the next page, each shown once.
pub(crate) fn routes() -> Router {
    Router::new().route("/flash", get(flash).post(leave_message))
}

#[derive(Deserialize)]
struct Note {
    message: String,
    category: String,
}

async fn flash(view: View) -> Result<Html<String>, ViewError> {
    view.render("flash.html", context! {})
}

async fn leave_message(session: Session, Form(note): Form<Note>) -> Redirect {
    let category = if note.category == "error" { "error" } else { "message" };
    session.flash_as(category, short(&note.message));
    Redirect::to("/flash")
}
