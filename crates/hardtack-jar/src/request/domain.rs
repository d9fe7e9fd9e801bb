//! Compares hosts with the domains of cookies (RFC 6265bis, sections 5.1.2 and 5.1.3).

use std::net::{Ipv4Addr, Ipv6Addr};

use url::Host;

/// Returns a host in the form in which browsers compare hosts: in lower case, with IDNA labels as `xn--…`, an IPv4
/// address as four decimal numbers, and an IPv6 address in brackets. Returns `None` if the host is not valid.
///
/// ```
/// use hardtack_jar::canonical_host;
///
/// assert_eq!(canonical_host("Bücher.Example").as_deref(), Some("xn--bcher-kva.example"));
/// assert_eq!(canonical_host("0x7f.1").as_deref(), Some("127.0.0.1"));
/// assert_eq!(canonical_host("two words"), None);
/// ```
///
/// A trailing dot is kept: as in browsers, `example.com.` and `example.com` are different hosts.
pub fn canonical_host(host: &str) -> Option<String> {
    Some(Host::parse(host).ok()?.to_string())
}

/// Returns whether a host is equal to a domain, or is a subdomain of it. Both must be in [canonical
/// form](canonical_host). An IP address matches only itself.
///
/// ```
/// use hardtack_jar::domain_match;
///
/// assert!(domain_match("shop.example.com", "example.com"));
/// assert!(!domain_match("badexample.com", "example.com"));
/// assert!(!domain_match("127.0.0.1", "0.0.1"));
/// ```
pub fn domain_match(host: &str, domain: &str) -> bool {
    match host.strip_suffix(domain) {
        None => false,
        Some("") => true,
        Some(above) => above.ends_with('.') && !is_ip(host),
    }
}

/// Returns whether a host is an IP address, with or without brackets.
pub(crate) fn is_ip(host: &str) -> bool {
    let ends_as_ip = host.bytes().next_back().is_some_and(|last| last.is_ascii_hexdigit() || last == b']');
    let inner = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host);
    ends_as_ip && (inner.parse::<Ipv4Addr>().is_ok() || inner.parse::<Ipv6Addr>().is_ok())
}

/// Returns a host, and then each of its parent domains: `a.b.c`, `b.c`, `c`. An IP address has no parents.
pub(crate) fn with_parents(host: &str) -> impl Iterator<Item = &str> {
    let mut next = Some(host);
    let is_ip = is_ip(host);
    std::iter::from_fn(move || {
        let domain = next?;
        let parent = domain.split_once('.').map(|(_, parent)| parent);
        next = parent.filter(|parent| !parent.is_empty() && !is_ip);
        Some(domain)
    })
}

/// Returns whether browsers treat the host as secure without encryption, because the connection does not leave the
/// machine.
///
/// RFC 6265bis, section 5.8.3 lets the user agent define secure connections. Browsers follow "Secure Contexts", section
/// 3.1.
pub(crate) fn is_loopback(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    name == "localhost"
        || name.ends_with(".localhost")
        || host == "[::1]"
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_have_one_form() {
        for (host, canonical) in [
            ("WWW.Example.COM", Some("www.example.com")),
            ("example.com.", Some("example.com.")),
            ("faß.example", Some("xn--fa-hia.example")),
            ("127.1", Some("127.0.0.1")),
            ("[::0001]", Some("[::1]")),
            ("xn--a", None),
            ("a b", None),
            ("", None),
            ("1.2.3.4.5", None),
        ] {
            assert_eq!(canonical_host(host).as_deref(), canonical, "{host}");
        }
    }

    #[test]
    fn names_match_at_their_dots() {
        for (host, domain, expected) in [
            ("example.com", "example.com", true),
            ("a.example.com", "example.com", true),
            ("a.b.example.com", "example.com", true),
            ("example.com", "a.example.com", false),
            ("aexample.com", "example.com", false),
            ("example.com.", "example.com", false),
            ("a.example.com.", "example.com.", true),
            ("192.0.2.3", "192.0.2.3", true),
            ("192.0.2.3", "0.2.3", false),
            ("[::1]", "[::1]", true),
            ("example.com", "com", true),
        ] {
            assert_eq!(domain_match(host, domain), expected, "{host} {domain}");
        }
    }

    #[test]
    fn parents_are_walked_up_to_the_top() {
        let all = |host| with_parents(host).collect::<Vec<_>>();
        assert_eq!(all("a.b.c"), ["a.b.c", "b.c", "c"]);
        assert_eq!(all("localhost"), ["localhost"]);
        assert_eq!(all("b.c."), ["b.c.", "c."]);
        assert_eq!(all("192.0.2.3"), ["192.0.2.3"]);
        assert_eq!(all("[::1]"), ["[::1]"]);
        assert_eq!(all("bad.cafe"), ["bad.cafe", "cafe"]);
    }

    #[test]
    fn loopback_hosts_are_recognized() {
        for host in ["localhost", "localhost.", "a.localhost", "127.0.0.1", "127.9.9.9", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.example", "alocalhost", "128.0.0.1", "[::2]", "example.com"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
