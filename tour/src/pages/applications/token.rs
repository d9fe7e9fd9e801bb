use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use hardtack::Session;
use hardtack_minijinja::{View, ViewError, context};

use super::one_time_tokens::{LIFETIME, OneTimeTokens, TokenState};
use crate::pages::{Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/token",
    title: "A link that works once",
    summary: "A token that can be used once, for a limited time.",
    routes: |_| {
        Router::new()
            .route("/token", get(token).post(issue))
            .route("/token/{token}", get(show_link).post(redeem))
            .with_state(Arc::new(OneTimeTokens::default()))
    },
    source: include_str!("token.rs"),
    rust_functions: &["issue", "redeem"],
    flask_functions: &["issue", "redeem"],
    templates: templates!["applications/token.html", "applications/token-link.html"],
    ..Page::DEFAULTS
};

async fn token(view: View) -> Result<Html<String>, ViewError> {
    view.render("applications/token.html", context! { lifetime => LIFETIME.as_secs() })
}

async fn issue(
    State(tokens): State<Arc<OneTimeTokens>>,
    view: View,
) -> Result<Html<String>, ViewError> {
    let link = format!("/token/{}", tokens.issue(Instant::now()));
    view.render(
        "applications/token.html",
        context! { lifetime => LIFETIME.as_secs(), link },
    )
}

async fn show_link(
    State(tokens): State<Arc<OneTimeTokens>>,
    view: View,
    Path(token): Path<String>,
) -> Result<Response, ViewError> {
    match tokens.peek(&token, Instant::now()) {
        TokenState::Valid(remaining) => {
            let page = view.render(
                "applications/token-link.html",
                context! { token, remaining => remaining.as_secs() },
            )?;
            Ok(page.into_response())
        }
        TokenState::Invalid => link_gone(&view),
    }
}

async fn redeem(
    State(tokens): State<Arc<OneTimeTokens>>,
    session: Session,
    view: View,
    Path(token): Path<String>,
) -> Result<Response, ViewError> {
    match tokens.redeem(&token, Instant::now()) {
        TokenState::Valid(_) => {
            session.insert("confirmed", true);
            view.render("applications/token-link.html", context! { is_used => true })
                .map(IntoResponse::into_response)
        }
        TokenState::Invalid => link_gone(&view),
    }
}

fn link_gone(view: &View) -> Result<Response, ViewError> {
    Ok((
        StatusCode::GONE,
        view.render("applications/token-link.html", context! { is_gone => true })?,
    )
        .into_response())
}
