use std::path::Path;

use mysql_async::SslOpts;
use rustls::RootCertStore;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;

/// Returns the TLS options. They verify the server's name and certificate against the certificates in a file, or
/// against those that the system trusts.
pub(crate) fn options(root_certificates: Option<&Path>) -> SslOpts {
    // The driver uses the process-wide cryptography provider. It panics if two providers are compiled in and none was
    // chosen.
    if CryptoProvider::get_default().is_none() {
        // If another thread has chosen a provider in the meantime, that provider works too.
        drop(ring::default_provider().install_default());
    }
    let options = SslOpts::default().with_disable_built_in_roots(true);
    match root_certificates {
        Some(path) => options.with_root_certs(vec![path.to_owned().into()]),
        None => {
            let natives = rustls_native_certs::load_native_certs().certs;
            // Malformed certificates are left out, because the driver would fail on the first one, and some of the
            // system's certificates may be malformed.
            let is_good = |certificate: &CertificateDer<'static>| {
                RootCertStore::empty().add(certificate.clone()).is_ok()
            };
            let good = natives.into_iter().filter(is_good);
            options.with_root_certs(good.map(|certificate| certificate.to_vec().into()).collect())
        }
    }
}
