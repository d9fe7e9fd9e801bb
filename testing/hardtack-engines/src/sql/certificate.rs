use std::fs;
use std::path::PathBuf;

use crate::EngineError;
use crate::process::directory::EngineDirectory;

/// A self-signed certificate for 127.0.0.1. Each engine generates its own.
#[derive(Debug)]
pub(crate) struct Certificate {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

const CONFIG: &str = "[req]\nprompt = no\ndistinguished_name = name\nx509_extensions = extensions\n\
                      [name]\nCN = localhost\n\
                      [extensions]\nbasicConstraints = critical, CA:FALSE\nsubjectAltName = IP:127.0.0.1\n";

impl Certificate {
    pub(crate) fn new(directory: &EngineDirectory) -> Result<Self, EngineError> {
        let [config, certificate, key] =
            ["openssl.cnf", "certificate.pem", "key.pem"].map(|name| directory.path().join(name));
        fs::write(&config, CONFIG).map_err(|error| EngineError::new("creating a certificate", error))?;
        let mut openssl = directory.command("openssl");
        openssl.args(["req", "-x509", "-nodes", "-days", "2", "-newkey", "ec", "-pkeyopt"]);
        openssl.args(["ec_paramgen_curve:prime256v1", "-config"]).arg(&config);
        openssl.arg("-keyout").arg(&key).arg("-out").arg(&certificate);
        directory.run(&mut openssl)?;
        Ok(Self { certificate, key })
    }
}
