use std::net::SocketAddr;
use std::time::SystemTime;

use axum::extract::{ConnectInfo, MatchedPath, OriginalUri, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use hardtack_jar::{RequestContext, SiteContext, Transport};

use crate::field::Field;
use crate::veil::Veil;

/// The parts of a request that are kept until its response is ready.
pub(crate) struct Asked {
    pub(crate) at: SystemTime,
    pub(crate) method: Method,
    /// The URI as the browser sent it.
    pub(crate) uri: Uri,
    pub(crate) route: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) peer: Option<SocketAddr>,
}

/// The headers in which a browser states where a request comes from.
static FETCH: [(HeaderName, &str); 5] = [
    (HeaderName::from_static("sec-fetch-site"), "Sec-Fetch-Site"),
    (HeaderName::from_static("sec-fetch-mode"), "Sec-Fetch-Mode"),
    (HeaderName::from_static("sec-fetch-dest"), "Sec-Fetch-Dest"),
    (HeaderName::from_static("sec-purpose"), "Sec-Purpose"),
    (header::ORIGIN, "Origin"),
];

/// Other headers that are kept. The rest are dropped, so that they cannot be shown by mistake.
static KEPT: [HeaderName; 3] = [header::COOKIE, header::HOST, header::USER_AGENT];

/// The header in which a proxy states how the browser connected to it.
static FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

impl Asked {
    pub(crate) fn of(request: &Request) -> Self {
        Self {
            at: SystemTime::now(),
            method: request.method().clone(),
            uri: original_uri(request).clone(),
            route: request.extensions().get::<MatchedPath>().map(|route| route.as_str().to_owned()),
            headers: kept(request.headers()),
            peer: peer(request),
        }
    }

    /// Creates a request from its headers alone. They are enough to identify the browser.
    pub(crate) fn by(headers: &HeaderMap) -> Self {
        Self {
            at: SystemTime::now(),
            method: Method::GET,
            uri: Uri::default(),
            route: None,
            headers: kept(headers),
            peer: None,
        }
    }

    /// Removes a cookie from the request.
    pub(crate) fn without_cookie(mut self, name: &str) -> Self {
        let is_other = |pair: &&[u8]| {
            let end = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            pair[..end].trim_ascii() != name.as_bytes()
        };
        let fields: Vec<_> = self.headers.get_all(header::COOKIE).iter().cloned().collect();
        self.headers.remove(header::COOKIE);
        for field in fields {
            let others: Vec<_> = field
                .as_bytes()
                .split(|byte| *byte == b';')
                .filter(is_other)
                .map(<[u8]>::trim_ascii)
                .collect();
            if !others.is_empty()
                && let Ok(field) = HeaderValue::from_bytes(&others.join(&b"; "[..]))
            {
                self.headers.append(header::COOKIE, field);
            }
        }
        self
    }

    /// Returns the path. If values are redacted, returns the route instead, because any segment of a path may be a
    /// value.
    pub(crate) fn path(&self, veil: Veil) -> String {
        match &self.route {
            _ if veil.is_lifted() => shortened(self.uri.path()),
            Some(route) => shortened(route),
            None => veiled_path(self.uri.path()).to_owned(),
        }
    }

    /// Returns the method, shortened: an invented method may be as long as a header.
    pub(crate) fn method(&self) -> String {
        shortened(self.method.as_str())
    }

    pub(crate) fn query(&self, veil: Veil) -> Option<String> {
        self.uri.query().map(|query| shown_query(query, veil))
    }

    pub(crate) fn origin(&self) -> String {
        let scheme = if self.is_encrypted() { "https" } else { "http" };
        format!("{scheme}://{}", shortened(self.host().unwrap_or("?")))
    }

    pub(crate) fn fetch(&self) -> Vec<Field> {
        let said = FETCH.iter().filter_map(|(name, written)| {
            let value = self.headers.get(name)?.to_str().ok()?;
            Some(Field { name: written, value: shortened(value) })
        });
        said.collect()
    }

