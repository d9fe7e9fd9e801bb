use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hardtack_core::cookie::werkzeug::DumpCookie;
use hardtack_core::cookie::{SameSite, SetCookie};
use hardtack_core::crypto::{Compression, KeyRing, Sealer, Signer, Signing};
use hardtack_core::session::{Lifetime, Purpose};
use hardtack_core::{Error, ErrorKind};

use crate::checks;
use crate::clock::Clock;
use crate::counts::Tally;
#[cfg(feature = "inspect")]
use crate::inspect::{self, Portrait};
use crate::login_path::LoginPath;
use crate::random::random;
#[cfg(feature = "inspect")]
use crate::session_cookie::Expiry;
use crate::session_cookie::SessionCookie;
use crate::size::MAX_SIZE;
use crate::vault::Vault;

/// What a [`SessionLayer`](crate::SessionLayer) was told, not yet checked.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) keep: Keep,
    /// The session's own name, of an application that has several.
    pub(crate) name: Option<Purpose>,
    /// What it is for, where that is not its name.
    pub(crate) purpose: Option<Purpose>,
    /// Whether it is signed with Flask's own salt whatever its purpose.
    pub(crate) flask_salt: bool,
    pub(crate) cookie_name: Option<String>,
    pub(crate) domain: Option<String>,
    pub(crate) path: String,
    /// The domains and paths that the cookie had in earlier deployments.
    pub(crate) former: Vec<(Option<String>, String)>,
    pub(crate) same_site: Option<SameSite>,
    pub(crate) partitioned: bool,
    pub(crate) http_only: bool,
    pub(crate) secure: bool,
    pub(crate) flask: Option<Flask>,
    pub(crate) login_path: Option<Box<str>>,
    /// Of a stored session's data, in bytes.
    pub(crate) max_size: usize,
    pub(crate) clock: Clock,
    /// The first setting that cannot be: reported when the layer is used.
    pub(crate) mistake: Option<&'static str>,
}

/// Where the data is kept, as it was asked for.
#[derive(Clone)]
pub(crate) enum Keep {
    Signed { keys: KeyRing, signing: Signing, compression: Compression, max_age: Duration },
    Encrypted { keys: KeyRing, max_age: Duration, absolute: Duration },
    Stored { vault: Arc<dyn Vault>, lifetime: Lifetime },
}

/// Flask 3.1's own rules.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flask {
    /// `SESSION_REFRESH_EACH_REQUEST`.
    pub(crate) refresh_each_request: bool,
}

/// A layer's settings, checked and made ready.
pub(crate) struct Config {
    pub(crate) kind: Kind,
    pub(crate) purpose: Purpose,
    pub(crate) cookie: SessionCookie,
    pub(crate) flask: Option<Flask>,
    pub(crate) login_path: Option<LoginPath>,
    pub(crate) max_size: usize,
    pub(crate) clock: Clock,
    pub(crate) tally: Tally,
    #[cfg(feature = "inspect")]
    pub(crate) portrait: Arc<Portrait>,
}

/// Where the data is kept, made ready.
pub(crate) enum Kind {
    Signed { signer: Signer, compression: Compression, max_age: Duration },
    Encrypted { sealer: Sealer, max_age: Duration, absolute: Duration },
    Stored { vault: Arc<dyn Vault>, lifetime: Lifetime },
}

/// Flask's `PERMANENT_SESSION_LIFETIME`.
pub(crate) const FLASK_LIFETIME: Duration = Duration::from_secs(31 * 24 * 3600);

impl Settings {
    pub(crate) fn new(keep: Keep) -> Self {
        Self {
            keep,
            name: None,
            purpose: None,
            flask_salt: false,
            cookie_name: None,
            domain: None,
            path: "/".to_owned(),
            former: Vec::new(),
            same_site: Some(SameSite::Lax),
            partitioned: false,
            http_only: true,
            secure: true,
            flask: None,
            login_path: None,
            max_size: MAX_SIZE,
            clock: Clock::System,
            mistake: None,
        }
    }

    pub(crate) fn note_mistake(&mut self, sentence: &'static str) {
        self.mistake.get_or_insert(sentence);
    }

