use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use hardtack_inspect::Inspector;
use hardtack_minijinja::minijinja::{Value, value::Serde};
use serde::Serialize;

/// Adds the inspector to the tour, with its pages at `/inspect`.
pub(crate) fn add_inspector(tour: Router, inspector: Inspector) -> Router {
    tour.layer(inspector.clone()).layer(from_fn_with_state(inspector, give_token))
}

/// Gives the inspector's token to every browser on this machine that requests one of the inspector's pages, so that the
/// tour's button for the inspector works immediately.
///
/// Do not do this in an application: print the address with the token at startup instead.
async fn give_token(
    State(inspector): State<Inspector>,
    request: Request,
    next: Next,
) -> Response {
    match inspector.insecure_address_for(&request) {
        Some(address) => Redirect::to(&address).into_response(),
        None => next.run(request).await,
    }
}

/// Converts a value from the inspector to a template value.
pub(crate) fn to_template<T: Serialize>(part: &T) -> Value {
    Value::from(Serde(part))
}
