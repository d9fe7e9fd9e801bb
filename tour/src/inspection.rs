use axum::Router;
#[cfg(feature = "inspect")]
use axum::extract::{Request, State};
#[cfg(feature = "inspect")]
use axum::middleware::{Next, from_fn_with_state};
#[cfg(feature = "inspect")]
use axum::response::{IntoResponse, Redirect, Response};
#[cfg(feature = "inspect")]
use hardtack_inspect::Inspector;

use crate::tour_state::TourState;

/// Adds the inspector to the tour, with its pages at `/inspect`.
#[cfg(feature = "inspect")]
pub(crate) fn inspected(tour: Router, state: TourState) -> Router {
    let inspector = state.inspector;
    tour.layer(inspector.clone()).layer(from_fn_with_state(inspector, let_in))
}

/// Returns the tour as it is, because it is built without the inspector.
#[cfg(not(feature = "inspect"))]
pub(crate) fn inspected(tour: Router, _state: TourState) -> Router {
    tour
}

/// Gives the inspector's token to every request for its pages from this machine, so that its button works immediately.
///
/// Do not do this in an application: print the address with the token at startup instead.
#[cfg(feature = "inspect")]
async fn let_in(
    State(inspector): State<Inspector>,
    request: Request,
    next: Next,
) -> Response {
    match inspector.insecure_address_for(&request) {
        Some(address) => Redirect::to(&address).into_response(),
        None => next.run(request).await,
    }
}
