use std::path::PathBuf;
use std::time::Duration;

use hardtack_sql::TlsUrl;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// The server's address and the TLS settings of the connection.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    pub(crate) config: Config,
    /// A certificate file to trust instead of the system's certificates.
    pub(crate) root_certificates: Option<PathBuf>,
    /// Whether encryption is required because the server is on another machine, and not because the URL asks for it.
    is_encrypted_by_default: bool,
}

/// The URL parameters of the driver, in addition to `sslmode` and `sslrootcert`.
const KNOWN_PARAMETERS: [&str; 18] = [
    "application_name",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "load_balance_hosts",
    "options",
    "password",
    "port",
    "sslnegotiation",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];

/// The advice in the error for a connection that should be encrypted by default, but cannot be.
pub(crate) const TLS_ADVICE: &str = "connections to another machine are encrypted and verified by default: set up \
    TLS on the server, set sslrootcert to its certificates, or, on a network that you trust, add sslmode=prefer or \
    sslmode=disable to the URL";

impl Address {
    /// Parses a URL. `sslmode` and `sslrootcert` are interpreted here, and the other parameters by the driver. The
    /// default of `sslmode` is `require`, or `disable` for a server on this machine. `verify-ca` and `verify-full` have
    /// the same effect as `require`, because encrypted connections are always verified.
    pub(crate) fn new(url: &str, timeout: Duration) -> Result<Self, String> {
        let url = TlsUrl::new(url, "sslmode", "sslrootcert");
        url.check_parameters(&KNOWN_PARAMETERS)?;
        let TlsUrl { rest, mode, root_certificates } = url;
        let mode = mode.as_deref().map(ssl_mode).transpose()?;
        // The driver's own error might quote a part of the URL.
        let mut config: Config = rest
            .parse()
            .map_err(|_| "the URL does not have the form postgres://user:password@host:5432/database")?;
        let is_local = config.get_hosts().iter().all(is_local);
        config.ssl_mode(mode.unwrap_or(if is_local { SslMode::Disable } else { SslMode::Require }));
        let is_encrypted_by_default = mode.is_none() && !is_local;
        if config.get_application_name().is_none() {
            config.application_name("hardtack");
        }
        config.connect_timeout(timeout);
        Ok(Self { config, root_certificates, is_encrypted_by_default })
    }

    /// Returns advice for a connection that could not be encrypted, if encryption is required only by default.
    pub(crate) fn advice(&self) -> Option<&'static str> {
        self.is_encrypted_by_default.then_some(TLS_ADVICE)
    }

    /// Checks whether encryption is required or configured.
    #[cfg(not(feature = "tls"))]
    pub(crate) fn asks_for_tls(&self) -> bool {
        self.config.get_ssl_mode() == SslMode::Require || self.root_certificates.is_some()
    }
}

fn ssl_mode(value: &str) -> Result<SslMode, String> {
    match value {
        "disable" => Ok(SslMode::Disable),
        "prefer" => Ok(SslMode::Prefer),
        "require" | "verify-ca" | "verify-full" => Ok(SslMode::Require),
        _ => Err("the URL's sslmode is unknown: use one of disable, prefer, require, verify-ca, verify-full"
            .to_owned()),
    }
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => hardtack_sql::is_local(name),
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(url: &str) -> Result<Address, String> {
        Address::new(url, Duration::from_secs(1))
    }

    #[test]
    fn connections_to_other_machines_are_encrypted() {
        for (url, mode) in [
            ("postgres://db.example.com/app", SslMode::Require),
            ("postgres://localhost/app", SslMode::Disable),
            ("postgres://127.0.0.1:5433/app", SslMode::Disable),
            ("postgres://[::1]/app", SslMode::Disable),
            ("postgres://localhost,db.example.com/app", SslMode::Require),
            ("postgres://localhost/app?sslmode=require", SslMode::Require),
            ("postgres://db.example.com/app?connect_timeout=3&sslmode=verify-full", SslMode::Require),
            ("postgres://db.example.com/app?sslmode=prefer", SslMode::Prefer),
            ("postgres://db.example.com/app?sslmode=disable", SslMode::Disable),
            ("postgres:///app?host=/run/postgresql", SslMode::Disable),
        ] {
            assert_eq!(address(url).unwrap().config.get_ssl_mode(), mode, "{url}");
        }
    }

    #[test]
    fn an_unknown_parameter_is_named() {
        let error = address("postgres://ann:secret@h/app?pool_size=5").unwrap_err();
        assert!(error.contains("`pool_size`") && !error.contains("secret"), "{error}");
    }

    #[test]
    fn the_rest_of_the_url_is_for_the_driver() {
        let address = address("postgres://ann@h/app?sslrootcert=%2Fca.pem&application_name=x").unwrap();
        assert_eq!(address.root_certificates, Some(PathBuf::from("/ca.pem")));
        assert_eq!(address.config.get_application_name(), Some("x"));
        assert_eq!((address.config.get_user(), address.config.get_dbname()), (Some("ann"), Some("app")));
    }

    #[test]
    fn an_error_quotes_no_password() {
        for url in
            ["postgres://ann:secret@h:port/app", "postgres://ann:secret@h/app?sslmode=secret", "secret"]
        {
            let error = address(url).unwrap_err();
            assert!(error.starts_with("the URL") && !error.contains("secret"), "{error}");
        }
    }
}
