use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hardtack_minijinja::{View, ViewError, ViewLayer, context};
use tower_http::csrf::CsrfLayer;

use crate::concepts::login::Door;
use crate::concepts::{
    attributes, cookies, course, devices, flash, home, limits, login, remember,
    sessions, shop, steps, storage, tips, token, types, visits,
};
use crate::inspection::Inspection;
use crate::kinds::{Kinds, by_choice};
use crate::switch;
use crate::templates;
use crate::wire::{Wire, shown};

/// Returns the whole tour as a router.
///
/// If axum's `ConnectInfo` is available, the tour distinguishes requests by the address of the peer.
pub fn app(kinds: Kinds) -> Router {
    let environment = Arc::new(templates::environment(kinds.usual()));
    let wire = Wire::new(Arc::clone(&environment), kinds.cookie_name());
    let inspection = Inspection::new();
    let door = Arc::new(Door::new(kinds.cookie_name()));
    let of_a_user = home::routes()
        .merge(login::routes(door))
        .merge(devices::routes())
        .merge(shop::routes())
        .merge(tips::routes(kinds.clone()))
        .layer(map_response(never_kept));
    let tour = Router::new()
        .merge(course::routes())
        .merge(inspection.pages(&kinds))
        .merge(steps::routes())
        .merge(storage::routes())
        .merge(cookies::routes())
        .merge(visits::routes())
        .merge(attributes::routes())
        .merge(limits::routes())
        .merge(sessions::routes())
        .merge(types::routes())
        .merge(remember::routes())
        .merge(flash::routes())
        .merge(token::routes())
        .merge(of_a_user)
        .merge(switch::routes(kinds.clone()))
        .fallback(nothing_here)
        .layer(ViewLayer::new(environment))
        .layer(from_fn_with_state(kinds, by_choice))
        .layer(DefaultBodyLimit::max(MAX_FORM))
        .layer(map_response(guarded))
        .layer(CsrfLayer::new())
        .layer(from_fn_with_state(wire, shown));
    // Stylesheets, scripts, and images are not part of the conversation.
    inspection.around(tour).merge(make_up())
}

fn make_up() -> Router {
    Router::new()
        .route("/tour.css", get(style))
        .route("/tour.js", get(script))
        .route("/panel.js", get(panel))
        .layer(map_response(guarded))
}

/// The maximum size of a form. No form of the tour is larger, and the limit also bounds the pages that show user input.
const MAX_FORM: usize = 64 * 1024;

async fn nothing_here(view: View) -> Result<impl IntoResponse, ViewError> {
    Ok((StatusCode::NOT_FOUND, view.render("not-found.html", context! {})?))
}

async fn style() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, include_str!("../templates/tour.css"))
}

async fn script() -> impl IntoResponse {
    javascript(include_str!("../templates/tour.js"))
}

/// Serves the script that opens the inspector beside a page.
async fn panel() -> impl IntoResponse {
    javascript(include_str!("../templates/panel.js"))
}

fn javascript(text: &'static str) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text)
}

/// Prevents caching: a page about a person must not be shown to the next person at the same machine.
async fn never_kept(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Adds headers that restrict what each page may do in a browser.
async fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; frame-src 'self'; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'",
        ),
    );
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}
