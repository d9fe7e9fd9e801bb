use std::path::{Path, PathBuf};
use std::process::Command;

use crate::EngineError;
use crate::database::{Database, Installed, Make, PASSWORD};

/// A MariaDB server. Its settings look like `"innodb_flush_log_at_trx_commit=0"`. An encrypted server accepts only
/// encrypted connections.
pub type MariaDb = Database<MariaDbMake>;

/// The MariaDB make of database server.
#[derive(Debug)]
pub struct MariaDbMake;

impl Make for MariaDbMake {
    const NAME: &'static str = "MariaDB";
    const USER: &'static str = "mysql";
    const PROGRAM: &'static str = "mariadbd";
    const SIGNAL: &'static str = "TERM";
    const READY: &'static str = "ready for connections";
    const CARELESS: &'static str = "innodb_flush_log_at_trx_commit=0";
    const ASKING: &'static [&'static str] = &["--no-defaults", "--version"];

    fn programs() -> Result<PathBuf, EngineError> {
        Ok(PathBuf::new())
    }

    fn version(printed: &str) -> Option<&str> {
        printed.split_whitespace().nth(2)?.split('-').next()
    }

    fn install(place: &Installed) -> Result<(), EngineError> {
        let mut install = place.command("mariadb-install-db");
        install.args(["--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal"]);
        install.arg(format!("--datadir={}", place.path("data"))).arg(format!("--tmpdir={}", place.path("")));
        place.home.run(&mut install).map(drop)
    }

    fn finish(place: &Installed) -> Result<(), EngineError> {
        let mut client = Command::new("mariadb");
        client.args(["--no-defaults", &format!("--socket={}", place.path("socket")), "--user=root"]);
        client.arg("--execute").arg(format!(
            "CREATE DATABASE hardtack; CREATE USER hardtack@'%' IDENTIFIED BY '{PASSWORD}'; \
             GRANT ALL ON *.* TO hardtack@'%'"
        ));
        place.home.run(&mut client).map(drop)
    }

    fn arguments(place: &Installed, settings: &[String]) -> Vec<String> {
        let mut arguments = vec![
            "--no-defaults".to_owned(),
            "--bind-address=127.0.0.1".to_owned(),
            "--skip-name-resolve".to_owned(),
            format!("--datadir={}", place.path("data")),
            format!("--tmpdir={}", place.path("")),
            format!("--socket={}", place.path("socket")),
            format!("--port={}", place.port),
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
