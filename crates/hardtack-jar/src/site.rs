use std::fmt;
use std::str::FromStr;

use url::Url;

#[cfg(feature = "json")]
use crate::domain::domain_match;
use crate::error::{Error, ErrorKind};
use crate::suffix::{SuffixList, registrable_domain};

/// A site as defined for cookies: a scheme and a registrable domain (RFC 6265bis, section 5.2).
///
/// `https://a.example.com` and `https://b.example.com:8443` are the same site; `http://example.com` is a different one.
///
/// ```
/// # #[cfg(feature = "psl")] {
/// use hardtack_jar::{BuiltInSuffixes, Site};
///
/// # fn main() -> Result<(), hardtack_jar::Error> {
/// let site = |url| Site::of(&BuiltInSuffixes, url);
/// assert_eq!(site("https://a.example.com/x")?, site("https://b.example.com:8443/")?);
/// assert_ne!(site("https://example.com/")?, site("http://example.com/")?);
/// assert_eq!(site("https://a.example.com/")?.to_string(), "https://example.com");
/// # Ok(())
/// # }
/// # main().unwrap();
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Site {
    encrypted: bool,
    domain: Box<str>,
}

impl Site {
    /// Returns the site of a URL.
    ///
    /// # Errors
    ///
    /// Fails if the URL is invalid, or its scheme is not `http`, `https`, `ws`, or `wss`.
    pub fn of(list: &dyn SuffixList, url: &str) -> Result<Self, Error> {
        let (encrypted, url) = parse(url)?;
        let host = url.host_str().unwrap_or_default();
        Ok(Self::of_host(list, encrypted, host))
    }

    /// Returns whether a host in canonical form is the site's domain or below it.
    #[cfg(feature = "json")]
    pub(crate) fn has_host(&self, host: &str) -> bool {
        domain_match(host, &self.domain)
    }

    /// Returns the site of a host. A host without a registrable domain is a site by itself.
    pub(crate) fn of_host(list: &dyn SuffixList, encrypted: bool, host: &str) -> Self {
        Self { encrypted, domain: registrable_domain(list, host).unwrap_or(host).into() }
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.encrypted { "https" } else { "http" }, self.domain)
    }
}

/// Parses what `Display` writes. The host is used as it is, without looking up its registrable domain.
impl FromStr for Site {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (encrypted, url) = parse(text)?;
        Ok(Self { encrypted, domain: url.host_str().unwrap_or_default().into() })
    }
}

/// Parses a URL, and returns whether it is encrypted.
pub(crate) fn parse(url: &str) -> Result<(bool, Url), Error> {
    let url = Url::parse(url).map_err(|error| {
        Error::new(ErrorKind::Url, "this is no URL: write it as `https://example.com/`").with_source(error)
    })?;
    Ok((encrypted(&url)?, url))
}

/// Returns whether a URL is encrypted. Browsers treat `ws` and `wss` like `http` and `https`.
pub(crate) fn encrypted(url: &Url) -> Result<bool, Error> {
    match url.scheme() {
        "https" | "wss" => Ok(true),
        "http" | "ws" => Ok(false),
        _ => Err(Error::new(ErrorKind::Url, "cookies go with `http`, `https`, `ws` and `wss` only")),
    }
}

/// How a request relates to other sites, which decides which `SameSite` cookies are sent (RFC 6265bis, sections 5.2 and
/// 5.8.3).
///
/// | | sends |
/// |---|---|
/// | [`SameSite`](Self::SameSite) | all |
/// | [`Navigation`](Self::Navigation) | all except `Strict` |
/// | [`UnsafeNavigation`](Self::UnsafeNavigation) | `None` only (and stores all) |
/// | [`CrossSite`](Self::CrossSite) | `None` only |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SiteContext {
    /// A request by the site itself, or by the visitor: typed, from a bookmark, or reloaded.
    #[default]
    SameSite,
    /// The visitor follows a link from another site, or submits its form with a safe method (`GET`).
    Navigation,
    /// The visitor submits a form of another site with an unsafe method (`POST`).
    UnsafeNavigation,
    /// Another site's page embeds or fetches it.
    CrossSite,
}

impl SiteContext {
    /// Returns the context of a request to `target`. `client` is the site of the page that caused it; `None` if the
    /// visitor did.
    ///
    /// For a redirected request, `target` is the site of the URL it goes to now. A page in a frame is a client of its
    /// ancestors' site only if all of them are the same site; otherwise it belongs to no site, and only `kind` matters.
    ///
    /// ```
    /// # #[cfg(feature = "psl")] {
    /// use hardtack_jar::{BuiltInSuffixes, RequestKind, Site, SiteContext};
    ///
    /// # fn main() -> Result<(), hardtack_jar::Error> {
    /// let bank = Site::of(&BuiltInSuffixes, "https://bank.example.com/")?;
    /// let other = Site::of(&BuiltInSuffixes, "https://example.org/")?;
    /// let context = |client, kind| SiteContext::of(client, &bank, kind);
    /// assert_eq!(context(None, RequestKind::Form), SiteContext::SameSite);
    /// assert_eq!(context(Some(&bank), RequestKind::Embedded), SiteContext::SameSite);
    /// assert_eq!(context(Some(&other), RequestKind::Link), SiteContext::Navigation);
    /// assert_eq!(context(Some(&other), RequestKind::Form), SiteContext::UnsafeNavigation);
    /// # Ok(())
    /// # }
    /// # main().unwrap();
    /// # }
    /// ```
    pub fn of(client: Option<&Site>, target: &Site, kind: RequestKind) -> Self {
        match kind {
            _ if client.is_none_or(|client| client == target) => Self::SameSite,
            RequestKind::Link => Self::Navigation,
            RequestKind::Form => Self::UnsafeNavigation,
            RequestKind::Embedded => Self::CrossSite,
        }
    }
}

/// What a page does to make a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestKind {
    /// It navigates the whole tab with a safe method: `GET`, `HEAD`, `OPTIONS`, or `TRACE`.
    Link,
    /// It navigates the whole tab with an unsafe method, such as `POST`.
    Form,
    /// Anything else: an image, a script, a frame, or `fetch`.
    Embedded,
}

/// The key of a cookie partition: each top-level site has separate cookies for the sites that it embeds (CHIPS).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartitionKey {
    site: Site,
    cross_site_ancestor: bool,
}

impl PartitionKey {
    /// Creates the partition key for content in a tab that shows a page of this site, including the site's own content.
    pub const fn new(top_level: Site) -> Self {
        Self { site: top_level, cross_site_ancestor: false }
    }

    /// Records that a page of another site is between the tab and the embedded content.
    #[must_use]
    pub const fn with_cross_site_ancestor(mut self) -> Self {
        self.cross_site_ancestor = true;
        self
    }

    /// Returns the site of the tab.
    pub const fn site(&self) -> &Site {
        &self.site
    }

    /// Returns whether a page of another site is between the tab and the embedded content.
    pub const fn has_cross_site_ancestor(&self) -> bool {
        self.cross_site_ancestor
    }
}
