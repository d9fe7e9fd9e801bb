use std::borrow::Cow;
use std::fmt::Write;
use std::time::SystemTime;

use url::Url;

use super::domain::{canonical_host, is_loopback};
use super::partition_key::PartitionKey;
use super::site::{Site, encrypted, parse_url};
use super::site_context::SiteContext;
use super::suffix_list::SuffixList;
use crate::error::{Error, ErrorKind};

/// The facts about a request on which a jar's decisions depend: its URL, whether a script accesses the cookies, and how
/// the request relates to other sites.
///
/// ```
/// use hardtack_jar::{RequestContext, SiteContext};
///
/// # fn main() -> Result<(), hardtack_jar::Error> {
/// let request = RequestContext::http("https://example.com/shop")?;
/// let image_elsewhere = request.clone().context(SiteContext::CrossSite);
/// let document_cookie = RequestContext::script("https://example.com/shop")?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestContext {
    pub(crate) host: Box<str>,
    pub(crate) path: Box<str>,
    pub(crate) encrypted: bool,
    pub(crate) loopback: bool,
    pub(crate) api: Api,
    pub(crate) context: SiteContext,
    /// The time on the server's clock when the server sent the response.
    pub(crate) date: Option<SystemTime>,
    partition: Option<PartitionKey>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Api {
    Http,
    Script,
}

/// The transport of a connection, which is encrypted or plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// `https` or `wss`.
    Encrypted,
    /// `http` or `ws`.
    Plain,
}

impl RequestContext {
    /// Creates the context of a request and its response.
    ///
    /// # Errors
    ///
    /// Fails if the URL is invalid, or its scheme is not `http`, `https`, `ws`, or `wss`.
    pub fn http(url: &str) -> Result<Self, Error> {
        Self::url(&parse_url(url)?)
    }

    /// Creates the context in which a script on the page at this URL uses `document.cookie`. Scripts do not see
    /// `HttpOnly` cookies.
    ///
    /// # Errors
    ///
    /// Fails if the URL is invalid, or its scheme is not `http`, `https`, `ws`, or `wss`.
    pub fn script(url: &str) -> Result<Self, Error> {
        let mut request = Self::http(url)?;
        request.api = Api::Script;
        Ok(request)
    }

    /// Creates the context of a request and its response, from a parsed URL.
    ///
    /// # Errors
    ///
    /// Fails if the scheme is not `http`, `https`, `ws`, or `wss`.
    pub fn url(url: &Url) -> Result<Self, Error> {
        let encrypted = encrypted(url)?;
        let host = url.host_str().unwrap_or_default();
        Ok(Self::new(encrypted, host.into(), url.path().into()))
    }

    /// Creates the context of a request and its response, from the URI of an `http::Request`.
    ///
    /// # Errors
    ///
    /// Fails if the URI has no scheme or host, or its scheme is not `http`, `https`, `ws`, or `wss`.
    #[cfg(feature = "http")]
    pub fn uri(uri: &http::Uri) -> Result<Self, Error> {
        let transport = match uri.scheme_str() {
            Some("https" | "wss") => Transport::Encrypted,
            Some("http" | "ws") => Transport::Plain,
            _ => {
                return Err(Error::new(
                    ErrorKind::Url,
                    "only absolute `http`, `https`, `ws`, and `wss` URIs have cookies: use one such as `https://host/path`",
                ));
            }
        };
        Self::parts(transport, uri.host().unwrap_or_default(), uri.path())
    }

    /// Creates the context of a request and its response, from the parts of a URL. Pass the path as it is sent:
    /// percent-encoded, but without the query. Bytes that are not ASCII are encoded, and a path that does not begin
    /// with `/` is treated as `/`.
    ///
    /// # Errors
    ///
    /// Fails if the host is invalid.
    pub fn parts(transport: Transport, host: &str, path: &str) -> Result<Self, Error> {
        let host = canonical_host(host).ok_or_else(|| {
            Error::new(ErrorKind::Url, "this is not a host: write it as `example.com`, without a port")
        })?;
        let path = if path.starts_with('/') { encode(path) } else { Cow::Borrowed("/") };
        Ok(Self::new(transport == Transport::Encrypted, host.into(), path.into()))
    }

    fn new(encrypted: bool, host: Box<str>, path: Box<str>) -> Self {
        let loopback = is_loopback(&host);
        let (api, context) = (Api::Http, SiteContext::SameSite);
        Self { host, path, encrypted, loopback, api, context, date: None, partition: None }
    }

    /// Sets how the request relates to other sites. Default: [`SiteContext::SameSite`].
    #[must_use]
    pub const fn context(mut self, context: SiteContext) -> Self {
        self.context = context;
        self
    }

