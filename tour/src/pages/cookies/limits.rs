use std::time::Duration;

use axum::Router;
use axum::extract::{Form, Query};
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use hardtack::{Cookies, Session, SetCookie, generate_secret};
use hardtack_minijinja::{View, ViewError, context};
use serde::Deserialize;

use crate::pages::{Activity, ChecklistItem, Page, templates};

pub(crate) const PAGE: Page = Page {
    path: "/limits",
    title: "4,096 bytes, and one more",
    summary: "How large a cookie can be, and what happens beyond that.",
    routes: |_| {
        Router::new()
            .route("/limits", get(limits).post(send))
            .route("/limits/session", get(redirect_to_limits).post(fill_session))
    },
    source: include_str!("limits.rs"),
    rust_functions: &["send", "fill_session"],
    flask_functions: &["limits"],
    templates: templates!["cookies/limits.html"],
    checklist: &[ChecklistItem::new(
        "w4",
        Activity::Watch,
        "a browser drop a cookie of 4,097 bytes",
    )],
    ..Page::DEFAULTS
};

#[derive(Deserialize)]
struct LimitsQuery {
    sent: Option<usize>,
}

#[derive(Deserialize)]
struct SizeForm {
    size: usize,
    unchecked: Option<String>,
}

/// Returns the name of the cookie of the given size. A browser counts the name as well as the value.
fn cookie_name(size: usize) -> String {
    format!("big{size}")
}

async fn limits(
    view: View,
    cookies: Cookies,
    Query(query): Query<LimitsQuery>,
) -> Result<Html<String>, ViewError> {
    let name = cookie_name(query.sent.unwrap_or_default());
    let received = cookies.get_raw(&name).map(|value| name.len() + value.len());
    view.render("cookies/limits.html", context! { received, sent => query.sent })
}

async fn send(view: View, Form(form): Form<SizeForm>) -> Result<Response, ViewError> {
    let size = form.size.clamp(16, 5000);
    let name = cookie_name(size);
    let value = "x".repeat(size - name.len());
    let next = Redirect::to(&format!("/limits?sent={size}"));
    // This line is formatted by hand, because `SetCookie` refuses a cookie that is too large.
    let unchecked = format!("{name}={value}; Max-Age=60; Path=/limits");
    let cookie = SetCookie::new(name, value).max_age(A_MINUTE).path("/limits");
    match cookie.check() {
        Ok(()) => Ok((cookie, next).into_response()),
        Err(_) if form.unchecked.is_some() => {
            Ok((AppendHeaders([(header::SET_COOKIE, unchecked)]), next).into_response())
        }
        Err(error) => {
            let page = view.render(
                "cookies/limits.html",
                context! { refused => error.to_string() },
            )?;
            Ok((StatusCode::BAD_REQUEST, page).into_response())
        }
    }
}

/// Redirects a visitor who reloads the page that `fill_session` returned.
async fn redirect_to_limits() -> Redirect {
    Redirect::to("/limits")
}

const A_MINUTE: Duration = Duration::from_secs(60);

/// Puts more than five thousand bytes into the session, which fit in a store, but not in a cookie.
async fn fill_session(session: Session, view: View) -> Result<Html<String>, ViewError> {
    // The value is random, so that compression does not make it smaller.
    session.insert("filler", (0..120).map(|_| generate_secret()).collect::<String>());
    let saved = session.save().await.map_err(|error| error.to_string());
    // The large value must not stay in the session.
    session.remove("filler");
    view.render(
        "cookies/limits.html",
        context! { is_session_result => true, session_error => saved.err() },
    )
}
