use axum::Router;
use axum::extract::Form;
use axum::response::{Html, Redirect};
use axum::routing::get;
use hardtack::Session;
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

/// A session that lasts until the browser closes, or longer.
pub(crate) fn routes() -> Router {
    Router::new().route("/remember", get(remember).post(remember_me))
}

/// A checkbox, present only if it is checked.
#[derive(Deserialize)]
struct Wish {
    remember: Option<String>,
}

async fn remember(session: Session, view: View) -> Result<Html<String>, ViewError> {
    view.render("remember.html", context! { is_empty => session.is_empty() })
}

async fn remember_me(session: Session, Form(wish): Form<Wish>) -> Redirect {
    match wish.remember {
        Some(_) => session.permanent(),
        None => session.temporary(),
    }
    Redirect::to("/remember")
}
