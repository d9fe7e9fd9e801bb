use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hardtack_core::cookie::werkzeug::DumpCookie;
use hardtack_core::cookie::{SetCookie, http_date};
use hardtack_core::{Error, ErrorKind};
use http::HeaderValue;

/// The session's cookie: its name, and its attributes, which are rendered only once.
#[derive(Debug)]
pub(crate) struct SessionCookie {
    pub(crate) name: Box<str>,
    /// The part of the header before the value.
    before: Box<str>,
    /// The part of the header after the value, without an expiry.
    behind: Box<str>,
    /// The position of the expiry in `behind`.
    expiry_at: usize,
    removal: HeaderValue,
    /// The `Set-Cookie` headers that remove the cookies of earlier deployments.
    former_removals: Vec<HeaderValue>,
}

/// The longest time for which browsers keep a cookie (RFC 6265bis, section 5.5).
pub(crate) const MAX_COOKIE_AGE: Duration = Duration::from_secs(400 * 24 * 3600);

/// The last second that an `Expires` attribute can express, as the time since 1970.
const LAST_DATE: Duration = Duration::from_secs(253_402_300_799);

/// The time for which the browser keeps the cookie. The server does not rely on this time.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expiry {
    /// Until the browser closes.
    Browser,
    /// For a duration, written as `Max-Age`, of at most 400 days.
    After(Duration),
    /// Until a date, written as `Expires`, in the year 9999 at the latest. To match Flask's output byte for byte, the
    /// date is not limited to 400 days; browsers apply that limit themselves.
    At(SystemTime),
}

impl Expiry {
    /// Returns an expiry at the date that is `age` after `now`.
    pub(crate) fn date(now: SystemTime, age: Duration) -> Self {
        Self::At(now.checked_add(age.min(LAST_DATE)).unwrap_or(now))
    }
}

impl SessionCookie {
    /// Creates the cookie.
    ///
    /// # Errors
    ///
    /// Returns an error if a browser would refuse a cookie with this name and these attributes.
    pub(crate) fn new(cookie: SetCookie, name: &str, domain: Option<&str>) -> Result<Self, Error> {
        let attributes = cookie.attributes()?;
        let whole = domain.map(|domain| cookie.domain(domain).attributes()).transpose()?;
        Self::of(name, attributes, whole)
    }

    /// Creates the cookie as Flask writes it. Flask writes any attributes that are set, so only attributes that a
    /// header cannot contain are refused.
    ///
    /// # Errors
    ///
    /// Returns an error if a header cannot contain the cookie.
    pub(crate) fn like_flask(cookie: DumpCookie, name: &str, domain: Option<&str>) -> Result<Self, Error> {
        let behind = |header: String| header.get(name.len() + 1..).unwrap_or_default().to_owned();
        let attributes = behind(cookie.to_header()?);
        let whole = domain.map(|domain| cookie.domain(domain).to_header().map(behind)).transpose()?;
        Self::of(name, attributes, whole)
    }

    /// Creates the cookie. `attributes` does not include the domain. `whole` is `None` if no domain is set. Otherwise,
    /// it is the `Domain` attribute followed by `attributes`, because `Domain` is always written first.
    fn of(name: &str, attributes: String, whole: Option<String>) -> Result<Self, Error> {
        let whole = whole.unwrap_or_default();
        let domain = whole.strip_suffix(attributes.as_str()).unwrap_or_default();
        let removal =
            format!("{name}={domain}; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0{attributes}");
        let removal = HeaderValue::try_from(removal).map_err(|error| {
            Error::new(
                ErrorKind::Cookie,
                "the session cookie's name or attributes cannot be written in a header",
            )
            .with_source(error)
        })?;
        Ok(Self {
            name: name.into(),
            before: format!("{name}=").into(),
            behind: format!("{domain}{attributes}").into(),
            expiry_at: domain.len(),
            removal,
            former_removals: Vec::new(),
        })
    }

    /// Returns the `Set-Cookie` header that sets the cookie. `value` must consist of base64url characters and dots,
    /// which any cookie can contain.
    pub(crate) fn set(&self, value: &str, expiry: Expiry) -> Option<HeaderValue> {
        let [before, behind] = &self.around(expiry);
        HeaderValue::try_from([before, value, behind].concat()).ok()
    }

    /// Returns the parts of the header before and after the value.
    pub(crate) fn around(&self, expiry: Expiry) -> [Cow<'_, str>; 2] {
        let (domain, attributes) = self.behind.split_at(self.expiry_at);
        let behind = match expiry {
            Expiry::Browser => Cow::Borrowed(&*self.behind),
            Expiry::After(age) => {
                let seconds = age.min(MAX_COOKIE_AGE).as_secs();
                Cow::Owned(format!("{domain}; Max-Age={seconds}{attributes}"))
            }
            Expiry::At(time) => {
                let date = http_date(time.min(UNIX_EPOCH + LAST_DATE)).unwrap_or_default();
                Cow::Owned(format!("{domain}; Expires={date}{attributes}"))
            }
        };
        [Cow::Borrowed(&self.before), behind]
    }

    /// Adds the removal of a cookie that an earlier deployment set with other attributes.
    ///
    /// # Errors
    ///
    /// Returns an error if `former` has the cookie's current domain and path.
    pub(crate) fn remove_also(&mut self, former: Self) -> Result<(), Error> {
        if former.removal == self.removal {
            return Err(Error::new(
                ErrorKind::Config,
                "formerly(…) has the cookie's current domain and path: pass those that it had before",
            ));
        }
        if !self.former_removals.contains(&former.removal) {
            self.former_removals.push(former.removal);
        }
        Ok(())
    }

    /// Returns the `Set-Cookie` headers that remove the cookies of earlier deployments.
    pub(crate) fn former_removals(&self) -> &[HeaderValue] {
        &self.former_removals
    }

    /// Returns the `Set-Cookie` header that removes the cookie, with the attributes with which it was set.
    pub(crate) fn removal(&self) -> HeaderValue {
        self.removal.clone()
    }

    /// Returns the size of a cookie whose value has this length, as browsers measure it: the bytes of the name and the
    /// value (RFC 6265bis, section 5.6).
    pub(crate) fn size(&self, value: usize) -> usize {
        self.name.len() + value
    }
}
