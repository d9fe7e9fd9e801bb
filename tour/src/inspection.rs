use axum::Router;
#[cfg(feature = "inspect")]
use axum::extract::{Request, State};
#[cfg(feature = "inspect")]
use axum::middleware::{Next, from_fn_with_state};
#[cfg(feature = "inspect")]
use axum::response::{IntoResponse, Redirect, Response};
#[cfg(feature = "inspect")]
use hardtack_inspect::Inspector;

#[cfg(feature = "inspect")]
use crate::concepts::{anatomy, conversation, jar};
use crate::kinds::Kinds;

/// The inspector, if the tour is built with it.
pub(crate) struct Inspection {
    #[cfg(feature = "inspect")]
    inspector: Inspector,
}

#[cfg(feature = "inspect")]
impl Inspection {
    /// Creates an inspector that shows values: the tour runs on the visitor's own machine, and its users are invented.
    pub(crate) fn new() -> Self {
        Self { inspector: Inspector::new().show_values() }
    }

    /// Returns the pages that show what the inspector recorded.
    pub(crate) fn pages(&self, kinds: &Kinds) -> Router {
        Router::new()
            .merge(anatomy::routes())
            .merge(conversation::routes(self.inspector.clone()))
            .merge(jar::routes(kinds.clone(), self.inspector.clone()))
    }

    /// Adds the inspector to the tour, with its pages at `/inspect`.
    pub(crate) fn around(self, tour: Router) -> Router {
        let inspector = self.inspector;
        tour.layer(inspector.clone()).layer(from_fn_with_state(inspector, let_in))
    }
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

#[cfg(not(feature = "inspect"))]
impl Inspection {
    pub(crate) fn new() -> Self {
        Self {}
    }

    pub(crate) fn pages(&self, _kinds: &Kinds) -> Router {
        Router::new()
    }

    pub(crate) fn around(self, tour: Router) -> Router {
        tour
    }
}
