use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use hardtack::Session;
use hardtack_minijinja::{View, ViewError, context};

use super::tokens::{LIFETIME, Standing, Tokens};
use crate::pages::{Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/token",
    title: "A link that works once",
    about: "A token that opens something a single time, and only for a while.",
    routes: |_| {
        Router::new()
            .route("/token", get(token).post(issue))
            .route("/token/{token}", get(look).post(redeem))
            .with_state(Arc::new(Tokens::default()))
    },
    source: include_str!("token.rs"),
    handlers: &["issue", "redeem"],
    flask: &["issue", "redeem"],
    templates: templates!["applications/token.html", "applications/token-link.html"],
    ..Page::DEFAULTS
};

async fn token(view: View) -> Result<Html<String>, ViewError> {
    view.render("applications/token.html", context! { lifetime => LIFETIME.as_secs() })
}

async fn issue(
    State(tokens): State<Arc<Tokens>>,
    view: View,
) -> Result<Html<String>, ViewError> {
    let link = format!("/token/{}", tokens.issue(Instant::now()));
    view.render(
        "applications/token.html",
        context! { lifetime => LIFETIME.as_secs(), link },
    )
}

async fn look(
    State(tokens): State<Arc<Tokens>>,
    view: View,
    Path(token): Path<String>,
) -> Result<Response, ViewError> {
    match tokens.look(&token, Instant::now()) {
        Standing::Good(left) => {
            let page = view.render(
                "applications/token-link.html",
                context! { token, left => left.as_secs() },
            )?;
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
            view.render("applications/token-link.html", context! { used => true })
                .map(IntoResponse::into_response)
        }
        Standing::Dead => gone(&view),
    }
}

fn gone(view: &View) -> Result<Response, ViewError> {
    Ok((
        StatusCode::GONE,
        view.render("applications/token-link.html", context! { gone => true })?,
    )
        .into_response())
}
