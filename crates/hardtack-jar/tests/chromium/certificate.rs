//! A self-signed certificate for the server. In these tests, Chromium accepts every certificate.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;

/// Returns a TLS configuration with a self-signed certificate.
pub(crate) fn self_signed() -> ServerConfig {
    let made = rcgen::generate_simple_self_signed(["hardtack.test".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap()
}