    /// Returns the site context of the request: RFC 6265bis, section 5.2.
    pub(crate) fn context(&self) -> SiteContext {
        let said = |at: usize| self.headers.get(&FETCH[at].0).map(HeaderValue::as_bytes);
        match (said(0), said(1), said(2)) {
            (Some(b"cross-site"), Some(b"navigate"), Some(b"document") | None) if self.method.is_safe() => {
                SiteContext::Navigation
            }
            (Some(b"cross-site"), Some(b"navigate"), Some(b"document") | None) => {
                SiteContext::UnsafeNavigation
            }
            (Some(b"cross-site"), ..) => SiteContext::CrossSite,
            _ => SiteContext::SameSite,
        }
    }

    /// Returns the request as a cookie jar sees it, or `None` if the request has no host.
    pub(crate) fn access(&self) -> Option<RequestContext> {
        let host = self.host()?;
        let host = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let transport = if self.is_encrypted() { Transport::Encrypted } else { Transport::Plain };
        Some(RequestContext::parts(transport, host, self.uri.path()).ok()?.context(self.context()))
    }

    fn host(&self) -> Option<&str> {
        let authority = self.uri.authority().map(|authority| authority.as_str());
        self.headers.get(header::HOST).and_then(|host| host.to_str().ok()).or(authority)
    }

    fn is_encrypted(&self) -> bool {
        self.uri.scheme_str() == Some("https")
            || self.headers.get(&FORWARDED_PROTO).is_some_and(|proto| proto.as_bytes() == b"https")
    }
}

fn kept(headers: &HeaderMap) -> HeaderMap {
    let names = KEPT.iter().chain(FETCH.iter().map(|(name, _)| name)).chain([&FORWARDED_PROTO]);
    let fields =
        names.flat_map(|name| headers.get_all(name).iter().map(move |value| (name.clone(), value.clone())));
    fields.collect()
}

/// Returns the URI as the browser sent it. Inside a nested router, axum strips the router's prefix from the request's
/// own URI.
fn original_uri(request: &Request) -> &Uri {
    request.extensions().get::<OriginalUri>().map_or(request.uri(), |original| &original.0)
}

/// Returns the address of the peer, as reported by the server's socket.
pub(crate) fn peer(request: &Request) -> Option<SocketAddr> {
    request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer)
}

pub(crate) fn words_of(context: SiteContext) -> Option<&'static str> {
    match context {
        SiteContext::SameSite => None,
        SiteContext::Navigation => Some("by a link on another site"),
        SiteContext::UnsafeNavigation => Some("by a form of another site"),
        SiteContext::CrossSite => Some("from inside another site’s page"),
    }
}

/// Returns the value of a `Location` header. If values are redacted, keeps only the host and the names in the query.
pub(crate) fn shown_location(location: &HeaderValue, veil: Veil) -> String {
    let text = String::from_utf8_lossy(location.as_bytes());
    let text = text.split('#').next().unwrap_or_default();
    let (place, query) = match text.split_once('?') {
        Some((place, query)) => (place, Some(query)),
        None => (text, None),
    };
    let place = if veil.is_lifted() { shortened(place) } else { veiled_place(place) };
    match query {
        Some(query) => format!("{place}?{}", shown_query(query, veil)),
        None => place,
    }
}

/// Returns a location without its path, which may contain a token, and without any credentials before its host.
fn veiled_place(place: &str) -> String {
    let Some((scheme, rest)) = place.split_once("//") else { return veiled_path(place).to_owned() };
    if !matches!(scheme, "" | "http:" | "https:") {
        return veiled_path(place).to_owned();
    }
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}//{}{}", shortened(host), veiled_path(path))
}

/// Returns the part of a path that may be shown when the path may contain a token.
pub(crate) fn veiled_path(path: &str) -> &'static str {
    match path {
        "" => "",
        "/" => "/",
        _ if path.starts_with('/') => "/…",
        _ => "…",
    }
}

