use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use hardtack_minijinja::{View, ViewError, ViewLayer, context};
use tower_http::csrf::CsrfLayer;

use crate::assets;
use crate::headers::{HeaderPanel, show_headers};
#[cfg(feature = "inspect")]
use crate::inspection;
use crate::pages::{TourState, checklist, pages};
use crate::sessions::{self, SessionLayers, serve_with_chosen_backend};
use crate::templates;

/// Returns the whole tour as a router.
///
/// If axum's `ConnectInfo` is available, the tour distinguishes requests by the address of the peer.
pub fn app(layers: SessionLayers) -> Router {
    let environment = Arc::new(templates::environment(layers.default_backend()));
    let header_panel = HeaderPanel::new(Arc::clone(&environment), layers.cookie_name());
    let state = TourState::new(layers.clone(), checklist());
    let tour = pages()
        .fold(Router::new(), |tour, page| tour.merge(page.router(&state)))
        .merge(sessions::routes(layers.clone()))
        .fallback(not_found)
        .layer(ViewLayer::new(environment))
        .layer(from_fn_with_state(layers, serve_with_chosen_backend))
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
        .layer(map_response(restrict_page))
        .layer(CsrfLayer::new())
        .layer(from_fn_with_state(header_panel, show_headers));
    #[cfg(feature = "inspect")]
    let tour = inspection::add_inspector(tour, state.inspector);
    // The stylesheet and the scripts are outside the inspector's layer, so that it does not record them.
    tour.merge(assets::routes().layer(map_response(restrict_page)))
}

/// The maximum size of a submitted form. No form of the tour is larger, and the limit also bounds the size of pages
/// that show user input.
const MAX_FORM_BYTES: usize = 64 * 1024;

async fn not_found(view: View) -> Result<impl IntoResponse, ViewError> {
    Ok((StatusCode::NOT_FOUND, view.render("not-found.html", context! {})?))
}

/// Adds headers that restrict what each page can do in a browser.
async fn restrict_page(mut response: Response) -> Response {
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
