use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::access::AccessDenied;

/// The peers that may request the inspector's pages, checked before the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PeerPolicy {
    /// Peers on this machine.
    Loopback,
    /// Every peer that can connect.
    All,
}

/// Headers that proxies add. If a request contains any of these headers, it came through a proxy, and the peer is that
/// proxy. The values of the headers are not trusted.
const PROXY_HEADERS: [HeaderName; 7] = [
    header::FORWARDED,
    header::VIA,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("cf-connecting-ip"),
];

const NO_PEER: &str = "The inspector cannot see the address of its peer: serve the application with \
    `app.into_make_service_with_connect_info::<SocketAddr>()`.";
const REMOTE: &str =
    "The inspector answers only requests from its own machine, and yours came from another one.";
const PROXY: &str = "The inspector answers only direct requests, and yours came through a proxy: connect to the application itself.";
const FOREIGN_HOST: &str =
    "The inspector answers only to `localhost` and loopback addresses: use one of them in the URL.";
const OTHER_SITE: &str = "The inspector does not answer requests from pages of other sites.";
const READ_ONLY: &str = "The inspector is read-only: use GET.";

impl PeerPolicy {
    /// Checks a request for one of the inspector's pages. Returns the reason as an error if the request is denied.
    pub(crate) fn check(self, request: &Request) -> Result<(), AccessDenied> {
        let forbidden = |sentence| Err(AccessDenied::forbidden(sentence));
        if self == Self::Loopback {
            match peer(request) {
                None => return forbidden(NO_PEER),
                Some(peer) if !is_loopback(peer.ip()) => return forbidden(REMOTE),
                Some(_) => {}
            }
            if PROXY_HEADERS.iter().any(|name| request.headers().contains_key(name)) {
                return forbidden(PROXY);
            }
            if !has_local_host(request) {
                return forbidden(FOREIGN_HOST);
            }
        }
        if is_cross_site_subrequest(request.headers()) {
            return forbidden(OTHER_SITE);
        }
        if !request.method().is_safe() {
            return Err(AccessDenied { status: StatusCode::METHOD_NOT_ALLOWED, sentence: READ_ONLY });
        }
        Ok(())
    }
}

/// Returns the address of the peer, as reported by the server's socket.
pub(crate) fn peer(request: &Request) -> Option<SocketAddr> {
    request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer)
}

fn is_loopback(address: IpAddr) -> bool {
    // A dual-stack socket reports an IPv4 address as an IPv4-mapped IPv6 address.
    address.to_canonical().is_loopback()
}

/// Returns whether the requested host name is local. In a DNS rebinding attack, a page on another site sends requests
/// to its own host name, which then resolves to this machine. The `Host` of such a request contains the name of that
/// site.
fn has_local_host(request: &Request) -> bool {
    let names = request.headers().get_all(header::HOST).iter().map(|host| host.to_str().unwrap_or_default());
    let mut names: Vec<_> =
        names.chain(request.uri().authority().map(|authority| authority.as_str())).collect();
    names.dedup();
    matches!(names[..], [name] if is_local_name(name))
}

fn is_local_name(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.to_ascii_lowercase();
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(&name);
    name == "localhost" || name.ends_with(".localhost") || bare.parse::<IpAddr>().is_ok_and(is_loopback)
}

/// Returns whether a page from another origin sent the request, unless the request opens a new document in a tab, as
/// when the user follows a link.
fn is_cross_site_subrequest(headers: &HeaderMap) -> bool {
    let value = |name: &'static str| headers.get(name).map(HeaderValue::as_bytes);
    let is_same_origin = matches!(value("sec-fetch-site"), None | Some(b"same-origin" | b"none"));
    let is_link =
        value("sec-fetch-mode") == Some(b"navigate") && value("sec-fetch-dest") == Some(b"document");
    !is_same_origin && !is_link
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn check(peer: Option<&str>, headers: &[(&'static str, &'static str)]) -> Result<(), &'static str> {
        let mut request = Request::builder().uri("/inspect").body(Body::empty()).unwrap();
        for (name, value) in headers {
            request.headers_mut().append(*name, HeaderValue::from_static(value));
        }
        if let Some(peer) = peer {
            request.extensions_mut().insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
        }
        PeerPolicy::Loopback.check(&request).map_err(|denied| denied.sentence)
    }

    #[test]
    fn o18_only_this_machine_is_answered() {
        for peer in ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
            assert_eq!(check(Some(peer), &[("host", "localhost:3000")]), Ok(()), "{peer}");
        }
        for peer in ["192.0.2.1:1", "10.0.0.1:1", "[2001:db8::1]:1", "[::ffff:192.0.2.1]:1", "0.0.0.0:1"] {
            assert_eq!(check(Some(peer), &[("host", "localhost:3000")]), Err(REMOTE), "{peer}");
        }
        assert_eq!(check(None, &[("host", "localhost")]), Err(NO_PEER));
    }

    #[test]
    fn o18_headers_of_a_proxy_are_not_trusted() {
        for name in ["x-forwarded-for", "forwarded", "x-real-ip", "via"] {
            let local = [("host", "localhost"), (name, "127.0.0.1")];
            assert_eq!(check(Some("127.0.0.1:1"), &local), Err(PROXY), "{name}");
            assert_eq!(check(Some("192.0.2.1:1"), &local), Err(REMOTE), "{name}");
        }
    }

    #[test]
    fn o18_a_foreign_host_name_is_refused() {
        for host in ["localhost", "LOCALHOST:3000", "a.localhost:1", "127.0.0.1:80", "[::1]:80", "[::1]"] {
            assert_eq!(check(Some("127.0.0.1:1"), &[("host", host)]), Ok(()), "{host}");
        }
        for host in
            ["evil.example", "localhost.evil.example", "192.0.2.1", "evil.example:3000", "", "notlocalhost"]
        {
            assert_eq!(check(Some("127.0.0.1:1"), &[("host", host)]), Err(FOREIGN_HOST), "{host}");
        }
        assert_eq!(check(Some("127.0.0.1:1"), &[]), Err(FOREIGN_HOST));
        let two = [("host", "localhost"), ("host", "evil.example")];
        assert_eq!(check(Some("127.0.0.1:1"), &two), Err(FOREIGN_HOST));
    }

    #[test]
    fn o18_pages_of_other_sites_are_refused() {
        let from = |site, mode, dest| {
            let headers = [
                ("host", "localhost"),
                ("sec-fetch-site", site),
                ("sec-fetch-mode", mode),
                ("sec-fetch-dest", dest),
            ];
            check(Some("127.0.0.1:1"), &headers)
        };
        assert_eq!(from("same-origin", "cors", "empty"), Ok(()));
        assert_eq!(from("none", "navigate", "document"), Ok(()));
        assert_eq!(from("cross-site", "navigate", "document"), Ok(()), "the user followed a link");
        for (site, mode, dest) in [
            ("cross-site", "no-cors", "script"),
            ("same-site", "cors", "empty"),
            ("cross-site", "navigate", "iframe"),
            ("cross-site", "cors", "empty"),
        ] {
            assert_eq!(from(site, mode, dest), Err(OTHER_SITE), "{site} {mode} {dest}");
        }
    }
}
