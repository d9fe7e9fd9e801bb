//! The session layers: one for each backend, of which each visitor chooses one.

mod backend;
mod change_backend;
mod session_layers;

pub use backend::Backend;
pub(crate) use change_backend::routes;
pub use session_layers::SessionLayers;
pub(crate) use session_layers::{SESSION_COOKIE_NAMES, serve_with_chosen_backend};
