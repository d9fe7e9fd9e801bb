use std::sync::Arc;

use hardtack_core::protocol::Lifetime;

use crate::config::codec::Codec;
use crate::config::dyn_store::DynStore;

/// The backend of a layer, which stores its sessions.
///
/// Each backend is in an `Arc`, because an open session has a reference to its backend.
pub(crate) enum Backend {
    Cookie(Arc<CookieBackend>),
    Store(Arc<StoreBackend>),
}

impl Backend {
    pub(crate) fn cookie(backend: CookieBackend) -> Self {
        Self::Cookie(Arc::new(backend))
    }

    pub(crate) fn store(backend: StoreBackend) -> Self {
        Self::Store(Arc::new(backend))
    }
}

/// The backend that keeps sessions in their cookies.
pub(crate) struct CookieBackend {
    pub(crate) codec: Codec,
    pub(crate) flask: Option<Flask>,
}

/// The backend that keeps sessions in a store, and only their ids in cookies.
pub(crate) struct StoreBackend {
    pub(crate) store: Arc<dyn DynStore>,
    pub(crate) lifetime: Lifetime,
    /// The maximum size of a session's data, in bytes.
    pub(crate) max_size: usize,
}

/// The settings of a layer that follows Flask 3.1's rules.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flask {
    /// Flask's setting `SESSION_REFRESH_EACH_REQUEST`.
    pub(crate) refresh_each_request: bool,
}