    /// Sets the partition key, which contains the site of the tab that shows or embeds the response. Default: the key
    /// of the request's own site, or no key for [`SiteContext::CrossSite`]. If the request's site is not the site of
    /// the tab, the request is treated as having [a cross-site ancestor](PartitionKey::with_cross_site_ancestor).
    #[must_use]
    pub fn partition(mut self, key: PartitionKey) -> Self {
        self.partition = Some(key);
        self
    }

    /// Sets the server's time, which the `Date` field of the response contains. Default: the local time.
    ///
    /// If the two clocks differ, `Expires` is corrected by the difference, as in Chromium: a cookie that should expire
    /// in one hour does so even if the server's clock is two hours behind. `Max-Age` needs no correction.
    /// [`Jar::take_headers`](crate::Jar::take_headers) reads the `Date` field itself.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use hardtack_jar::{RequestContext, Jar};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000); // 22:13:20
    /// let date = now - Duration::from_secs(2 * 3_600); // 20:13:20
    /// let request = RequestContext::http("https://example.com/")?.date(date);
    /// let mut jar = Jar::new();
    /// jar.set(&request, "id=1; Expires=Tue, 14 Nov 2023 21:13:20 GMT", now)?;
    /// let expires = jar.iter().next().and_then(|cookie| cookie.expires());
    /// assert_eq!(expires, Some(now + Duration::from_secs(3_600)));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn date(mut self, date: SystemTime) -> Self {
        self.date = Some(date);
        self
    }

    /// Returns the host, in canonical form.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the path, percent-encoded.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the site of the URL.
    pub fn site(&self, list: &dyn SuffixList) -> Site {
        Site::of_host(list, self.encrypted, &self.host)
    }

    /// Returns the partition key that was set, or otherwise the key of the request's own site. Returns `None` if no key
    /// was set and another site embeds or fetches the response.
    pub(crate) fn partition_key(&self, list: &dyn SuffixList) -> Option<PartitionKey> {
        match (&self.partition, self.context) {
            (Some(key), _) if *key.site() != self.site(list) => Some(key.clone().with_cross_site_ancestor()),
            (Some(key), _) => Some(key.clone()),
            (None, SiteContext::CrossSite) => None,
            (None, _) => Some(PartitionKey::new(self.site(list))),
        }
    }
}

/// Percent-encodes bytes that are not ASCII.
fn encode(path: &str) -> Cow<'_, str> {
    if path.is_ascii() {
        return Cow::Borrowed(path);
    }
    let mut encoded = String::with_capacity(path.len() * 3);
    for byte in path.bytes() {
        if byte.is_ascii() {
            encoded.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    Cow::Owned(encoded)
}

#[cfg(all(test, feature = "psl"))]
mod tests {
    use super::*;
    use crate::request::BuiltInSuffixes;

    #[cfg(feature = "http")]
    #[test]
    fn a_uri_needs_scheme_and_host() {
        for (uri, expected) in [
            ("https://example.com/x?y", Some(("example.com", "/x"))),
            ("http://[::1]:80", Some(("[::1]", "/"))),
            ("wss://EXAMPLE.com/é", Some(("example.com", "/%C3%A9"))),
            ("/x", None),
            ("ftp://example.com/", None),
        ] {
            let request = uri.parse::<http::Uri>().ok().and_then(|uri| RequestContext::uri(&uri).ok());
            assert_eq!(request.as_ref().map(|request| (request.host(), request.path())), expected, "{uri}");
        }
    }

    fn key(request: &RequestContext) -> Option<(String, bool)> {
        let key = request.partition_key(&BuiltInSuffixes)?;
        Some((key.site().to_string(), key.has_cross_site_ancestor()))
    }

    #[test]
    fn embedded_content_has_a_cross_site_ancestor() {
        let top = |url| PartitionKey::new(Site::of(&BuiltInSuffixes, url).expect("a site"));
        let widget = || RequestContext::http("https://www.widget.example/").expect("a URL");
        let shop = || Some(("https://shop.example".to_owned(), true));
        let own = |above| Some(("https://widget.example".to_owned(), above));
        assert_eq!(key(&widget()), own(false));
        assert_eq!(key(&widget().partition(top("https://widget.example/"))), own(false));
        let between = top("https://widget.example/").with_cross_site_ancestor();
        assert_eq!(key(&widget().partition(between)), own(true));
        // Another page in between does not change the key.
        assert_eq!(key(&widget().partition(top("https://a.shop.example/"))), shop());
        assert_eq!(key(&widget().partition(top("https://shop.example/").with_cross_site_ancestor())), shop());
        assert_eq!(key(&widget().context(SiteContext::CrossSite)), None);
    }
}
