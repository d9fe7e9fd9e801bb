use axum::Router;
use axum::response::Html;
use axum::routing::get;
use hardtack::Session;
use hardtack_minijinja::{View, ViewError, context};

/// The pages about the session as a dictionary.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/some-route", get(some_route))
        .route("/my-route", get(my_route))
}

async fn some_route(session: Session, view: View) -> Result<Html<String>, ViewError> {
    session.insert("fav_number", 42);
    view.render("some-route.html", context! {})
}

async fn my_route(view: View) -> Result<Html<String>, ViewError> {
    view.render("my-route.html", context! {})
}
