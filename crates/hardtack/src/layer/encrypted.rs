use std::fmt;
use std::time::Duration;

use hardtack_core::Error;
use hardtack_core::crypto::{KeyRing, Sealer};
use hardtack_core::protocol::{Lifetime, Purpose};

use crate::config::{Backend, Codec, CookieBackend};
#[cfg(feature = "inspect")]
use crate::inspect::{BackendKind, LayerInfo};
use crate::layer::SessionLayer;
use crate::layer::backend_settings::{BackendSettings, Prepare, Prepared};
use crate::layer::check::{long_enough, within};
use crate::marker::Main;

/// The backend that keeps sessions in encrypted cookies. Created by [`SessionLayer::encrypted`].
#[derive(Clone)]
pub struct Encrypted {
    keys: KeyRing,
    max_age: Duration,
    absolute_timeout: Duration,
}

impl SessionLayer<Encrypted, Main> {
    /// Keeps sessions in encrypted cookies, which the visitor can neither read nor change.
    ///
    /// A session expires `max_age` after its last write, 24 hours by default. It also
    /// expires [`absolute_timeout`](SessionLayer::absolute_timeout) after it starts or the user logs in, 30 days by
    /// default.
    ///
    /// # Security
    ///
    /// A logout cannot revoke a copy of the cookie that was made earlier: the copy is valid until it expires. If two
    /// requests write at the same time, the browser keeps only the cookie of the response that arrived last.
    pub fn encrypted(keys: KeyRing) -> Self {
        let lifetime = Lifetime::new();
        Self::new(Encrypted {
            keys,
            max_age: lifetime.idle_timeout(),
            absolute_timeout: lifetime.absolute_timeout(),
        })
    }
}

/// # Settings of encrypted sessions
///
/// A cookie records when it was written, but not when it was last used, so encrypted sessions have `max_age` instead of
/// `idle_timeout`. Browsers limit the size of a cookie; larger sessions need [`stored`](SessionLayer::stored). Flask
/// has no encrypted sessions, so only [`signed`](SessionLayer::signed) has `like_flask` and `signing`. Settings of
/// other backends do not compile:
///
/// ```no_run
/// use std::time::Duration;
/// use hardtack::{SessionLayer, keys_from_env};
///
/// let sessions = SessionLayer::encrypted(keys_from_env().unwrap()).max_age(Duration::from_secs(3600));
/// ```
///
/// ```compile_fail,E0599
/// # use std::time::Duration;
/// # use hardtack::{SessionLayer, keys_from_env};
/// let sessions = SessionLayer::encrypted(keys_from_env().unwrap()).idle_timeout(Duration::from_secs(3600));
/// ```
///
/// ```compile_fail,E0599
/// # use std::time::Duration;
/// # use hardtack::{SessionLayer, keys_from_env};
/// let sessions = SessionLayer::encrypted(keys_from_env().unwrap()).max_size(1000);
/// ```
///
/// ```compile_fail,E0599
/// # use std::time::Duration;
/// # use hardtack::{SessionLayer, keys_from_env};
/// let sessions = SessionLayer::encrypted(keys_from_env().unwrap()).like_flask();
/// ```
impl<K: 'static> SessionLayer<Encrypted, K> {
    /// Sets how long a session lives after its last write. Default: 24 hours.
    pub fn max_age(self, age: Duration) -> Self {
        self.with_backend(|encrypted| encrypted.max_age = age)
    }

    /// Sets how long a session lives in total. Default: 30 days.
    pub fn absolute_timeout(self, timeout: Duration) -> Self {
        self.with_backend(|encrypted| encrypted.absolute_timeout = timeout)
    }
}

impl BackendSettings for Encrypted {}

impl Prepare for Encrypted {
    fn check(&self) -> Result<(), Error> {
        long_enough("max_age", self.max_age)?;
        long_enough("absolute_timeout", self.absolute_timeout)?;
        within("max_age", self.max_age, self.absolute_timeout)
    }

    fn prepare(&self, purpose: &Purpose) -> Result<Prepared, Error> {
        let codec = Codec::Encrypted {
            sealer: Sealer::new(&self.keys, purpose),
            max_age: self.max_age,
            absolute_timeout: self.absolute_timeout,
        };
        Ok(Prepared(Backend::cookie(CookieBackend { codec, flask: None })))
    }

    fn longest(&self) -> (&'static str, Duration) {
        ("max_age", self.max_age)
    }

    #[cfg(feature = "inspect")]
    fn layer_info(&self, cookie_name: Box<str>, attributes: Box<str>) -> LayerInfo {
        LayerInfo {
            kind: BackendKind::Encrypted,
            cookie_name,
            attributes,
            is_like_flask: false,
            key_lengths: self.keys.lengths().collect(),
            max_age: Some(self.max_age),
            idle: None,
            absolute: Some(self.absolute_timeout),
        }
    }
}

impl fmt::Debug for Encrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encrypted")
            .field("max_age", &self.max_age)
            .field("absolute_timeout", &self.absolute_timeout)
            .finish_non_exhaustive()
    }
}
