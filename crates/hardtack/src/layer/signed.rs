use std::fmt;
use std::time::Duration;

use hardtack_core::Error;
use hardtack_core::crypto::{Compression, KeyRing, Signer, Signing};
use hardtack_core::protocol::Purpose;

use crate::config::{Backend, Codec, CookieBackend, Flask};
#[cfg(feature = "inspect")]
use crate::inspect::{BackendKind, LayerInfo};
use crate::layer::SessionLayer;
use crate::layer::backend_settings::{BackendSettings, Prepare, Prepared};
use crate::layer::check::long_enough;
use crate::layer::settings::mistake;
use crate::marker::Main;

/// The backend that keeps sessions in signed cookies. Created by [`SessionLayer::signed`].
#[derive(Clone)]
pub struct Signed {
    keys: KeyRing,
    signing: Signing,
    compression: Compression,
    max_age: Duration,
    /// Whether the salt in `signing` is used unchanged, whatever the session's purpose is.
    flask_salt: bool,
    is_like_flask: bool,
    refresh_each_request: bool,
}

/// Flask's `PERMANENT_SESSION_LIFETIME`.
const FLASK_LIFETIME: Duration = Duration::from_secs(31 * 24 * 3600);

impl SessionLayer<Signed, Main> {
    /// Keeps sessions in signed cookies, in Flask's own format. The visitor can read a session but cannot change it.
    ///
    /// A session expires `max_age` after its last write: 31 days by default, as in Flask.
    ///
    /// ```
    /// use hardtack::{Key, KeyRing, SessionLayer};
    ///
    /// let keys = KeyRing::new(Key::new("b6a0e5d1c94f47a2830e7f5b1c2d6e9a")?); // or keys_from_env()?
    /// let sessions = SessionLayer::signed(keys).check()?;
    /// # let _ = sessions;
    /// # Ok::<(), hardtack::Error>(())
    /// ```
    ///
    /// To share sessions with a Flask application, add [`like_flask`](SessionLayer::like_flask).
    ///
    /// # Security
    ///
    /// The visitor can read everything in the session. A logout cannot revoke a copy of the cookie that was made
    /// earlier: the copy is valid until it expires. If two requests write at the same time, the browser keeps only the
    /// cookie of the response that arrived last.
    pub fn signed(keys: KeyRing) -> Self {
        Self::new(Signed {
            keys,
            signing: Signing::flask(),
            compression: Compression::default(),
            max_age: FLASK_LIFETIME,
            flask_salt: false,
            is_like_flask: false,
            refresh_each_request: true,
        })
    }
}

