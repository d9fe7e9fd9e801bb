use std::fmt;
use std::str::FromStr;

use url::Url;

#[cfg(feature = "json")]
use super::domain::domain_match;
use super::suffix_list::{SuffixList, registrable_domain};
use crate::error::{Error, ErrorKind};

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

    /// Returns whether a host in canonical form is the site's domain or a subdomain of it.
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

/// Parses the form that `Display` writes. The host is used as the site's domain, without looking up its registrable
/// domain.
impl FromStr for Site {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (encrypted, url) = parse(text)?;
        Ok(Self { encrypted, domain: url.host_str().unwrap_or_default().into() })
    }
}

/// Parses a URL. Returns whether connections to the URL are encrypted, and the parsed URL.
fn parse(url: &str) -> Result<(bool, Url), Error> {
    let url = parse_url(url)?;
    Ok((encrypted(&url)?, url))
}

/// Parses a URL with any scheme.
pub(crate) fn parse_url(url: &str) -> Result<Url, Error> {
    Url::parse(url).map_err(|error| {
        Error::new(ErrorKind::Url, "this is not a URL: write it as `https://example.com/`").with_source(error)
    })
}

/// Returns whether connections to a URL are encrypted. Browsers treat `ws` and `wss` like `http` and `https`.
pub(crate) fn encrypted(url: &Url) -> Result<bool, Error> {
    match url.scheme() {
        "https" | "wss" => Ok(true),
        "http" | "ws" => Ok(false),
        _ => Err(Error::new(
            ErrorKind::Url,
            "only `http`, `https`, `ws`, and `wss` URLs have cookies: use one of these schemes",
        )),
    }
}
