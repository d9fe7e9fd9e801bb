use std::fs;
use std::path::{Path, PathBuf};

use crate::EngineError;
use crate::process::server_process::PASSWORD;
use crate::sql::database::{Database, DatabaseProgram, Installation};

/// A PostgreSQL server. A setting has the form `"fsync=off"`.
pub type Postgres = Database<PostgresProgram>;

/// PostgreSQL's server program.
#[derive(Debug)]
pub struct PostgresProgram;

impl DatabaseProgram for PostgresProgram {
    const NAME: &'static str = "PostgreSQL";
    const USER: &'static str = "postgres";
    const EXECUTABLE: &'static str = "postgres";
    const STOP_SIGNAL: &'static str = "INT";
    const READY_MESSAGE: &'static str = "ready to accept connections";
    const WITHOUT_SYNC: &'static str = "fsync=off";
    const VERSION_ARGUMENTS: &'static [&'static str] = &["--version"];

    /// Returns the folder of the server's programs, which Debian does not add to `PATH`. If several versions are
    /// installed, returns the newest.
    fn programs() -> Result<PathBuf, EngineError> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let debians = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let mut versions: Vec<(u32, PathBuf)> = debians
            .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
            .collect();
        versions.sort();
        let newest = versions.into_iter().rev().map(|(_, path)| path);
        newest
            .chain(std::env::split_paths(&path))
            .find(|folder: &PathBuf| has_programs(folder))
            .ok_or_else(|| EngineError::new("looking for PostgreSQL", "it is not installed"))
    }

    fn version(printed: &str) -> Option<&str> {
        printed.split_whitespace().nth(2)
    }

    fn install(installation: &Installation) -> Result<(), EngineError> {
        let password = installation.path("password");
        fs::write(&password, PASSWORD).map_err(|error| EngineError::new("writing a password", error))?;
        let mut initdb = installation.command("initdb");
        initdb.args(["--username=hardtack", "--auth=scram-sha-256", "--encoding=UTF8"]);
        initdb.args([
            "--no-locale",
            "--no-sync",
            "--pwfile",
            &password,
            "--pgdata",
            &installation.path("data"),
        ]);
        installation.directory.run(&mut initdb).map(drop)
    }

    fn finish(_: &Installation) -> Result<(), EngineError> {
        Ok(())
    }

    fn arguments(installation: &Installation, settings: &[String]) -> Vec<String> {
        let (data, port, directory) =
            (installation.path("data"), installation.port.to_string(), installation.path(""));
        let mut arguments =
            ["-D", &data, "-h", "127.0.0.1", "-p", &port, "-k", &directory].map(str::to_owned).to_vec();
        for setting in settings {
            arguments.extend(["-c".to_owned(), setting.clone()]);
        }
        arguments
    }

    fn encrypted(certificate: &Path, key: &Path) -> Vec<String> {
        vec![
            "ssl=on".to_owned(),
            format!("ssl_cert_file={}", certificate.display()),
            format!("ssl_key_file={}", key.display()),
        ]
    }

    fn url(port: u16) -> String {
        format!("postgres://hardtack:{PASSWORD}@127.0.0.1:{port}/postgres")
    }
}

fn has_programs(folder: &Path) -> bool {
    folder.join("postgres").exists() && folder.join("initdb").exists()
}
