use std::sync::Arc;

use hardtack_sql::BoxError;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::SslMode;

use crate::address::Address;

/// Returns the TLS configuration. It verifies the server's name and certificate against the certificates in a file, or
/// against those that the system trusts.
pub(crate) fn config(address: &Address) -> Result<ClientConfig, BoxError> {
    let mut roots = RootCertStore::empty();
    match &address.root_certificates {
        Some(path) => {
            let unreadable =
                |error| format!("the certificates in {} cannot be read: {error}", path.display());
            for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
                roots.add(certificate.map_err(unreadable)?)?;
            }
        }
        None if address.config.get_ssl_mode() == SslMode::Disable => {}
        // Malformed certificates are left out, because some of the system's certificates may be malformed.
        None => drop(roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)),
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
