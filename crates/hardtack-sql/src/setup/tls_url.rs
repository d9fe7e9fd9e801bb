use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use percent_encoding::percent_decode_str;

/// A server's URL, split into its TLS parameters and the rest. The drivers use other names for these parameters, or do
/// not support them.
#[derive(Clone, PartialEq, Eq)]
pub struct TlsUrl {
    /// The rest of the URL, for the driver.
    pub rest: String,
    /// The TLS mode, as written in the URL.
    pub mode: Option<String>,
    /// A certificate file to trust instead of the system's certificates.
    pub root_certificates: Option<PathBuf>,
}

impl TlsUrl {
    /// Extracts the two TLS parameters with the given names from a URL's query.
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

impl TlsUrl {
    /// Checks that the rest of the URL has no parameters that are not in `known`. A driver would reject the whole URL
    /// because of an unknown parameter, or ignore the parameter.
    ///
    /// # Errors
    ///
    /// Fails if there is an unknown parameter. The error quotes the parameter's name only if it looks like a name.
    pub fn check_parameters(&self, known: &[&str]) -> Result<(), String> {
        let (_, query) = self.rest.split_once('?').unwrap_or_default();
        let names = query.split('&').filter_map(|parameter| parameter.split('=').next());
        let unknown = names.into_iter().find(|name| !name.is_empty() && !known.contains(name));
        let Some(name) = unknown else { return Ok(()) };
        let is_name = name.len() <= MAX_NAME_BYTES
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let what = if is_name {
            format!("parameter `{name}`")
        } else {
            "query contains a parameter that".to_owned()
        };
        Err(format!("the URL's {what} is unknown: use one of {}", known.join(", ")))
    }
}

/// The maximum length of a parameter name that an error quotes. A longer one may be anything, such as a part of a
/// password.
const MAX_NAME_BYTES: usize = 40;

/// Checks whether a host is on this machine.
#[must_use]
pub fn is_local(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Omits `rest`, which may contain a password.
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
    fn tls_parameters_are_extracted() {
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
    fn an_unknown_parameter_is_named() {
        let check = |url| TlsUrl::new(url, "mode", "ca").check_parameters(&["a", "b"]);
        for url in ["db://h", "db://h?", "db://h?mode=on&a=1&b", "db://h?ca=1&"] {
            assert_eq!(check(url), Ok(()), "{url}");
        }
        let said = check("db://h?a=1&pool_size=secret").unwrap_err();
        assert!(said.contains("`pool_size`") && said.ends_with("use one of a, b"), "{said}");
        assert!(!said.contains("secret"));
        for url in ["db://h?sec:ret=1", "db://h?sec%72et"] {
            let said = check(url).unwrap_err();
            assert!(!said.contains("sec"), "{said}");
        }
    }

    #[test]
    fn local_hosts_are_recognized() {
        for (host, here) in [
            ("localhost", true),
            ("127.0.0.1", true),
            ("127.9.9.9", true),
            ("::1", true),
            ("[::1]", true),
            ("10.0.0.1", false),
            ("localhost.example.com", false),
        ] {
            assert_eq!(is_local(host), here, "{host}");
        }
    }
}
