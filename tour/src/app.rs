use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use hardtack_minijinja::{View, ViewError, ViewLayer, context};
use tower_http::csrf::CsrfLayer;

use crate::assets;
use crate::headers::{Wire, shown};
#[cfg(feature = "inspect")]
use crate::inspection;
use crate::pages::{TourState, checklist, pages};
use crate::sessions::{self, Kinds, by_choice};
use crate::templates;

/// Returns the whole tour as a router.
///
/// If axum's `ConnectInfo` is available, the tour distinguishes requests by the address of the peer.
pub fn app(kinds: Kinds) -> Router {
    let environment = Arc::new(templates::environment(kinds.usual()));
    let wire = Wire::new(Arc::clone(&environment), kinds.cookie_name());
    let state = TourState::new(kinds.clone(), checklist());
    let tour = pages()
        .fold(Router::new(), |tour, page| tour.merge(page.router(&state)))
        .merge(sessions::routes(kinds.clone()))
        .fallback(nothing_here)
        .layer(ViewLayer::new(environment))
        .layer(from_fn_with_state(kinds, by_choice))
        .layer(DefaultBodyLimit::max(MAX_FORM))
        .layer(map_response(guarded))
        .layer(CsrfLayer::new())
        .layer(from_fn_with_state(wire, shown));
    #[cfg(feature = "inspect")]
    let tour = inspection::inspected(tour, state.inspector);
    // The inspector does not record stylesheets and scripts.
    tour.merge(assets::routes().layer(map_response(guarded)))
}

/// The maximum size of a form. No form of the tour is larger, and the limit also bounds the pages that show user input.
const MAX_FORM: usize = 64 * 1024;

async fn nothing_here(view: View) -> Result<impl IntoResponse, ViewError> {
    Ok((StatusCode::NOT_FOUND, view.render("not-found.html", context! {})?))
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
