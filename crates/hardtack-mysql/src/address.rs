use std::path::PathBuf;

use hardtack_sql::{TlsUrl, is_here};
use mysql_async::{Opts, OptsBuilder};

/// Where the server is, and how the way there is protected.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    pub(crate) opts: Opts,
    pub(crate) encryption: Encryption,
    /// A file of certificates to trust instead of the system's.
    pub(crate) root_certificates: Option<PathBuf>,
}

/// Whether the way is encrypted. What is encrypted is also verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encryption {
    Disabled,
    /// If the server can.
    Preferred,
    Required,
}

impl Address {
    /// Reads a URL. `ssl-mode` and `ssl-ca` are taken here: without `ssl-mode` it is `preferred`, and `disabled` to this
    /// machine.
    pub(crate) fn new(url: &str) -> Result<Self, String> {
        let TlsUrl { rest, mode, root_certificates } = TlsUrl::new(url, "ssl-mode", "ssl-ca");
        let encryption = mode.as_deref().map(Encryption::named).transpose()?;
        // The driver's own error might quote a part of the URL.
        let opts = Opts::from_url(&rest)
            .map_err(|_| "the URL is not like mysql://user:password@host:3306/database")?;
        if opts.db_name().is_none() {
            return Err(
                "the URL names no database, as in mysql://user:password@host:3306/database".to_owned()
            );
        }
        let is_here = is_here(opts.ip_or_hostname());
        let usual = if is_here { Encryption::Disabled } else { Encryption::Preferred };
        // A touch that finds its record must be counted also where it changes nothing. The URL says where to connect.
        let opts = OptsBuilder::from_opts(opts).client_found_rows(true).prefer_socket(false).into();
        Ok(Self { opts, encryption: encryption.unwrap_or(usual), root_certificates })
    }

    /// Whether it says that the way must be encrypted, or how it is to be.
    #[cfg(not(feature = "tls"))]
    pub(crate) fn asks_for_tls(&self) -> bool {
        self.encryption == Encryption::Required || self.root_certificates.is_some()
    }
}

impl Encryption {
    fn named(name: &str) -> Result<Self, String> {
        match name.to_ascii_lowercase().as_str() {
            "disabled" => Ok(Self::Disabled),
            "preferred" => Ok(Self::Preferred),
            "required" | "verify_ca" | "verify_identity" => Ok(Self::Required),
            _ => {
                Err("the URL's ssl-mode is none of disabled, preferred, required, verify_ca, verify_identity"
                    .to_owned())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_is_encrypted_unless_it_stays_on_this_machine() {
        for (url, encryption) in [
            ("mysql://db.example.com/app", Encryption::Preferred),
            ("mysql://localhost/app", Encryption::Disabled),
            ("mysql://127.0.0.1:3307/app", Encryption::Disabled),
            ("mysql://[::1]/app", Encryption::Disabled),
            ("mysql://localhost/app?ssl-mode=REQUIRED", Encryption::Required),
            ("mysql://db.example.com/app?tcp_nodelay=true&ssl-mode=verify_identity", Encryption::Required),
            ("mysql://db.example.com/app?ssl-mode=disabled", Encryption::Disabled),
        ] {
            assert_eq!(Address::new(url).unwrap().encryption, encryption, "{url}");
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