/// # Settings of signed sessions
///
/// A cookie records when it was written, but neither when it was last used nor when its session began, so signed
/// sessions have `max_age` instead of `idle_timeout` and `absolute_timeout`. Browsers limit the size of a cookie, so
/// there is no `max_size`. If you need these settings, use another backend. Settings of other backends do not compile:
///
/// ```no_run
/// use std::time::Duration;
/// use hardtack::{SessionLayer, keys_from_env};
///
/// let sessions = SessionLayer::signed(keys_from_env().unwrap()).max_age(Duration::from_secs(3600));
/// ```
///
/// ```compile_fail,E0599
/// # use std::time::Duration;
/// # use hardtack::{SessionLayer, keys_from_env};
/// let sessions = SessionLayer::signed(keys_from_env().unwrap()).idle_timeout(Duration::from_secs(3600));
/// ```
///
/// ```compile_fail,E0599
/// # use std::time::Duration;
/// # use hardtack::{SessionLayer, keys_from_env};
/// let sessions = SessionLayer::signed(keys_from_env().unwrap()).absolute_timeout(Duration::from_secs(3600));
/// ```
///
/// ```compile_fail,E0599
/// # use std::time::Duration;
/// # use hardtack::{SessionLayer, keys_from_env};
/// let sessions = SessionLayer::signed(keys_from_env().unwrap()).max_size(1000);
/// ```
impl<K: 'static> SessionLayer<Signed, K> {
    /// Sets how long a session lives after its last write. Default: 31 days, as in Flask.
    pub fn max_age(self, age: Duration) -> Self {
        self.with_backend(|signed| signed.max_age = age)
    }

    /// Sets how sessions are signed: digest, salt, and key derivation. Default: as in Flask.
    ///
    /// The salt in `options` is used for the main session. For another [purpose](SessionLayer::purpose), a salt is
    /// derived from it.
    pub fn signing(self, options: Signing) -> Self {
        self.with_backend(|signed| signed.signing = options)
    }

    /// Sets when the payload is compressed. Default: if it is longer than 1,024 bytes, and compression makes the cookie
    /// shorter.
    pub fn compression(self, when: Compression) -> Self {
        self.with_backend(|signed| signed.compression = when)
    }

    /// Signs with the configured salt, which is Flask's by default, even if this is not the main session. Use this
    /// method to share a [`named`](SessionLayer::named) session with a Flask application.
    ///
    /// # Security
    ///
    /// Signed sessions that share a secret are separated only by their salts. Give each layer that calls `flask_salt`
    /// its own secret. If two such layers share a secret, each accepts the other's cookies.
    pub fn flask_salt(self) -> Self {
        self.with_backend(|signed| signed.flask_salt = true)
    }

    /// Follows all rules of Flask 3.1, to share sessions with a Flask application.
    ///
    /// The cookie is `session; HttpOnly; Path=/`. It is sent after every write, even if the response is a server error,
    /// and removed when the session becomes empty. Only the first of several cookies is read, every request refreshes a
    /// permanent session, and the payload is compressed as in Flask. Call this method before you change individual
    /// settings.
    pub fn like_flask(self) -> Self {
        self.with(|settings| (settings.same_site, settings.secure) = (None, false)).with_backend(|signed| {
            signed.is_like_flask = true;
            signed.compression = Compression::AsFlask;
        })
    }

    /// Sends the cookie of a permanent session only when the session is written, like Flask with
    /// `SESSION_REFRESH_EACH_REQUEST = False`. This setting changes one of Flask's rules, so it
    /// requires [`like_flask`](SessionLayer::like_flask).
    pub fn refresh_on_writes(self) -> Self {
        self.with_backend(|signed| signed.refresh_each_request = false)
    }
}

impl Signed {
    /// Returns the signing options for the sessions with a purpose. The main session uses the configured salt, which is
    /// Flask's by default. Each other purpose has its own salt.
    fn signing_for(&self, purpose: &Purpose) -> Result<Signing, Error> {
        let signing = &self.signing;
        if purpose.is_main() || self.flask_salt {
            return Ok(signing.clone());
        }
        if !signing.uses_salt() {
            return mistake(
                "KeyDerivation::None ignores the salt, so this session's cookie would be accepted for another \
                 session: use another key derivation, or another secret and flask_salt()",
            );
        }
        if self.is_like_flask {
            return mistake(
                "Flask signs with its own salt and does not support purposes: call flask_salt() to share this \
                 session with a Flask application",
            );
        }
        Ok(signing.clone().for_purpose(purpose))
    }
}

impl BackendSettings for Signed {}

impl Prepare for Signed {
    fn check(&self) -> Result<(), Error> {
        if !self.is_like_flask && !self.refresh_each_request {
            return mistake("refresh_on_writes only changes Flask's rules: call like_flask too");
        }
        // Flask accepts any lifetime.
        if self.is_like_flask { Ok(()) } else { long_enough("max_age", self.max_age) }
    }

    fn prepare(&self, purpose: &Purpose) -> Result<Prepared, Error> {
        let codec = Codec::Signed {
            signer: Signer::new(&self.keys, &self.signing_for(purpose)?),
            compression: self.compression,
            max_age: self.max_age,
        };
        let flask = self.is_like_flask.then_some(Flask { refresh_each_request: self.refresh_each_request });
        Ok(Prepared(Backend::cookie(CookieBackend { codec, flask })))
    }

    fn is_like_flask(&self) -> bool {
        self.is_like_flask
    }

    fn longest(&self) -> (&'static str, Duration) {
        ("max_age", self.max_age)
    }

    #[cfg(feature = "inspect")]
    fn layer_info(&self, cookie_name: Box<str>, attributes: Box<str>) -> LayerInfo {
        LayerInfo {
            kind: BackendKind::Signed,
            cookie_name,
            attributes,
            is_like_flask: self.is_like_flask,
            key_lengths: self.keys.lengths().collect(),
            max_age: Some(self.max_age),
            idle: None,
            absolute: None,
        }
    }
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed").field("max_age", &self.max_age).finish_non_exhaustive()
    }
}
