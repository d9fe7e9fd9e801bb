//! Reads and writes a cookie's host or domain in the forms that tools use.

use std::borrow::Cow;
use std::net::Ipv6Addr;

use super::adjustment::Adjustment;

/// A domain from a file.
pub(super) struct WrittenHost<'a> {
    /// The host or domain, without a leading dot and without a port. An IPv6 address is in brackets.
    pub(super) host: Cow<'a, str>,
    /// Whether the domain in the file has a leading dot.
    pub(super) dotted: bool,
    pub(super) adjustment: Option<Adjustment>,
}

/// Reads a host or domain in forms such as `.example.com`, `example.com:8080`, curl's `::1`, wget's `::1:18081`, and
/// Python's `localhost.local` and `[::1].local`.
pub(super) fn read_host(text: &str) -> WrittenHost<'_> {
    let (dotted, host) = match text.strip_prefix('.') {
        Some(host) => (true, host),
        None => (false, text),
    };
    let host = without_port(host);
    let (host, adjustment) = match without_local(host) {
        Some(host) => (host, Some(Adjustment::PythonLocal)),
        None => (host, None),
    };
    let host = match host.parse::<Ipv6Addr>() {
        Ok(address) => Cow::Owned(format!("[{address}]")),
        Err(_) => Cow::Borrowed(host),
    };
    WrittenHost { host, dotted, adjustment }
}

/// Reads a host from one of wget's own files, where `::1:8080` is port 8080 of `::1` rather than an address.
pub(super) fn read_wget_host(text: &str) -> WrittenHost<'_> {
    let host = match text.rsplit_once(':') {
        // A port of five digits cannot be part of the address, so `read_host` removes it. A shorter number is read as a
        // part of the address, because servers at bare IPv6 addresses usually have ports of four digits or more.
        Some((address, port)) if port.len() == 4 && is_port(port) && address.parse::<Ipv6Addr>().is_ok() => {
            address
        }
        _ => text,
    };
    read_host(host)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((rest, port)) if is_port(port) => {
            let is_address = host.parse::<Ipv6Addr>().is_ok();
            let has_brackets = rest.ends_with(']') || !rest.contains(':');
            if !is_address && (has_brackets || rest.parse::<Ipv6Addr>().is_ok()) { rest } else { host }
        }
        _ => host,
    }
}

fn is_port(text: &str) -> bool {
    (1..=5).contains(&text.len()) && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Removes the suffix `.local` from `localhost.local` and from an IPv6 address, to which Python adds it. Other names
/// keep the suffix, because a name such as `printer.local` may be the actual host.
fn without_local(host: &str) -> Option<&str> {
    let (host, end) = host.split_at_checked(host.len().checked_sub(".local".len())?)?;
    let is_pythons = host.eq_ignore_ascii_case("localhost") || (host.starts_with('[') && host.ends_with(']'));
    (end.eq_ignore_ascii_case(".local") && is_pythons).then_some(host)
}

/// Returns the host in the form in which Python's jars look it up: a host without a dot, such as an IPv6 address in
/// brackets, gets the suffix `.local`.
pub(super) fn python_host(host: &str) -> Cow<'_, str> {
    if host.contains('.') { host.into() } else { format!("{host}.local").into() }
}

/// Returns the host in the form in which curl, wget, and tough-cookie compare it: an IPv6 address has no brackets.
pub(super) fn bare_host(host: &str) -> &str {
    host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tool_has_its_own_way_to_name_a_host() {
        for (text, host, dotted) in [
            ("example.com", "example.com", false),
            (".example.com", "example.com", true),
            ("example.com:8080", "example.com", false),
            ("127.0.0.1:8080", "127.0.0.1", false),
            ("::1", "[::1]", false),
            ("::1:18081", "[::1]", false),
            ("[::1]", "[::1]", false),
            ("[::1]:8080", "[::1]", false),
            ("2001:db8:0:0:0:0:0:1:8080", "[2001:db8::1]", false),
            // An IPv6 address, as curl writes it.
            ("::1:8080", "[::1:8080]", false),
            ("[::1].local", "[::1]", false),
            ("localhost.local", "localhost", false),
            ("printer.local", "printer.local", false),
            ("", "", false),
            (".", "", true),
            ("a:b", "a:b", false),
            ("ä.local", "ä.local", false),
        ] {
            let read = read_host(text);
            assert_eq!((&*read.host, read.dotted), (host, dotted), "{text}");
        }
        assert_eq!(read_wget_host("::1:8080").host, "[::1]");
        assert_eq!(read_wget_host("::1:18081").host, "[::1]");
        assert_eq!(read_wget_host("::1").host, "[::1]");
        assert_eq!(read_wget_host("localhost:8080").host, "localhost");
    }
}