    /// Checks the settings and makes them ready.
    ///
    /// # Errors
    ///
    /// A sentence that names what contradicts what, and the fix.
    pub(crate) fn prepare(&self) -> Result<Config, Error> {
        if let Some(mistake) = self.mistake {
            return Err(Error::new(ErrorKind::Config, mistake));
        }
        checks::check(self)?;
        let purpose = self.purpose.clone().or_else(|| self.name.clone()).unwrap_or_default();
        let cookie = self.session_cookie()?;
        #[cfg(feature = "inspect")]
        let portrait = Arc::new(self.portrait(&cookie));
        let kind = match &self.keep {
            Keep::Signed { keys, signing, compression, max_age } => Kind::Signed {
                signer: Signer::new(keys, &self.signing_for(&purpose, signing)?),
                compression: *compression,
                max_age: *max_age,
            },
            Keep::Encrypted { keys, max_age, absolute } => Kind::Encrypted {
                sealer: Sealer::new(keys, &purpose),
                max_age: *max_age,
                absolute: *absolute,
            },
            Keep::Stored { vault, lifetime } => {
                Kind::Stored { vault: Arc::clone(vault), lifetime: *lifetime }
            }
        };
        let salt = random().ok_or_else(|| {
            Error::new(ErrorKind::Config, "the operating system gives no random numbers: sessions need them")
        })?;
        let config = Config {
            kind,
            purpose,
            cookie,
            flask: self.flask,
            login_path: self.login_path.as_deref().map(LoginPath::parse).transpose()?,
            max_size: self.max_size,
            clock: self.clock.clone(),
            tally: Tally::new(salt),
            #[cfg(feature = "inspect")]
            portrait,
        };
        checks::size(&config)?;
        Ok(config)
    }

    /// Each purpose has a salt of its own, except the main one, which has Flask's.
    fn signing_for(&self, purpose: &Purpose, signing: &Signing) -> Result<Signing, Error> {
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
        if self.flask.is_some() {
            return mistake(
                "Flask signs with its own salt and knows no purpose: call flask_salt() to share this session with a \
                 Flask application",
            );
        }
        Ok(signing.clone().for_purpose(purpose))
    }

    fn session_cookie(&self) -> Result<SessionCookie, Error> {
        let own = self.name.clone().unwrap_or_default();
        let name = &match &self.cookie_name {
            Some(name) => name.clone(),
            None if !self.secure || self.flask.is_some() => own.as_str().to_owned(),
            None if self.domain.is_none() && self.path == "/" => format!("__Host-{own}"),
            None => format!("__Secure-{own}"),
        };
        let mut cookie = self.cookie_at(name, self.domain.as_deref(), &self.path)?;
        for (domain, path) in &self.former {
            cookie.remove_also(self.cookie_at(name, domain.as_deref(), path)?)?;
        }
        Ok(cookie)
    }

    fn cookie_at(&self, name: &str, domain: Option<&str>, path: &str) -> Result<SessionCookie, Error> {
        let plain = match self.flask {
            Some(_) => SetCookie::werkzeug(name.to_owned(), ""),
            None => SetCookie::raw(name.to_owned(), ""),
        };
        let mut cookie = plain.path(path);
        cookie = match self.same_site {
            Some(same_site) => cookie.same_site(same_site),
            None => cookie.no_same_site(),
        };
        if self.secure {
            cookie = cookie.secure();
        }
        if self.http_only {
            cookie = cookie.http_only();
        }
        if self.partitioned {
            cookie = cookie.partitioned();
        }
        if self.flask.is_none() {
            return SessionCookie::new(cookie, name, domain);
        }
        // Flask writes whatever is set. What a browser refuses is refused here, except for `SameSite=None` without
        // `Secure`, by which Flask applications do run over plain http: that is a warning.
        let mut checked = cookie;
        if self.same_site == Some(SameSite::None) {
            checked = checked.secure();
        }
        if let Some(domain) = domain {
            checked = checked.domain(domain);
        }
        checked.check()?;
        let mut cookie = DumpCookie::new(name, "").path(Some(path)).secure(self.secure);
        cookie = cookie.http_only(self.http_only).partitioned(self.partitioned);
        if let Some(same_site) = self.same_site {
            cookie = cookie.same_site(same_site.as_str());
        }
        SessionCookie::like_flask(cookie, name, domain)
    }

    /// What may be told of them.
    #[cfg(feature = "inspect")]
    fn portrait(&self, cookie: &SessionCookie) -> Portrait {
        let line = cookie.set("", Expiry::Browser);
        let line = line.as_ref().and_then(|line| line.to_str().ok()).unwrap_or_default();
        let attributes = line.get(cookie.name.len() + 1..).unwrap_or_default();
        let (kind, keys, max_age, idle, absolute) = match &self.keep {
            Keep::Signed { keys, max_age, .. } => {
                (inspect::Kind::Signed, Some(keys), Some(*max_age), None, None)
            }
            Keep::Encrypted { keys, max_age, absolute } => {
                (inspect::Kind::Encrypted, Some(keys), Some(*max_age), None, Some(*absolute))
            }
            Keep::Stored { lifetime, .. } => {
                let (idle, absolute) = (lifetime.idle_timeout(), lifetime.absolute_timeout());
                (inspect::Kind::Stored, None, None, Some(idle), Some(absolute))
            }
        };
        Portrait {
            kind,
            cookie_name: cookie.name.clone(),
            attributes: attributes.into(),
            is_like_flask: self.flask.is_some(),
            key_lengths: keys.map(|keys| keys.lengths().collect()).unwrap_or_default(),
            max_age,
            idle,
            absolute,
        }
    }
}

impl Config {
    pub(crate) fn now(&self) -> SystemTime {
        self.clock.now()
    }
}