fn shown_query(query: &str, veil: Veil) -> String {
    const MAX_PAIRS: usize = 20;
    if veil.is_lifted() {
        return shortened(query);
    }
    let pairs = query.split('&').take(MAX_PAIRS).map(|pair| match pair.split_once('=') {
        Some((name, _)) => format!("{}=…", shortened(name)),
        // A part without `=` is a value.
        None => "…".to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn shortened(text: &str) -> String {
    const MAX_CHARS: usize = 200;
    let mut shown: String = text.chars().take(MAX_CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn asked(method: &str, headers: &[(&'static str, &'static str)]) -> Asked {
        let mut request =
            Request::builder().method(method).uri("/a?token=abc&plain").body(Body::empty()).unwrap();
        for (name, value) in headers {
            request.headers_mut().append(*name, HeaderValue::from_static(value));
        }
        Asked::of(&request)
    }

    #[test]
    fn only_what_is_about_state_is_kept() {
        let asked = asked("GET", &[("authorization", "Bearer x"), ("host", "a.example"), ("cookie", "a=1")]);
        assert_eq!(asked.headers.len(), 2);
    }

    #[test]
    fn the_browser_says_what_a_request_has_to_do_with_other_sites() {
        let with = |method, site, mode, dest| {
            asked(method, &[("sec-fetch-site", site), ("sec-fetch-mode", mode), ("sec-fetch-dest", dest)])
                .context()
        };
        assert_eq!(with("GET", "same-origin", "navigate", "document"), SiteContext::SameSite);
        assert_eq!(with("GET", "none", "navigate", "document"), SiteContext::SameSite);
        assert_eq!(with("GET", "cross-site", "navigate", "document"), SiteContext::Navigation);
        assert_eq!(with("POST", "cross-site", "navigate", "document"), SiteContext::UnsafeNavigation);
        assert_eq!(with("GET", "cross-site", "navigate", "iframe"), SiteContext::CrossSite);
        assert_eq!(with("GET", "cross-site", "no-cors", "image"), SiteContext::CrossSite);
        assert_eq!(asked("GET", &[]).context(), SiteContext::SameSite);
    }

    #[test]
    fn a_query_loses_its_values() {
        assert_eq!(asked("GET", &[]).query(Veil::Drawn).as_deref(), Some("token=…&…"));
        assert_eq!(asked("GET", &[]).query(Veil::Lifted).as_deref(), Some("token=abc&plain"));
    }

    #[test]
    fn a_path_is_veiled_like_a_value() {
        for (location, shown) in [
            ("/to?code=abc#frag", "/…?code=…"),
            ("/reset/abc", "/…"),
            ("abc", "…"),
            ("/", "/"),
            ("https://jane:abc@a.example:8/b/abc?c=abc", "https://a.example:8/…?c=…"),
            ("//a.example/abc", "//a.example/…"),
            ("mailto:abc@a.example", "…"),
        ] {
            assert_eq!(shown_location(&HeaderValue::from_static(location), Veil::Drawn), shown);
        }
        let location = HeaderValue::from_static("/to?code=abc#frag");
        assert_eq!(shown_location(&location, Veil::Lifted), "/to?code=abc");
        assert_eq!(asked("GET", &[]).path(Veil::Drawn), "/…", "no route has this path");
        assert_eq!(asked("GET", &[]).path(Veil::Lifted), "/a");
    }

    #[test]
    fn a_cookie_can_be_left_out() {
        let cookies = |line| {
            let asked = asked("GET", &[("cookie", line)]).without_cookie("token");
            asked.headers.get(header::COOKIE).map(|field| field.to_str().unwrap().to_owned())
        };
        assert_eq!(cookies("a=1; token=x; tokens=2").as_deref(), Some("a=1; tokens=2"));
        assert_eq!(cookies("token=x"), None);
        assert_eq!(cookies("a=1").as_deref(), Some("a=1"));
    }
}
