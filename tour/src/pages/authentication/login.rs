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

use super::peer::Peer;
use super::tips::{ID_BEFORE_LOGIN, beginning_of_id};
use super::tries::Tries;
use super::users::Users;
use crate::pages::{Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/login",
    title: "Log in",
    about: "A new session id, the user recorded, and a message for the next page.",
    routes: |tour| {
        let door = Arc::new(Door::new(tour.kinds.cookie_name()));
        Router::new().route("/login", get(login_form).post(log_in)).with_state(door)
    },
    source: include_str!("login.rs"),
    handlers: &["log_in"],
    flask: &["log_in"],
    templates: templates!["authentication/login.html"],
    is_personal: true,
    ..Page::DEFAULTS
};

/// The users and the rate limit for logins.
struct Door {
    users: Users,
    tries: Tries,
    cookie_name: &'static str,
}

impl Door {
    /// `cookie_name` is the name of the session cookie.
    fn new(cookie_name: &'static str) -> Self {
        Self { users: Users::new(), tries: Tries::new(Users::names()), cookie_name }
    }
}

/// The page that the visitor came from, in the query of the login page.
#[derive(Deserialize)]
struct Way {
    next: Option<NextPath>,
}

#[derive(Deserialize)]
struct Login {
    username: String,
    password: String,
    next: Option<NextPath>,
}

async fn login_form(
    view: View,
    Query(way): Query<Way>,
) -> Result<Html<String>, ViewError> {
    view.render(
        "authentication/login.html",
        context! { next => way.next.as_ref().map(NextPath::as_str) },
    )
}

async fn log_in(
    State(door): State<Arc<Door>>,
    peer: Peer,
    session: Session,
    headers: HeaderMap,
    view: View,
    Form(login): Form<Login>,
) -> Result<Response, ViewError> {
    let next = login.next.as_ref().map(NextPath::as_str);
    if let Err(wait) = door.tries.begin(&login.username, peer, Instant::now()) {
        return too_many_tries(&view, wait, next);
    }
    let Some(user) = door.users.verify(&login.username, login.password).await else {
        let page = view.render(
            "authentication/login.html",
            context! { error => "Invalid username or password", next },
        )?;
        return Ok(page.into_response());
    };
    door.tries.forget(&login.username, peer);
    session.log_in(user.name);
    session.insert(ID_BEFORE_LOGIN, beginning_of_id(&headers, door.cookie_name));
    session.flash(format!("Welcome, {}", user.name));
    Ok(Redirect::to(way_on(next)).into_response())
}

/// Returns the target of a successful login: the page that the visitor came from, unless that page would log out again.
fn way_on(next: Option<&str>) -> &str {
    let leads_out = |next: &str| {
        matches!(next.split(['?', '#']).next(), Some("/logout" | "/login"))
    };
    next.filter(|next| !leads_out(next)).unwrap_or("/home")
}

fn too_many_tries(
    view: &View,
    wait: Duration,
    next: Option<&str>,
) -> Result<Response, ViewError> {
    let seconds = wait.as_secs() + 1;
    let error = format!("Too many tries. Try again in {seconds} seconds.");
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
    fn a_login_never_leads_out_again() {
        for next in [
            None,
            Some("/logout"),
            Some("/logout?x=/profile"),
            Some("/login?next=/logout"),
            Some("/logout#x"),
        ] {
            assert_eq!(way_on(next), "/home", "{next:?}");
        }
        for next in ["/profile", "/", "/home?x=/logout", "/logouts"] {
            assert_eq!(way_on(Some(next)), next);
        }
    }
}
