use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hardtack_core::Error;
use hardtack_core::protocol::{Lifetime, Purpose};
use hardtack_core::store::{GroupCommit, SessionStore};

use crate::config::{Backend, DynStore, StoreBackend};
#[cfg(feature = "inspect")]
use crate::inspect::{BackendKind, LayerInfo};
use crate::layer::SessionLayer;
use crate::layer::backend_settings::{BackendSettings, Prepare, Prepared};
use crate::layer::check::{long_enough, within};
use crate::layer::settings::mistake;
use crate::marker::Main;

/// The backend that keeps sessions in a store. Created by [`SessionLayer::stored`].
#[derive(Clone)]
pub struct Stored {
    store: Arc<dyn DynStore>,
    lifetime: Lifetime,
    max_size: usize,
}

/// The default maximum size of a session's data, in bytes.
const MAX_SIZE: usize = 1 << 20;

impl SessionLayer<Stored, Main> {
    /// Keeps sessions in a store, and only random ids in their cookies.
    ///
    /// A session expires [`idle_timeout`](SessionLayer::idle_timeout) after its last use, 24 hours by default. It also
    /// expires [`absolute_timeout`](SessionLayer::absolute_timeout) after it starts or the user logs in, 30 days by
    /// default.
    ///
    /// Concurrent requests do not lose changes, a logout is final, and all of a user's sessions can be listed and
    /// ended.
    ///
    /// An `Arc` of a store is also a store, so you can keep a clone of the `Arc` and use the store elsewhere:
    ///
    /// ```
    /// use std::sync::Arc;
    /// use hardtack::{MemoryStore, SessionLayer};
    ///
    /// let store = Arc::new(MemoryStore::with_limit(100_000));
    /// let sessions = SessionLayer::stored(Arc::clone(&store));
    /// assert_eq!(store.metrics().live, 0);
    /// # let _ = sessions;
    /// ```
    pub fn stored(store: impl SessionStore) -> Self {
        let store = Arc::new(GroupCommit::new(Arc::new(store)));
        Self::new(Stored { store, lifetime: Lifetime::new(), max_size: MAX_SIZE })
    }
}

/// # Settings of stored sessions
///
/// A store records when a session was last used, so stored sessions have [`idle_timeout`](SessionLayer::idle_timeout)
/// instead of `max_age`. Flask has no stored sessions, and the ids of stored sessions are not signed, so
/// only [`signed`](SessionLayer::signed) has `like_flask`, `signing`, and `flask_salt`. Settings of other backends do
/// not compile:
///
/// ```
/// use std::time::Duration;
/// use hardtack::{MemoryStore, SessionLayer};
///
/// let sessions = SessionLayer::stored(MemoryStore::new()).idle_timeout(Duration::from_secs(3600));
/// ```
///
/// ```compile_fail,E0599
/// # use std::time::Duration;
/// # use hardtack::{MemoryStore, SessionLayer};
/// let sessions = SessionLayer::stored(MemoryStore::new()).max_age(Duration::from_secs(3600));
/// ```
///
/// ```compile_fail,E0599
/// # use std::time::Duration;
/// # use hardtack::{MemoryStore, SessionLayer};
/// let sessions = SessionLayer::stored(MemoryStore::new()).like_flask();
/// ```
///
/// ```compile_fail,E0599
/// # use std::time::Duration;
/// # use hardtack::{MemoryStore, SessionLayer};
/// let sessions = SessionLayer::stored(MemoryStore::new()).flask_salt();
/// ```
impl<K: 'static> SessionLayer<Stored, K> {
    /// Sets how long a session lives without being used. Default: 24 hours. See [`Lifetime::idle`].
    pub fn idle_timeout(self, idle: Duration) -> Self {
        self.with_backend(|stored| stored.lifetime = stored.lifetime.idle(idle))
    }

    /// Sets how long a session lives in total. Default: 30 days. See [`Lifetime::absolute`].
    pub fn absolute_timeout(self, timeout: Duration) -> Self {
        self.with_backend(|stored| stored.lifetime = stored.lifetime.absolute(timeout))
    }

    /// Sets all durations of a session together.
    pub fn lifetime(self, lifetime: Lifetime) -> Self {
        self.with_backend(|stored| stored.lifetime = lifetime)
    }

    /// Sets the maximum size of a session's data, in bytes of its JSON. Default: 1 MiB (1,048,576).
    ///
    /// If a request would grow the data beyond the limit, the layer stores nothing, responds with a 500, and logs an
    /// error that names the key that has grown most. An early [`Session::save`](crate::Session::save) returns an error
    /// instead. A request that makes a session smaller is always stored.
    ///
    /// A session is read and written as a whole, so a large session slows down every request. If a visitor can add data
    /// without bound, that data fills the store. `usize::MAX` means no limit. For sessions kept in a cookie, browsers
    /// set a limit of 4,096 bytes.
    pub fn max_size(self, bytes: usize) -> Self {
        self.with_backend(|stored| stored.max_size = bytes)
    }
}

impl BackendSettings for Stored {}

impl Prepare for Stored {
    fn check(&self) -> Result<(), Error> {
        let (idle, absolute) = (self.lifetime.idle_timeout(), self.lifetime.absolute_timeout());
        long_enough("idle_timeout", idle)?;
        long_enough("absolute_timeout", absolute)?;
        within("idle_timeout", idle, absolute)?;
        let touch = self.lifetime.touch_interval();
        if touch >= idle {
            return mistake(format!(
                "touch_after is {touch:?} and idle_timeout is {idle:?}, so a session ends before its use is \
                 recorded: make touch_after shorter, and call it after idle, which sets both"
            ));
        }
        if self.max_size == 0 {
            return mistake(
                "max_size(0) does not allow any session: set a larger limit, or usize::MAX for no limit",
            );
        }
        Ok(())
    }

    fn prepare(&self, _: &Purpose) -> Result<Prepared, Error> {
        let store = Arc::clone(&self.store);
        Ok(Prepared(Backend::store(StoreBackend { store, lifetime: self.lifetime, max_size: self.max_size })))
    }

    fn longest(&self) -> (&'static str, Duration) {
        ("absolute_timeout", self.lifetime.absolute_timeout())
    }

    #[cfg(feature = "inspect")]
    fn layer_info(&self, cookie_name: Box<str>, attributes: Box<str>) -> LayerInfo {
        LayerInfo {
            kind: BackendKind::Stored,
            cookie_name,
            attributes,
            is_like_flask: false,
            key_lengths: Vec::new(),
            max_age: None,
            idle: Some(self.lifetime.idle_timeout()),
            absolute: Some(self.lifetime.absolute_timeout()),
        }
    }
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stored")
            .field("lifetime", &self.lifetime)
            .field("max_size", &self.max_size)
            .finish_non_exhaustive()
    }
}
