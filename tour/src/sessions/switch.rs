use std::time::Duration;

use axum::Router;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::post;
use hardtack::{NextPath, Session, SetCookie, Value};
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

use super::kind::Kind;
use super::kinds::{KIND_COOKIE, Kinds};

/// The switch on every page.
pub(crate) fn routes(kinds: Kinds) -> Router {
    Router::new().route("/kind", post(switch)).with_state(kinds)
}

#[derive(Deserialize)]
struct Choice {
    kind: Kind,
    next: Option<NextPath>,
}

/// The contents of a session that is being moved to another kind.
struct Contents {
    entries: Vec<(String, Value)>,
    user: Option<String>,
}

/// Moves a visitor's session to the kind that they chose, with its contents unchanged.
async fn switch(
    State(kinds): State<Kinds>,
    headers: HeaderMap,
    view: View,
    Form(choice): Form<Choice>,
) -> Result<Response, ViewError> {
    let (from, to) = (kinds.chosen(&headers), choice.kind);
    let chosen =
        SetCookie::new(KIND_COOKIE, to.to_string()).max_age(A_MONTH).http_only();
    let back = Redirect::to(choice.next.unwrap_or_default().as_str());
    if from == to {
        return Ok((chosen, back).into_response());
    }
    match moved(&kinds, from, to, &headers).await {
        Ok(told) => {
            let told: Vec<_> = told
                .get_all(header::SET_COOKIE)
                .iter()
                .map(|cookie| (header::SET_COOKIE, cookie.clone()))
                .collect();
            Ok((chosen, AppendHeaders(told), back).into_response())
        }
        // The layer's own response to a session that is too large for a cookie.
        Err(StatusCode::INTERNAL_SERVER_ERROR) => {
            let page =
                view.render("too-large.html", context! { wanted => to.to_string() })?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(status) => Ok(status.into_response()),
    }
}

const A_MONTH: Duration = Duration::from_secs(30 * 24 * 3600);

/// Writes the new session before it ends the old one, so that nothing is lost in between.
async fn moved(
    kinds: &Kinds,
    from: Kind,
    to: Kind,
    headers: &HeaderMap,
) -> Result<HeaderMap, StatusCode> {
    let (contents, _) =
        kinds.visit(from, headers, Contents::of).await.map_err(|unkept| unkept.0)?;
    let mut without_cookies = headers.clone();
    without_cookies.remove(header::COOKIE);
    let ((), told) = kinds
        .visit(to, &without_cookies, |session| contents.put_into(session))
        .await
        .map_err(|unkept| unkept.0)?;
    let ((), farewell) = kinds
        .visit(from, headers, Session::destroy)
        .await
        .map_err(|unkept| unkept.0)?;
    Ok(if told.contains_key(header::SET_COOKIE) { told } else { farewell })
}

impl Contents {
    fn of(session: &Session) -> Self {
        // Only a login sets the user's key.
        let entries = session.iter().filter(|(key, _)| key != "_user_id").collect();
        Self { entries, user: session.user() }
    }

    fn put_into(&self, session: &Session) {
        session.extend(self.entries.iter().cloned());
        // The old session was opened with its own cookie, which proves the same as the password that started it.
        if let Some(user) = &self.user {
            session.log_in(user);
        }
    }
}
