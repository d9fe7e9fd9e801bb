use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use percent_encoding::percent_decode_str;

/// A server's URL, with what it says about encryption taken out: drivers know it by other names, or not at all.
#[derive(Clone, PartialEq, Eq)]
pub struct TlsUrl {
    /// All else, for the driver.
    pub rest: String,
    /// Whether the way is to be encrypted, in the URL's own word.
    pub mode: Option<String>,
    /// A file of certificates to trust instead of the system's.
    pub root_certificates: Option<PathBuf>,
}

impl TlsUrl {
    /// Takes two parameters out of a URL's query, by their names.
    #[must_use]
    pub fn new(url: &str, mode_name: &str, root_certificates_name: &str) -> Self {
        let (place, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut mode, mut root_certificates, mut rest) = (None, None, Vec::new());
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=') {
                Some((name, value)) if name == mode_name => mode = Some(value.to_owned()),
                Some((name, value)) if name == root_certificates_name => {
                    let path = percent_decode_str(value).decode_utf8_lossy().into_owned();
                    root_certificates = Some(PathBuf::from(path));
                }
                _ => rest.push(parameter),
            }
        }
        let rest = if rest.is_empty() { place.to_owned() } else { format!("{place}?{}", rest.join("&")) };
        Self { rest, mode, root_certificates }
    }
}

/// Whether the way to a host does not leave this machine.
#[must_use]
pub fn is_here(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Without the URL, which may hold a password.
impl fmt::Debug for TlsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsUrl")
            .field("mode", &self.mode)
            .field("root_certificates", &self.root_certificates)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_encryption_is_taken_out() {
        for (url, rest, mode, root_certificates) in [
            ("db://ann@h/app", "db://ann@h/app", None, None),
            ("db://h/app?", "db://h/app", None, None),
            ("db://h/app?mode=on", "db://h/app", Some("on"), None),
            ("db://h?a=1&mode=on&ca=%2Fca.pem&b", "db://h?a=1&b", Some("on"), Some("/ca.pem")),
            ("db://h?modes=on&caa=1", "db://h?modes=on&caa=1", None, None),
        ] {
            let read = TlsUrl::new(url, "mode", "ca");
            assert_eq!((read.rest.as_str(), read.mode.as_deref()), (rest, mode), "{url}");
            assert_eq!(read.root_certificates, root_certificates.map(PathBuf::from), "{url}");
        }
        let shown = format!("{:?}", TlsUrl::new("db://ann:secret@h", "mode", "ca"));
        assert!(!shown.contains("secret"));
    }

    #[test]
    fn this_machine_has_several_names() {
        for (host, here) in [
            ("localhost", true),
            ("127.0.0.1", true),
            ("127.9.9.9", true),
            ("::1", true),
            ("[::1]", true),
            ("10.0.0.1", false),
            ("localhost.example.com", false),
        ] {
            assert_eq!(is_here(host), here, "{host}");
        }
    }
}
