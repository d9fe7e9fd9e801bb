use axum::Router;
#[cfg(feature = "inspect")]
use hardtack_inspect::Inspector;

#[cfg(feature = "inspect")]
use crate::concepts::{anatomy, conversation, jar};
use crate::kinds::Kinds;

/// The inspector, where the tour is built with it.
pub(crate) struct Inspection {
    #[cfg(feature = "inspect")]
    inspector: Inspector,
}

#[cfg(feature = "inspect")]
impl Inspection {
    /// It shows values: the tour is for its own machine, and its people are invented.
    pub(crate) fn new() -> Self {
        Self { inspector: Inspector::new().show_values() }
    }

    /// The pages that stand on what it sees.
    pub(crate) fn pages(&self, kinds: &Kinds) -> Router {
        Router::new()
            .merge(anatomy::routes())
            .merge(conversation::routes(self.inspector.clone()))
            .merge(jar::routes(kinds.clone(), self.inspector.clone()))
    }

    /// Watches the tour, and shows it at `/inspect`.
    pub(crate) fn around(self, tour: Router) -> Router {
        tour.layer(self.inspector)
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
