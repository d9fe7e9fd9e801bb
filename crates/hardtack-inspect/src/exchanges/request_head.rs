use std::net::SocketAddr;
use std::time::SystemTime;

use axum::extract::{MatchedPath, OriginalUri, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use hardtack_jar::{RequestContext, SiteContext, Transport};

use crate::access::peer;
use crate::exchanges::HeaderField;
use crate::format::shorten;
use crate::redact::{Redaction, redact_path, redact_query};

/// The parts of a request that are kept until its response is ready.
pub(crate) struct RequestHead {
    pub(crate) at: SystemTime,
    pub(crate) method: Method,
    /// The URI as the browser sent it.
    pub(crate) uri: Uri,
    pub(crate) route: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) peer: Option<SocketAddr>,
}

/// The maximum number of characters that the pages show of each part of a request.
const MAX_CHARS: usize = 200;

/// The headers in which a browser states where a request comes from.
static FETCH_HEADERS: [(HeaderName, &str); 5] = [
    (HeaderName::from_static("sec-fetch-site"), "Sec-Fetch-Site"),
    (HeaderName::from_static("sec-fetch-mode"), "Sec-Fetch-Mode"),
    (HeaderName::from_static("sec-fetch-dest"), "Sec-Fetch-Dest"),
    (HeaderName::from_static("sec-purpose"), "Sec-Purpose"),
    (header::ORIGIN, "Origin"),
];

/// Other headers that are recorded, in addition to `FETCH_HEADERS` and `FORWARDED_PROTO`. All remaining headers are
/// dropped, so that no page can show them by mistake.
static OTHER_HEADERS: [HeaderName; 3] = [header::COOKIE, header::HOST, header::USER_AGENT];

/// The header in which a proxy states how the browser connected to it.
static FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

impl RequestHead {
    pub(crate) fn new(request: &Request) -> Self {
        Self {
            at: SystemTime::now(),
            method: request.method().clone(),
            uri: original_uri(request).clone(),
            route: request.extensions().get::<MatchedPath>().map(|route| route.as_str().to_owned()),
            headers: recorded_headers(request.headers()),
            peer: peer(request),
        }
    }

