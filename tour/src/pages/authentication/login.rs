use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use hardtack::{NextPath, Session};
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

use super::login_limiter::LoginLimiter;
use super::peer::Peer;
use super::tips::{ID_BEFORE_LOGIN, session_id_prefix};
use super::users::Users;
use crate::pages::{Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/login",
    title: "Log in",
    summary: "A login gives the session a new id, records the user, and leaves a message for the next page.",
    routes: |tour| {
        let state = Arc::new(LoginState::new(tour.layers.cookie_name()));
        Router::new().route("/login", get(login_form).post(log_in)).with_state(state)
    },
    source: include_str!("login.rs"),
    rust_functions: &["log_in"],
    flask_functions: &["log_in"],
    templates: templates!["authentication/login.html"],
    is_personal: true,
    ..Page::DEFAULTS
};

/// The state of the login page: the users, the limit on attempts, and the name of the session cookie.
struct LoginState {
    users: Users,
    limiter: LoginLimiter,
    cookie_name: &'static str,
}

impl LoginState {
    /// Creates the state. `cookie_name` is the name of the session cookie.
    fn new(cookie_name: &'static str) -> Self {
        Self {
            users: Users::new(),
            limiter: LoginLimiter::new(Users::names()),
            cookie_name,
        }
    }
}

/// The query of the login page, which contains the path of the page that the visitor came from.
#[derive(Deserialize)]
struct LoginQuery {
    next: Option<NextPath>,
}

#[derive(Deserialize)]
struct LoginForm {
    username: String,
    password: String,
    next: Option<NextPath>,
}

async fn login_form(
    view: View,
    Query(query): Query<LoginQuery>,
) -> Result<Html<String>, ViewError> {
    view.render(
        "authentication/login.html",
        context! { next => query.next.as_ref().map(NextPath::as_str) },
    )
}

async fn log_in(
    State(state): State<Arc<LoginState>>,
    peer: Peer,
    session: Session,
    headers: HeaderMap,
    view: View,
    Form(form): Form<LoginForm>,
) -> Result<Response, ViewError> {
    let next = form.next.as_ref().map(NextPath::as_str);
    if let Err(wait) = state.limiter.count_attempt(&form.username, peer, Instant::now())
    {
        return too_many_attempts(&view, wait, next);
    }
    let Some(user) = state.users.verify(&form.username, form.password).await else {
        let page = view.render(
            "authentication/login.html",
            context! { error => "Invalid username or password", next },
        )?;
        return Ok(page.into_response());
    };
    state.limiter.reset(&form.username, peer);
    session.log_in(user.name);
    session.insert(ID_BEFORE_LOGIN, session_id_prefix(&headers, state.cookie_name));
    session.flash(format!("Welcome, {}", user.name));
    Ok(Redirect::to(login_target(next)).into_response())
}

/// Returns the path to which a login redirects: that of the page that the visitor came from, or `/home` if that page is
/// unknown, the login page, or the logout page.
fn login_target(next: Option<&str>) -> &str {
    let logs_out = |next: &str| {
        matches!(next.split(['?', '#']).next(), Some("/logout" | "/login"))
    };
    next.filter(|next| !logs_out(next)).unwrap_or("/home")
}

fn too_many_attempts(
    view: &View,
    wait: Duration,
    next: Option<&str>,
) -> Result<Response, ViewError> {
    let seconds = wait.as_secs() + 1;
    let error = format!("Too many attempts. Try again in {seconds} seconds.");
    let page = view.render("authentication/login.html", context! { error, next })?;
    Ok((
        StatusCode::TOO_MANY_REQUESTS,
        [(header::RETRY_AFTER, seconds.to_string())],
        page,
    )
        .into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_never_redirects_to_a_logout() {
        for next in [
            None,
            Some("/logout"),
            Some("/logout?x=/profile"),
            Some("/login?next=/logout"),
            Some("/logout#x"),
        ] {
            assert_eq!(login_target(next), "/home", "{next:?}");
        }
        for next in ["/profile", "/", "/home?x=/logout", "/logouts"] {
            assert_eq!(login_target(Some(next)), next);
        }
    }
}
