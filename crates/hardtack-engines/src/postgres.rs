use std::fs;
use std::path::{Path, PathBuf};

use crate::certificate::Certificate;
use crate::home::Home;
use crate::server::Server;
use crate::{EngineError, port};

/// A PostgreSQL server with one empty database.
///
/// It keeps what it acknowledged, as a server in earnest does, unless its settings say otherwise.
#[derive(Debug)]
pub struct Postgres {
    server: Option<Server>,
    home: Home,
    programs: PathBuf,
    settings: Vec<String>,
    port: u16,
    version: String,
}

const PASSWORD: &str = "hardtack";

/// How often another port, or a server that was killed and has not let go yet, is tried again.
const ATTEMPTS: u32 = 50;

impl Postgres {
    /// Starts one.
    ///
    /// # Errors
    ///
    /// PostgreSQL is not installed, or does not start; the error holds what it logged.
    pub fn start() -> Result<Self, EngineError> {
        Self::start_with(&[])
    }

    /// Starts one with settings, as in `"fsync=off"`.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub fn start_with(settings: &[&str]) -> Result<Self, EngineError> {
        let programs = programs()?;
        let home = Home::new("postgres")?;
        let version = home.run(home.command(programs.join("postgres")).arg("--version"))?;
        let version = version.split_whitespace().nth(2).unwrap_or("of an unknown version").to_owned();
        let password = home.path().join("password");
        fs::write(&password, PASSWORD).map_err(|error| EngineError::new("writing a password", error))?;
        let mut initdb = home.command(programs.join("initdb"));
        initdb
            .args([
                "--username=hardtack",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--no-locale",
                "--no-sync",
            ])
            .arg("--pwfile")
            .arg(&password)
            .arg("--pgdata")
            .arg(home.path().join("data"));
        home.run(&mut initdb)?;
        let settings = settings.iter().map(|&setting| setting.to_owned()).collect();
        let mut this = Self { server: None, home, programs, settings, port: port::free()?, version };
        this.launch(true)?;
        Ok(this)
    }

    /// Starts one that others can talk to by TLS, and gives the file of certificates to trust.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start), or OpenSSL is not installed.
    pub fn start_encrypted() -> Result<(Self, PathBuf), EngineError> {
        let mut this = Self::start()?;
        let Certificate { certificate, key } = Certificate::new(&this.home)?;
        this.settings.extend([
            "ssl=on".to_owned(),
            format!("ssl_cert_file={}", certificate.display()),
            format!("ssl_key_file={}", key.display()),
        ]);
        this.restart()?;
        Ok((this, certificate))
    }

    /// Where it listens, with user and password: `postgres://…`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://hardtack:{PASSWORD}@127.0.0.1:{}/postgres", self.port)
    }

    /// Its name and version, as in `PostgreSQL 15.18`.
    #[must_use]
    pub fn version(&self) -> String {
        format!("PostgreSQL {}", self.version)
    }

    /// Stops it in good order; connections are cut.
    ///
    /// # Errors
    ///
    /// It cannot be told to.
    pub fn stop(&mut self) -> Result<(), EngineError> {
        self.server.take().map_or(Ok(()), |mut server| server.stop("INT"))
    }

    /// Ends it at once, as a loss of power would.
    ///
    /// # Errors
    ///
    /// It cannot be ended.
    pub fn kill(&mut self) -> Result<(), EngineError> {
        self.server.take().map_or(Ok(()), |mut server| server.kill())
    }

    /// Starts it again, at the same place with the same data; stops it first if it runs.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub fn restart(&mut self) -> Result<(), EngineError> {
        self.stop()?;
        self.launch(false)
    }

    fn launch(&mut self, port_may_change: bool) -> Result<(), EngineError> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let mut command = self.home.command(self.programs.join("postgres"));
            command.arg("-D").arg(self.home.path().join("data")).args(["-h", "127.0.0.1", "-p"]);
            command.arg(self.port.to_string()).arg("-k").arg(self.home.path());
            for setting in &self.settings {
                command.args(["-c", setting]);
            }
            let is_ready = |log: &str| log.contains("ready to accept connections");
            match Server::start(&self.home, "postgres", &command, is_ready) {
                Ok(server) => {
                    self.server = Some(server);
                    return Ok(());
                }
                Err(error) if attempt == ATTEMPTS => return Err(error),
                Err(_) if port_may_change => self.port = port::free()?,
                Err(_) => std::thread::sleep(std::time::Duration::from_millis(100)),
            }
        }
    }
}

/// The folder of PostgreSQL's programs, which Debian keeps out of the path: of several versions the newest.
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

fn has_programs(folder: &Path) -> bool {
    folder.join("postgres").exists() && folder.join("initdb").exists()
}
