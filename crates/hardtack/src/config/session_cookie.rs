use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hardtack_core::cookie::werkzeug::DumpCookie;
use hardtack_core::cookie::{SetCookie, http_date};
use hardtack_core::{Error, ErrorKind};
use http::HeaderValue;

/// The session's cookie: its name, and its attributes rendered once.
#[derive(Debug)]
pub(crate) struct SessionCookie {
    pub(crate) name: Box<str>,
    /// What stands before the value.
    before: Box<str>,
    /// What stands behind it, but for an expiry.
    behind: Box<str>,
    /// Where in `behind` the expiry goes.
    expiry_at: usize,
    removal: HeaderValue,
    /// What removes it at the attributes of earlier deployments.
    former_removals: Vec<HeaderValue>,
}

/// RFC 6265bis, section 5.5: browsers keep no cookie for longer.
pub(crate) const MAX_COOKIE_AGE: Duration = Duration::from_secs(400 * 24 * 3600);

/// The last second that an `Expires` can name.
const LAST_DATE: Duration = Duration::from_secs(253_402_300_799);

/// How long the browser is told to keep the cookie. It never enforces anything.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expiry {
    /// As long as the browser runs.
    Browser,
    /// `Max-Age`, of 400 days at most.
    After(Duration),
    /// `Expires`, as Flask writes it, in the year 9999 at most: to the byte what Flask sends, so it is not cut to 400
    /// days. Browsers do that themselves.
    At(SystemTime),
}

impl Expiry {
    /// The date so long after now.
    pub(crate) fn date(now: SystemTime, age: Duration) -> Self {
        Self::At(now.checked_add(age.min(LAST_DATE)).unwrap_or(now))
    }
}

impl SessionCookie {
    /// # Errors
    ///
    /// If a browser would refuse a cookie with this name and these attributes.
    pub(crate) fn new(cookie: SetCookie, name: &str, domain: Option<&str>) -> Result<Self, Error> {
        let attributes = cookie.attributes()?;
        let whole = domain.map(|domain| cookie.domain(domain).attributes()).transpose()?;
        Self::of(name, attributes, whole)
    }

    /// Flask writes whatever it is told, so for Flask's sake nothing is refused but what no header can hold.
    ///
    /// # Errors
    ///
    /// If a header cannot hold it.
    pub(crate) fn like_flask(cookie: DumpCookie, name: &str, domain: Option<&str>) -> Result<Self, Error> {
        let behind = |header: String| header.get(name.len() + 1..).unwrap_or_default().to_owned();
        let attributes = behind(cookie.to_header()?);
        let whole = domain.map(|domain| cookie.domain(domain).to_header().map(behind)).transpose()?;
        Self::of(name, attributes, whole)
    }

    /// `Domain` comes first of all attributes, so that it is what the others are short of.
    fn of(name: &str, attributes: String, whole: Option<String>) -> Result<Self, Error> {
        let whole = whole.unwrap_or_default();
        let domain = whole.strip_suffix(attributes.as_str()).unwrap_or_default();
        let removal =
            format!("{name}={domain}; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0{attributes}");
        let removal = HeaderValue::try_from(removal).map_err(|error| {
            Error::new(ErrorKind::Cookie, "the session cookie's name or attributes do not fit into a header")
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

    /// The `Set-Cookie` that sets it; `value` is base64url and dots, which every cookie can hold.
    pub(crate) fn set(&self, value: &str, expiry: Expiry) -> Option<HeaderValue> {
        let [before, behind] = &self.around(expiry);
        HeaderValue::try_from([before, value, behind].concat()).ok()
    }

    /// What stands before and behind the value.
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

    /// Removes it at the attributes of an earlier deployment too.
    ///
    /// # Errors
    ///
    /// If they are its own.
    pub(crate) fn remove_also(&mut self, former: Self) -> Result<(), Error> {
        if former.removal == self.removal {
            return Err(Error::new(
                ErrorKind::Config,
                "formerly(…) names the domain and path that the cookie has now: name those that it had before",
            ));
        }
        if !self.former_removals.contains(&former.removal) {
            self.former_removals.push(former.removal);
        }
        Ok(())
    }

    /// The `Set-Cookie`s that remove it at the attributes of earlier deployments.
    pub(crate) fn former_removals(&self) -> &[HeaderValue] {
        &self.former_removals
    }

    /// The `Set-Cookie` that removes it, with the attributes it was set with.
    pub(crate) fn removal(&self) -> HeaderValue {
        self.removal.clone()
    }

    /// The bytes that browsers count, of a value of so many: name and value (RFC 6265bis, section 5.6).
    pub(crate) fn size(&self, value: usize) -> usize {
        self.name.len() + value
    }
}
