use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use hardtack::Session;
use hardtack_minijinja::{View, ViewError, context};

use crate::tokens::{LIFETIME, Standing, Tokens};

/// A link that works once and expires: to confirm an address, or to set a new password.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/token", get(token).post(issue))
        .route("/token/{token}", get(look).post(redeem))
        .with_state(Arc::new(Tokens::default()))
}

async fn token(view: View) -> Result<Html<String>, ViewError> {
    view.render("token.html", context! { lifetime => LIFETIME.as_secs() })
}

async fn issue(
    State(tokens): State<Arc<Tokens>>,
    view: View,
) -> Result<Html<String>, ViewError> {
    let link = format!("/token/{}", tokens.issue(Instant::now()));
    view.render("token.html", context! { lifetime => LIFETIME.as_secs(), link })
}

async fn look(
    State(tokens): State<Arc<Tokens>>,
    view: View,
    Path(token): Path<String>,
) -> Result<Response, ViewError> {
    match tokens.look(&token, Instant::now()) {
        Standing::Good(left) => {
            let page = view
                .render("token-use.html", context! { token, left => left.as_secs() })?;
            Ok(page.into_response())
        }
        Standing::Dead => gone(&view),
    }
}

async fn redeem(
    State(tokens): State<Arc<Tokens>>,
    session: Session,
    view: View,
    Path(token): Path<String>,
) -> Result<Response, ViewError> {
    match tokens.redeem(&token, Instant::now()) {
        Standing::Good(_) => {
            session.insert("confirmed", true);
            view.render("token-use.html", context! { used => true })
                .map(IntoResponse::into_response)
        }
        Standing::Dead => gone(&view),
    }
}

fn gone(view: &View) -> Result<Response, ViewError> {
    Ok((StatusCode::GONE, view.render("token-use.html", context! { gone => true })?)
        .into_response())
}
