use std::borrow::Cow;

use hardtack_core::cookie::werkzeug::DumpCookie;
use hardtack_core::cookie::{SameSite, SetCookie};
use hardtack_core::protocol::Purpose;
use hardtack_core::{Error, ErrorKind};

#[cfg(feature = "inspect")]
use crate::config::Expiry;
use crate::config::{Clock, Config, SessionCookie, random};
use crate::layer::backend_settings::Prepare;
#[cfg(feature = "axum08")]
use crate::login_path::LoginPath;
use crate::observe::{Events, Subscribers};

/// The settings of a [`SessionLayer`](crate::SessionLayer) that do not depend on its backend, before they are checked.
#[derive(Clone)]
pub(crate) struct Settings {
    /// The name of the session, if the application has several sessions.
    pub(crate) name: Option<Box<str>>,
    /// The session's purpose, if it differs from its name.
    pub(crate) purpose: Option<Box<str>>,
    pub(crate) cookie_name: Option<String>,
    pub(crate) domain: Option<String>,
    pub(crate) path: String,
    /// The domains and paths that the cookie had in earlier deployments.
    pub(crate) former: Vec<(Option<String>, String)>,
    pub(crate) same_site: Option<SameSite>,
    pub(crate) partitioned: bool,
    pub(crate) http_only: bool,
    pub(crate) secure: bool,
    #[cfg(feature = "axum08")]
    pub(crate) login_path: Option<Box<str>>,
    pub(crate) clock: Clock,
    pub(crate) subscribers: Subscribers,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: None,
            purpose: None,
            cookie_name: None,
            domain: None,
            path: "/".to_owned(),
            former: Vec::new(),
            same_site: Some(SameSite::Lax),
            partitioned: false,
            http_only: true,
            secure: true,
            #[cfg(feature = "axum08")]
            login_path: None,
            clock: Clock::System,
            subscribers: Subscribers::default(),
        }
    }
}

impl Settings {
    /// Checks the settings, and prepares them for use.
    ///
    /// # Errors
    ///
    /// Returns an error that names the contradiction and the fix.
    pub(crate) fn prepare(&self, backend: &dyn Prepare, marker: &'static str) -> Result<Config, Error> {
        let name = self.name()?;
        let purpose = self.purpose()?.or_else(|| name.clone()).unwrap_or_default();
        let cookie = self.session_cookie(&name.unwrap_or_default(), backend)?;
        let salt = random().ok_or_else(|| {
            Error::new(
                ErrorKind::Config,
                "the operating system does not provide random numbers, which sessions need",
            )
        })?;
        let events = Events::new(marker, salt, self.subscribers.clone(), purpose.as_str());
        Ok(Config {
            backend: backend.prepare(&purpose)?.0,
            purpose,
            #[cfg(feature = "axum08")]
            login_path: self.login_path.as_deref().map(LoginPath::parse).transpose()?,
            clock: self.clock.clone(),
            events,
            #[cfg(feature = "inspect")]
            layer_info: std::sync::Arc::new(backend.layer_info(cookie.name.clone(), attributes(&cookie))),
            cookie,
        })
    }

    fn name(&self) -> Result<Option<Purpose>, Error> {
        let Some(name) = &self.name else { return Ok(None) };
        if **name == *Purpose::default().as_str() {
            return mistake(
                "\"session\" is the name of the main session, whose cookies would be accepted for this session \
                 too: use another name, and call cookie_name(\"session\") if the cookie must have that name",
            );
        }
        if name.starts_with("__") {
            return mistake(
                "named takes a session name without a cookie prefix, such as \"admin\"; the cookie is then named \
                 `__Host-admin`: drop the prefix, or call cookie_name for another cookie name",
            );
        }
        parse_purpose(name).map(Some)
    }

    fn purpose(&self) -> Result<Option<Purpose>, Error> {
        self.purpose.as_deref().map(parse_purpose).transpose()
    }

    fn session_cookie(&self, own: &Purpose, backend: &dyn Prepare) -> Result<SessionCookie, Error> {
        let is_like_flask = backend.is_like_flask();
        let name = &match &self.cookie_name {
            Some(name) => name.clone(),
            None if !self.secure || is_like_flask => own.as_str().to_owned(),
            None if self.domain.is_none() && self.path == "/" => format!("__Host-{own}"),
            None => format!("__Secure-{own}"),
        };
        let mut cookie = self.cookie_at(name, self.domain.as_deref(), &self.path, is_like_flask)?;
        for (domain, path) in &self.former {
            cookie.remove_also(self.cookie_at(name, domain.as_deref(), path, is_like_flask)?)?;
        }
        Ok(cookie)
    }

    fn cookie_at(
        &self,
        name: &str,
        domain: Option<&str>,
        path: &str,
        is_like_flask: bool,
    ) -> Result<SessionCookie, Error> {
        let plain = if is_like_flask {
            SetCookie::werkzeug(name.to_owned(), "")
        } else {
            SetCookie::raw(name.to_owned(), "")
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
        if !is_like_flask {
            return SessionCookie::new(cookie, name, domain);
        }
        // Flask writes all attributes that are set, even if browsers refuse them. Such attributes are errors here,
        // except `SameSite=None` without `Secure`: some Flask applications use it over plain HTTP, so it only causes a
        // warning.
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
}

fn parse_purpose(text: &str) -> Result<Purpose, Error> {
    Purpose::new(text).or_else(|_| {
        mistake(
            "a session's name or purpose must be 1 to 64 characters of printable ASCII, such as \"admin\"",
        )
    })
}

/// Returns a developer's mistake as an error, with a sentence that names the fix.
///
/// # Errors
///
/// Always returns an error.
pub(crate) fn mistake<T>(sentence: impl Into<Cow<'static, str>>) -> Result<T, Error> {
    Err(Error::new(ErrorKind::Config, sentence))
}

/// Returns the attributes of a cookie as they appear in the header, starting with `; ` and without an expiry.
#[cfg(feature = "inspect")]
fn attributes(cookie: &SessionCookie) -> Box<str> {
    let [_, attributes] = cookie.around(Expiry::Browser);
    attributes.into()
}
