//! The checked settings of a layer, and the types of which they consist.

mod backend;
mod clock;
mod codec;
mod dyn_store;
mod random;
mod session_cookie;
#[cfg(feature = "inspect")]
mod timed;

use std::time::SystemTime;

use hardtack_core::protocol::Purpose;

#[cfg(feature = "axum08")]
use crate::login_path::LoginPath;
use crate::observe::{Events, Metrics};

pub(crate) use backend::{Backend, CookieBackend, Flask, StoreBackend};
pub(crate) use clock::{Clock, unix_seconds};
pub(crate) use codec::{Codec, CookieMeta, Rivals};
pub(crate) use dyn_store::{BoxFuture, DynStore};
pub(crate) use random::{jitter, random};
pub(crate) use session_cookie::{Expiry, MAX_COOKIE_AGE, SessionCookie};

/// The settings of a [`SessionLayer`](crate::SessionLayer), checked and ready for use.
pub(crate) struct Config {
    pub(crate) backend: Backend,
    pub(crate) purpose: Purpose,
    pub(crate) cookie: SessionCookie,
    #[cfg(feature = "axum08")]
    pub(crate) login_path: Option<LoginPath>,
    pub(crate) clock: Clock,
    pub(crate) events: Events,
    #[cfg(feature = "inspect")]
    pub(crate) layer_info: std::sync::Arc<crate::inspect::LayerInfo>,
}

impl Config {
    pub(crate) fn now(&self) -> SystemTime {
        self.clock.now()
    }

    pub(crate) fn metrics(&self) -> Metrics {
        let metrics = self.events.metrics();
        match self.backend {
            // The verification of a cookie has one of these three outcomes.
            Backend::Cookie(_) => {
                Metrics { verified: metrics.loaded + metrics.rejected + metrics.expired, ..metrics }
            }
            Backend::Store(_) => metrics,
        }
    }

    /// Returns Flask's rules, if the layer follows them.
    #[inline]
    pub(crate) fn flask(&self) -> Option<Flask> {
        match &self.backend {
            Backend::Cookie(backend) => backend.flask,
            Backend::Store(_) => None,
        }
    }
}
