use std::path::{Path, PathBuf};
use std::process::Command;

use crate::EngineError;
use crate::process::server_process::PASSWORD;
use crate::sql::database::{Database, DatabaseProgram, Installation};

/// A MariaDB server. A setting has the form `"innodb_flush_log_at_trx_commit=0"`. A server that was started with TLS
/// accepts only TLS connections.
pub type MariaDb = Database<MariaDbProgram>;

/// MariaDB's server program.
#[derive(Debug)]
pub struct MariaDbProgram;

impl DatabaseProgram for MariaDbProgram {
    const NAME: &'static str = "MariaDB";
    const USER: &'static str = "mysql";
    const EXECUTABLE: &'static str = "mariadbd";
    const STOP_SIGNAL: &'static str = "TERM";
    const READY_MESSAGE: &'static str = "ready for connections";
    const WITHOUT_SYNC: &'static str = "innodb_flush_log_at_trx_commit=0";
    const VERSION_ARGUMENTS: &'static [&'static str] = &["--no-defaults", "--version"];

    fn programs() -> Result<PathBuf, EngineError> {
        Ok(PathBuf::new())
    }

    fn version(printed: &str) -> Option<&str> {
        printed.split_whitespace().nth(2)?.split('-').next()
    }

    fn install(installation: &Installation) -> Result<(), EngineError> {
        let mut install = installation.command("mariadb-install-db");
        install.args(["--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal"]);
        install
            .arg(format!("--datadir={}", installation.path("data")))
            .arg(format!("--tmpdir={}", installation.path("")));
        installation.directory.run(&mut install).map(drop)
    }

    fn finish(installation: &Installation) -> Result<(), EngineError> {
        let mut client = Command::new("mariadb");
        client.args(["--no-defaults", &format!("--socket={}", installation.path("socket")), "--user=root"]);
        client.arg("--execute").arg(format!(
            "CREATE DATABASE hardtack; CREATE USER hardtack@'%' IDENTIFIED BY '{PASSWORD}'; \
             GRANT ALL ON *.* TO hardtack@'%'"
        ));
        installation.directory.run(&mut client).map(drop)
    }

    fn arguments(installation: &Installation, settings: &[String]) -> Vec<String> {
        let mut arguments = vec![
            "--no-defaults".to_owned(),
            "--bind-address=127.0.0.1".to_owned(),
            "--skip-name-resolve".to_owned(),
            format!("--datadir={}", installation.path("data")),
            format!("--tmpdir={}", installation.path("")),
            format!("--socket={}", installation.path("socket")),
            format!("--port={}", installation.port),
        ];
        arguments.extend(settings.iter().map(|setting| format!("--{setting}")));
        arguments
    }

    fn encrypted(certificate: &Path, key: &Path) -> Vec<String> {
        vec![
            format!("ssl-cert={}", certificate.display()),
            format!("ssl-key={}", key.display()),
            "require-secure-transport=ON".to_owned(),
        ]
    }

    fn url(port: u16) -> String {
        format!("mysql://hardtack:{PASSWORD}@127.0.0.1:{port}/hardtack")
    }
}