    /// Creates a request head from headers alone, which identify the browser if they contain one of its cookies.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Self {
        Self {
            at: SystemTime::now(),
            method: Method::GET,
            uri: Uri::default(),
            route: None,
            headers: recorded_headers(headers),
            peer: None,
        }
    }

    /// Removes the cookies with the given name from the request.
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

    /// Returns the path. If values are redacted, returns the route instead, or `/…` without a route, because any
    /// segment of a path may be a value.
    pub(crate) fn path(&self, redaction: Redaction) -> String {
        match &self.route {
            _ if redaction.shows_values() => shorten(self.uri.path(), MAX_CHARS),
            Some(route) => shorten(route, MAX_CHARS),
            None => redact_path(self.uri.path()).to_owned(),
        }
    }

    /// Returns the method, shortened because a client can invent a very long method.
    pub(crate) fn method(&self) -> String {
        shorten(self.method.as_str(), MAX_CHARS)
    }

    pub(crate) fn query(&self, redaction: Redaction) -> Option<String> {
        self.uri.query().map(|query| redact_query(query, redaction))
    }

    pub(crate) fn origin(&self) -> String {
        let scheme = if self.is_encrypted() { "https" } else { "http" };
        format!("{scheme}://{}", shorten(self.host().unwrap_or("?"), MAX_CHARS))
    }

    pub(crate) fn fetch(&self) -> Vec<HeaderField> {
        let fields = FETCH_HEADERS.iter().filter_map(|(name, usual_name)| {
            let value = self.headers.get(name)?.to_str().ok()?;
            Some(HeaderField { name: usual_name, value: shorten(value, MAX_CHARS) })
        });
        fields.collect()
    }

    /// Describes how another site caused the request, or returns `None` if no other site did.
    pub(crate) fn describe_site_context(&self) -> Option<&'static str> {
        match self.site_context() {
            SiteContext::SameSite => None,
            SiteContext::Navigation => Some("from a link on another site"),
            SiteContext::UnsafeNavigation => Some("from a form on another site"),
            SiteContext::CrossSite => Some("from within a page of another site"),
        }
    }

    /// Returns the request as a cookie jar sees it, or `None` if the request has no valid host.
    pub(crate) fn jar_context(&self) -> Option<RequestContext> {
        let host = self.host()?;
        let host = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let transport = if self.is_encrypted() { Transport::Encrypted } else { Transport::Plain };
        Some(RequestContext::parts(transport, host, self.uri.path()).ok()?.context(self.site_context()))
    }

    /// Returns the site context of the request, as defined by RFC 6265bis, section 5.2.
    fn site_context(&self) -> SiteContext {
        let value = |at: usize| self.headers.get(&FETCH_HEADERS[at].0).map(HeaderValue::as_bytes);
        match (value(0), value(1), value(2)) {
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

    fn host(&self) -> Option<&str> {
        let authority = self.uri.authority().map(|authority| authority.as_str());
        self.headers.get(header::HOST).and_then(|host| host.to_str().ok()).or(authority)
    }

    fn is_encrypted(&self) -> bool {
        self.uri.scheme_str() == Some("https")
            || self.headers.get(&FORWARDED_PROTO).is_some_and(|proto| proto.as_bytes() == b"https")
    }
}

fn recorded_headers(headers: &HeaderMap) -> HeaderMap {
    let names =
        OTHER_HEADERS.iter().chain(FETCH_HEADERS.iter().map(|(name, _)| name)).chain([&FORWARDED_PROTO]);
    let fields =
        names.flat_map(|name| headers.get_all(name).iter().map(move |value| (name.clone(), value.clone())));
    fields.collect()
}

/// Returns the URI as the browser sent it. Inside a nested router, axum strips the router's prefix from the request's
/// own URI.
fn original_uri(request: &Request) -> &Uri {
    request.extensions().get::<OriginalUri>().map_or(request.uri(), |original| &original.0)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn head(method: &str, headers: &[(&'static str, &'static str)]) -> RequestHead {
        let mut request =
            Request::builder().method(method).uri("/a?token=abc&plain").body(Body::empty()).unwrap();
        for (name, value) in headers {
            request.headers_mut().append(*name, HeaderValue::from_static(value));
        }
        RequestHead::new(&request)
    }

    #[test]
    fn only_headers_that_concern_state_are_kept() {
        let head = head("GET", &[("authorization", "Bearer x"), ("host", "a.example"), ("cookie", "a=1")]);
        assert_eq!(head.headers.len(), 2);
    }

    #[test]
    fn site_context_comes_from_the_fetch_headers() {
        let with = |method, site, mode, dest| {
            head(method, &[("sec-fetch-site", site), ("sec-fetch-mode", mode), ("sec-fetch-dest", dest)])
                .site_context()
        };
        assert_eq!(with("GET", "same-origin", "navigate", "document"), SiteContext::SameSite);
        assert_eq!(with("GET", "none", "navigate", "document"), SiteContext::SameSite);
        assert_eq!(with("GET", "cross-site", "navigate", "document"), SiteContext::Navigation);
        assert_eq!(with("POST", "cross-site", "navigate", "document"), SiteContext::UnsafeNavigation);
        assert_eq!(with("GET", "cross-site", "navigate", "iframe"), SiteContext::CrossSite);
        assert_eq!(with("GET", "cross-site", "no-cors", "image"), SiteContext::CrossSite);
        assert_eq!(head("GET", &[]).site_context(), SiteContext::SameSite);
    }

    #[test]
    fn query_loses_its_values() {
        assert_eq!(head("GET", &[]).query(Redaction::All).as_deref(), Some("token=…&…"));
        assert_eq!(head("GET", &[]).query(Redaction::Secrets).as_deref(), Some("token=abc&plain"));
    }

    #[test]
    fn path_is_redacted_like_a_value() {
        assert_eq!(head("GET", &[]).path(Redaction::All), "/…", "no route has this path");
        assert_eq!(head("GET", &[]).path(Redaction::Secrets), "/a");
    }

    #[test]
    fn cookie_can_be_left_out() {
        let cookies = |line| {
            let head = head("GET", &[("cookie", line)]).without_cookie("token");
            head.headers.get(header::COOKIE).map(|field| field.to_str().unwrap().to_owned())
        };
        assert_eq!(cookies("a=1; token=x; tokens=2").as_deref(), Some("a=1; tokens=2"));
        assert_eq!(cookies("token=x"), None);
        assert_eq!(cookies("a=1").as_deref(), Some("a=1"));
    }
}
