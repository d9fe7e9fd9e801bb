use std::sync::Arc;

use hardtack_core::protocol::{Dictionary, Origin};

use crate::config::{CookieBackend, CookieMeta, Rivals};
use crate::slot::Data;

/// An open session that is kept in its cookie.
pub(crate) struct CookieSession {
    pub(crate) data: Data,
    pub(crate) backend: Arc<CookieBackend>,
    /// The metadata of the cookie; `None` if no cookie was accepted.
    pub(crate) meta: Option<CookieMeta>,
    /// The older authentic cookies with the same name, if the browser sent any.
    pub(crate) rivals: Option<Rivals>,
}

impl CookieSession {
    pub(crate) fn new(
        backend: &Arc<CookieBackend>,
        origin: Origin,
        base: Dictionary,
        meta: Option<CookieMeta>,
    ) -> Box<Self> {
        // The box is allocated first, so that the session is built in place instead of being copied into it.
        let room = Box::new_uninit();
        let backend = Arc::clone(backend);
        Box::write(room, Self { data: Data::new(origin, base), backend, meta, rivals: None })
    }
}
