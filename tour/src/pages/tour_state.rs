use std::sync::Arc;

#[cfg(feature = "inspect")]
use hardtack_inspect::Inspector;

use super::checklist::Checklist;
use crate::sessions::SessionLayers;

/// The state that the pages share.
pub(crate) struct TourState {
    pub(crate) layers: SessionLayers,
    pub(crate) checklist: Arc<Checklist>,
    #[cfg(feature = "inspect")]
    pub(crate) inspector: Inspector,
}

impl TourState {
    pub(crate) fn new(layers: SessionLayers, checklist: Checklist) -> Self {
        Self {
            layers,
            checklist: Arc::new(checklist),
            // Values are shown, because the tour runs on the visitor's own machine, and its users are invented.
            #[cfg(feature = "inspect")]
            inspector: Inspector::new().show_values(),
        }
    }
}
