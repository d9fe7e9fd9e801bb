use std::time::Duration;

use axum::Router;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::post;
use hardtack::{NextPath, Session, SetCookie, Value};
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

use super::backend::Backend;
use super::session_layers::{BACKEND_COOKIE, SessionLayers, SessionUnavailable};

/// Returns the route of the form that has a button for each backend. The form is on every page.
pub(crate) fn routes(layers: SessionLayers) -> Router {
    Router::new().route("/kind", post(change_backend)).with_state(layers)
}

#[derive(Deserialize)]
struct BackendForm {
    #[serde(rename = "kind")]
    backend: Backend,
    next: Option<NextPath>,
}

/// The data of a session that is being moved to another backend.
struct SessionData {
    entries: Vec<(String, Value)>,
    user: Option<String>,
}

/// Moves a visitor's session to the backend that the visitor chose, without changing its data.
async fn change_backend(
    State(layers): State<SessionLayers>,
    headers: HeaderMap,
    view: View,
    Form(form): Form<BackendForm>,
) -> Result<Response, ViewError> {
    let (from, to) = (layers.chosen_backend(&headers), form.backend);
    let choice =
        SetCookie::new(BACKEND_COOKIE, to.to_string()).max_age(A_MONTH).http_only();
    let back = Redirect::to(form.next.unwrap_or_default().as_str());
    if from == to {
        return Ok((choice, back).into_response());
    }
    match move_session(&layers, from, to, &headers).await {
        Ok(response_headers) => {
            let set_cookies: Vec<_> = response_headers
                .get_all(header::SET_COOKIE)
                .iter()
                .map(|cookie| (header::SET_COOKIE, cookie.clone()))
                .collect();
            Ok((choice, AppendHeaders(set_cookies), back).into_response())
        }
        // The session layer responds with this status if the session is too large for a cookie.
        Err(SessionUnavailable(StatusCode::INTERNAL_SERVER_ERROR)) => {
            let page =
                view.render("too-large.html", context! { target => to.to_string() })?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(SessionUnavailable(status)) => Ok(status.into_response()),
    }
}

const A_MONTH: Duration = Duration::from_secs(30 * 24 * 3600);

/// Moves the session, and returns the response headers. The new session is written before the old one is ended, so that
/// no data is lost in between.
async fn move_session(
    layers: &SessionLayers,
    from: Backend,
    to: Backend,
    headers: &HeaderMap,
) -> Result<HeaderMap, SessionUnavailable> {
    let (data, _) = layers.with_session(from, headers, SessionData::of).await?;
    let mut without_cookies = headers.clone();
    without_cookies.remove(header::COOKIE);
    let ((), created) = layers
        .with_session(to, &without_cookies, |session| data.put_into(session))
        .await?;
    let ((), removed) = layers.with_session(from, headers, Session::destroy).await?;
    Ok(if created.contains_key(header::SET_COOKIE) { created } else { removed })
}

impl SessionData {
    fn of(session: &Session) -> Self {
        // The key of the user is omitted, because only a login sets it.
        let entries = session.iter().filter(|(key, _)| key != "_user_id").collect();
        Self { entries, user: session.user() }
    }

    fn put_into(&self, session: &Session) {
        session.extend(self.entries.iter().cloned());
        // The new session needs no password, because the cookie of the old session already proves who the user is.
        if let Some(user) = &self.user {
            session.log_in(user);
        }
    }
}
