use std::path::Path;

use mysql_async::SslOpts;
use rustls::RootCertStore;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;

/// What verifies the server's certificate and its name: against a file of certificates, or those that the system
/// trusts.
pub(crate) fn options(root_certificates: Option<&Path>) -> SslOpts {
    // The driver asks the process for its cryptography, and panics if there are two kinds and none was chosen.
    if CryptoProvider::get_default().is_none() {
        // Should another thread have chosen meanwhile, that is as good.
        drop(ring::default_provider().install_default());
    }
    let options = SslOpts::default().with_disable_built_in_roots(true);
    match root_certificates {
        Some(path) => options.with_root_certs(vec![path.to_owned().into()]),
        None => {
            let natives = rustls_native_certs::load_native_certs().certs;
            // Some of the system's may be malformed, which the driver would refuse.
            let is_good = |certificate: &CertificateDer<'static>| {
                RootCertStore::empty().add(certificate.clone()).is_ok()
            };
            let good = natives.into_iter().filter(is_good);
            options.with_root_certs(good.map(|certificate| certificate.to_vec().into()).collect())
        }
    }
}
