use std::path::PathBuf;

use hardtack_sql::{TlsUrl, is_local};
use mysql_async::{Opts, OptsBuilder};

/// The server's address and the TLS settings of the connection.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    pub(crate) opts: Opts,
    pub(crate) encryption: Encryption,
    /// A certificate file to trust instead of the system's certificates.
    pub(crate) root_certificates: Option<PathBuf>,
    /// Whether encryption is required because the server is on another machine, and not because the URL asks for it.
    is_encrypted_by_default: bool,
}

/// The accepted URL parameters, in addition to `ssl-mode` and `ssl-ca`: the driver's parameters that are not about TLS
/// or the choice of a connection, and `charset`, which other clients need.
const KNOWN_PARAMETERS: [&str; 9] = [
    CHARSET,
    "compression",
    "enable_cleartext_plugin",
    "max_allowed_packet",
    "secure_auth",
    "stmt_cache_size",
    "tcp_keepalive",
    "tcp_nodelay",
    "wait_timeout",
];

/// The parameter for the character set of the connection. This store ignores it, because it sends strings as
/// hexadecimal bytes.
const CHARSET: &str = "charset";

/// The advice in the error for a connection that should be encrypted by default, but cannot be.
pub(crate) const TLS_ADVICE: &str = "connections to another machine are encrypted and verified by default: set up \
    TLS on the server, set ssl-ca to its certificates, or, on a network that you trust, add ssl-mode=preferred or \
    ssl-mode=disabled to the URL";

/// The encryption mode of the connection. An encrypted connection is always verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encryption {
    Disabled,
    /// Encrypted if the server supports it.
    Preferred,
    Required,
}

impl Address {
    /// Parses a URL. `ssl-mode` and `ssl-ca` are interpreted here, and the other parameters by the driver. The default
    /// of `ssl-mode` is `required`, or `disabled` for a server on this machine.
    pub(crate) fn new(url: &str) -> Result<Self, String> {
        let url = TlsUrl::new(url, "ssl-mode", "ssl-ca");
        url.check_parameters(&KNOWN_PARAMETERS)?;
        let TlsUrl { rest, mode, root_certificates } = url;
        let rest = without_charset(&rest);
        let encryption = mode.as_deref().map(Encryption::named).transpose()?;
        // The driver's own error might quote a part of the URL.
        let opts = Opts::from_url(&rest)
            .map_err(|_| "the URL does not have the form mysql://user:password@host:3306/database")?;
        if opts.db_name().is_none() {
            return Err(
                "the URL has no database name: use the form mysql://user:password@host:3306/database"
                    .to_owned(),
            );
        }
        let is_local = is_local(opts.ip_or_hostname());
        let usual = if is_local { Encryption::Disabled } else { Encryption::Required };
        let is_encrypted_by_default = encryption.is_none() && !is_local;
        // The server reports the matched rows instead of the changed rows, because a touch that finds its record
        // succeeds even if it changes nothing. The driver must connect to the address in the URL instead of switching
        // to a socket.
        let opts = OptsBuilder::from_opts(opts).client_found_rows(true).prefer_socket(false).into();
        Ok(Self { opts, encryption: encryption.unwrap_or(usual), root_certificates, is_encrypted_by_default })
    }

    /// Returns advice for a connection that could not be encrypted, if encryption is required only by default.
    pub(crate) fn advice(&self) -> Option<&'static str> {
        self.is_encrypted_by_default.then_some(TLS_ADVICE)
    }

    /// Checks whether encryption is required or configured.
    #[cfg(not(feature = "tls"))]
    pub(crate) fn asks_for_tls(&self) -> bool {
        self.encryption == Encryption::Required || self.root_certificates.is_some()
    }
}

fn without_charset(url: &str) -> String {
    let Some((place, query)) = url.split_once('?') else { return url.to_owned() };
    let is_other = |parameter: &&str| parameter.split('=').next() != Some(CHARSET);
    let rest: Vec<_> = query.split('&').filter(is_other).collect();
    if rest.is_empty() { place.to_owned() } else { format!("{place}?{}", rest.join("&")) }
}

impl Encryption {
    fn named(name: &str) -> Result<Self, String> {
        match name.to_ascii_lowercase().as_str() {
            "disabled" => Ok(Self::Disabled),
            "preferred" => Ok(Self::Preferred),
            "required" | "verify_ca" | "verify_identity" => Ok(Self::Required),
            _ => Err("the URL's ssl-mode is unknown: use one of disabled, preferred, required, verify_ca, \
                    verify_identity"
                .to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_to_other_machines_are_encrypted() {
        for (url, encryption) in [
            ("mysql://db.example.com/app", Encryption::Required),
            ("mysql://localhost/app", Encryption::Disabled),
            ("mysql://127.0.0.1:3307/app", Encryption::Disabled),
            ("mysql://[::1]/app", Encryption::Disabled),
            ("mysql://localhost/app?ssl-mode=REQUIRED", Encryption::Required),
            ("mysql://db.example.com/app?tcp_nodelay=true&ssl-mode=verify_identity", Encryption::Required),
            ("mysql://db.example.com/app?ssl-mode=preferred&charset=utf8mb4", Encryption::Preferred),
            ("mysql://db.example.com/app?ssl-mode=disabled", Encryption::Disabled),
        ] {
            assert_eq!(Address::new(url).unwrap().encryption, encryption, "{url}");
        }
    }

    #[test]
    fn an_unknown_parameter_is_named() {
        for (url, name) in [
            ("mysql://ann:secret@h/app?pool_size=5", "`pool_size`"),
            ("mysql://ann:secret@h/app?charset=utf8mb4&require_ssl=true", "`require_ssl`"),
        ] {
            let error = Address::new(url).unwrap_err();
            assert!(error.contains(name) && !error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn an_error_quotes_no_password() {
        for url in ["mysql://ann:secret@h:port/app", "mysql://ann:secret@h/app?ssl-mode=secret", "secret"] {
            let error = Address::new(url).unwrap_err();
            assert!(error.starts_with("the URL") && !error.contains("secret"), "{error}");
        }
        assert!(Address::new("mysql://ann:secret@h").unwrap_err().contains("no database"));
    }
}
