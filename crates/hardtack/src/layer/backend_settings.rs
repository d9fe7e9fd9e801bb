use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hardtack_core::Error;
use hardtack_core::protocol::Purpose;

use crate::config::Backend;
#[cfg(feature = "inspect")]
use crate::inspect::LayerInfo;

/// The backend of a [`SessionLayer`](crate::SessionLayer), with the settings that only this backend has. The
/// implementations are [`Signed`](crate::Signed), [`Encrypted`](crate::Encrypted), [`Stored`](crate::Stored),
/// and [`AnyBackend`].
///
/// The trait is sealed: other crates cannot implement it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a backend of a session layer",
    label = "expected `Signed`, `Encrypted`, `Stored`, or `AnyBackend`",
    note = "the first parameter of `SessionLayer` is the backend, and the second is the marker of a named \
            session, as in `SessionLayer<Stored, Admin>`"
)]
pub trait BackendSettings: Prepare + Clone + Send + Sync + 'static {}

/// The operations on the settings of a backend. This trait is public only because the public trait [`BackendSettings`]
/// requires it.
pub trait Prepare: fmt::Debug {
    /// Checks the settings.
    ///
    /// # Errors
    ///
    /// Returns an error for the first setting that can never work. The message names the fix.
    fn check(&self) -> Result<(), Error>;

    /// Prepares the backend for use.
    ///
    /// # Errors
    ///
    /// Returns an error if a setting contradicts the purpose.
    fn prepare(&self, purpose: &Purpose) -> Result<Prepared, Error>;

    /// Returns whether the layer follows Flask's rules.
    fn is_like_flask(&self) -> bool {
        false
    }

    /// Returns the setting that limits how long a cookie can last, as its name and its value.
    fn longest(&self) -> (&'static str, Duration);

    /// Describes the settings for the inspector, with the cookie's name and attributes.
    #[cfg(feature = "inspect")]
    fn layer_info(&self, cookie_name: Box<str>, attributes: Box<str>) -> LayerInfo;
}

/// A backend that is ready for use.
#[expect(missing_debug_implementations, reason = "it never leaves the crate")]
pub struct Prepared(pub(crate) Backend);

/// A backend of any type, for a program that chooses its backend at run time. Created by [`SessionLayer::into_any`].
///
/// ```
/// use hardtack::{AnyBackend, Error, MemoryStore, SessionLayer, keys_from_env};
///
/// fn sessions(on_the_server: bool) -> Result<SessionLayer<AnyBackend>, Error> {
///     if on_the_server {
///         Ok(SessionLayer::stored(MemoryStore::new()).into_any())
///     } else {
///         Ok(SessionLayer::signed(keys_from_env()?).into_any())
///     }
/// }
/// # assert!(sessions(true)?.check().is_ok());
/// # Ok::<(), Error>(())
/// ```
///
/// [`SessionLayer::into_any`]: crate::SessionLayer::into_any
#[derive(Clone)]
pub struct AnyBackend(Arc<dyn Prepare + Send + Sync>);

impl AnyBackend {
    pub(crate) fn new(backend: impl BackendSettings) -> Self {
        Self(Arc::new(backend))
    }
}

impl BackendSettings for AnyBackend {}

impl Prepare for AnyBackend {
    fn check(&self) -> Result<(), Error> {
        self.0.check()
    }

    fn prepare(&self, purpose: &Purpose) -> Result<Prepared, Error> {
        self.0.prepare(purpose)
    }

    fn is_like_flask(&self) -> bool {
        self.0.is_like_flask()
    }

    fn longest(&self) -> (&'static str, Duration) {
        self.0.longest()
    }

    #[cfg(feature = "inspect")]
    fn layer_info(&self, cookie_name: Box<str>, attributes: Box<str>) -> LayerInfo {
        self.0.layer_info(cookie_name, attributes)
    }
}

impl fmt::Debug for AnyBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
