use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hardtack_minijinja::{View, ViewError, ViewLayer, context};
use tower_http::csrf::CsrfLayer;

use crate::inspection::inspected;
use crate::kinds::{Kinds, by_choice};
use crate::pages::{checklist, pages};
use crate::switch;
use crate::templates;
use crate::tour_state::TourState;
use crate::wire::{Wire, shown};

/// Returns the whole tour as a router.
///
/// If axum's `ConnectInfo` is available, the tour distinguishes requests by the address of the peer.
pub fn app(kinds: Kinds) -> Router {
    let environment = Arc::new(templates::environment(kinds.usual()));
    let wire = Wire::new(Arc::clone(&environment), kinds.cookie_name());
    let state = TourState::new(kinds.clone(), checklist());
    let tour = pages()
        .fold(Router::new(), |tour, page| tour.merge(page.router(&state)))
        .merge(switch::routes(kinds.clone()))
        .fallback(nothing_here)
        .layer(ViewLayer::new(environment))
        .layer(from_fn_with_state(kinds, by_choice))
        .layer(DefaultBodyLimit::max(MAX_FORM))
        .layer(map_response(guarded))
        .layer(CsrfLayer::new())
        .layer(from_fn_with_state(wire, shown));
    // Stylesheets, scripts, and images are not part of the conversation.
    inspected(tour, state).merge(make_up())
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
