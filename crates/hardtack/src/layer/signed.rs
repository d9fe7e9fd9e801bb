use std::fmt;
use std::time::Duration;

use hardtack_core::crypto::{Compression, KeyRing, Signer, Signing};
use hardtack_core::session::Purpose;
use hardtack_core::{Error, ErrorKind};

use crate::config::{Backend, Codec, CookieBackend, Flask};
#[cfg(feature = "inspect")]
use crate::inspect::{Kind, Portrait};
use crate::layer::SessionLayer;
use crate::layer::backend_settings::{BackendSettings, Prepare, Prepared};
use crate::layer::check::long_enough;
use crate::marker::Main;

/// Sessions in signed cookies, made by [`SessionLayer::signed`].
#[derive(Clone)]
pub struct Signed {
    keys: KeyRing,
    signing: Signing,
    compression: Compression,
    max_age: Duration,
    /// Whether it is signed with the salt as it is set, whatever its purpose.
    flask_salt: bool,
    is_like_flask: bool,
    refresh_each_request: bool,
}

/// Flask's `PERMANENT_SESSION_LIFETIME`.
const FLASK_LIFETIME: Duration = Duration::from_secs(31 * 24 * 3600);

impl SessionLayer<Signed, Main> {
    /// Keeps sessions in their cookies, readable by the visitor and tamper-evident: Flask's own format.
    ///
    /// Lifetime: [`max_age`](SessionLayer::max_age), 31 days, restarted by each write, as Flask's timestamp does.
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
    /// To share it with a Flask application, add [`like_flask`](SessionLayer::like_flask).
    ///
    /// # Security
    ///
    /// The visitor can read everything in it. A logout cannot revoke a copy of the cookie made before; only its age
    /// ends it. When two requests write at the same time, the browser keeps the whole of the response that came last.
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
/// A setting of another backend does not compile. A cookie knows when it was written, and neither when it was last used nor
/// when its session began; and its size has the browsers' limit:
///
/// ```compile_fail,E0599
/// use std::time::Duration;
/// use hardtack::{SessionLayer, keys_from_env};
///
/// let sessions = SessionLayer::signed(keys_from_env().unwrap()).idle_timeout(Duration::from_secs(60));
/// ```
///
/// ```compile_fail,E0599
/// # use std::time::Duration;
/// # use hardtack::{SessionLayer, keys_from_env};
/// let sessions = SessionLayer::signed(keys_from_env().unwrap()).absolute_timeout(Duration::from_secs(60));
/// ```
///
/// ```compile_fail,E0599
/// # use hardtack::{SessionLayer, keys_from_env};
/// let sessions = SessionLayer::signed(keys_from_env().unwrap()).max_size(1000);
/// ```
impl<K: 'static> SessionLayer<Signed, K> {
    /// Sets how long a session lives after its last write. Default: 31 days, as in Flask.
    pub fn max_age(self, age: Duration) -> Self {
        self.with_backend(|signed| signed.max_age = age)
    }

    /// Sets how sessions are signed: digest, salt, key derivation. Default: as Flask.
    ///
    /// The salt is that of the main session; another [purpose](SessionLayer::purpose) has one that is made from it.
    pub fn signing(self, options: Signing) -> Self {
        self.with_backend(|signed| signed.signing = options)
    }

    /// Sets when the payload is compressed. Default: when that makes it smaller.
    pub fn compression(self, when: Compression) -> Self {
        self.with_backend(|signed| signed.compression = when)
    }

    /// Signs with the salt as it is set, which by default is Flask's, although this is not the main session: to share a
    /// [`named`](SessionLayer::named) session with a Flask application of its own.
    ///
    /// # Security
    ///
    /// The salt is what keeps signed sessions with one secret apart. Give each layer that calls this a secret of its
    /// own: with a shared one, the cookie of each is accepted as the other's.
    pub fn flask_salt(self) -> Self {
        self.with_backend(|signed| signed.flask_salt = true)
    }

    /// Follows Flask 3.1 in everything, to share sessions with a Flask application.
    ///
    /// The cookie is `session; HttpOnly; Path=/`; any write sends it, an emptied session removes it, and a server error
    /// does not keep it back; only the first of several cookies counts; a permanent session is refreshed by every
    /// request; the payload is compressed as Flask does. Call it before changing single settings.
    pub fn like_flask(self) -> Self {
        self.with(|settings| (settings.same_site, settings.secure) = (None, false)).with_backend(|signed| {
            signed.is_like_flask = true;
            signed.refresh_each_request = true;
            signed.compression = Compression::AsFlask;
        })
    }

    /// Sends a permanent session again only when it is written, as Flask does with `SESSION_REFRESH_EACH_REQUEST =
    /// False`. It changes Flask's rules, so it needs [`like_flask`](SessionLayer::like_flask).
    pub fn refresh_on_writes(self) -> Self {
        self.with_backend(|signed| signed.refresh_each_request = false)
    }
}

impl Signed {
    /// Returns how a purpose is signed. Each has a salt of its own, except the main one, which has Flask's.
    fn signing_for(&self, purpose: &Purpose) -> Result<Signing, Error> {
        let signing = &self.signing;
        if purpose.is_main() || self.flask_salt {
            return Ok(signing.clone());
        }
        let mistake = |sentence| Err(Error::new(ErrorKind::Config, sentence));
        if !signing.uses_salt() {
            return mistake(
                "with KeyDerivation::None the salt does not count, so that this session's cookie would be accepted as \
                 another's: use another key derivation, or another secret and flask_salt()",
            );
        }
        if self.is_like_flask {
            return mistake(
                "Flask signs with its own salt and knows no purpose: call flask_salt() to share this session with a \
                 Flask application",
            );
        }
        Ok(signing.clone().for_purpose(purpose))
    }
}

impl BackendSettings for Signed {}

impl Prepare for Signed {
    fn check(&self) -> Result<(), Error> {
        if !self.is_like_flask && !self.refresh_each_request {
            return Err(Error::new(
                ErrorKind::Config,
                "refresh_on_writes only changes Flask's rules: call like_flask too",
            ));
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
    fn portrait(&self, cookie_name: Box<str>, attributes: Box<str>) -> Portrait {
        Portrait {
            kind: Kind::Signed,
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
