use std::path::PathBuf;
use std::process::Command;

use crate::certificate::Certificate;
use crate::home::Home;
use crate::server::Server;
use crate::{EngineError, port};

/// A MariaDB server with one empty database.
///
/// It keeps what it acknowledged, as a server in earnest does, unless its settings say otherwise.
#[derive(Debug)]
pub struct MariaDb {
    server: Option<Server>,
    home: Home,
    settings: Vec<String>,
    port: u16,
    version: String,
}

const PASSWORD: &str = "hardtack";

/// How often another port, or a server that was killed and has not let go yet, is tried again.
const ATTEMPTS: u32 = 50;

impl MariaDb {
    /// Starts one.
    ///
    /// # Errors
    ///
    /// MariaDB is not installed, or does not start; the error holds what it logged.
    pub fn start() -> Result<Self, EngineError> {
        Self::start_with(&[])
    }

    /// Starts one with settings, as in `"innodb_flush_log_at_trx_commit=0"`.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub fn start_with(settings: &[&str]) -> Result<Self, EngineError> {
        let home = Home::new("mysql")?;
        let version = home
            .run(home.command("mariadbd").args(["--no-defaults", "--version"]))
            .map_err(|error| EngineError::new("looking for MariaDB", error))?;
        let version = version.split_whitespace().nth(2).unwrap_or("of an unknown version");
        let version = version.split('-').next().unwrap_or(version).to_owned();
        let mut install = home.command("mariadb-install-db");
        install.args(["--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal"]);
        install.arg(format!("--datadir={}", home.path().join("data").display()));
        home.run(&mut install)?;
        let settings = settings.iter().map(|setting| format!("--{setting}")).collect();
        let mut this = Self { server: None, home, settings, port: port::free()?, version };
        this.launch(true)?;
        let socket = format!("--socket={}", this.socket());
        this.home.run(
            Command::new("mariadb").args(["--no-defaults", &socket, "--user=root", "--execute"]).arg(
                format!(
                    "CREATE DATABASE hardtack; CREATE USER hardtack@'%' IDENTIFIED BY '{PASSWORD}'; \
                 GRANT ALL ON *.* TO hardtack@'%'"
                ),
            ),
        )?;
        Ok(this)
    }

    /// Starts one that others can talk to by TLS and in no other way, and gives the file of certificates to trust.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start), or OpenSSL is not installed.
    pub fn start_encrypted() -> Result<(Self, PathBuf), EngineError> {
        let mut this = Self::start()?;
        let Certificate { certificate, key } = Certificate::new(&this.home)?;
        this.settings.extend([
            format!("--ssl-cert={}", certificate.display()),
            format!("--ssl-key={}", key.display()),
            "--require-secure-transport=ON".to_owned(),
        ]);
        this.restart()?;
        Ok((this, certificate))
    }

    /// Where it listens, with user and password: `mysql://…`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("mysql://hardtack:{PASSWORD}@127.0.0.1:{}/hardtack", self.port)
    }

    /// Its name and version, as in `MariaDB 10.11.14`.
    #[must_use]
    pub fn version(&self) -> String {
        format!("MariaDB {}", self.version)
    }

    /// Stops it in good order; connections are cut.
    ///
    /// # Errors
    ///
    /// It cannot be told to.
    pub fn stop(&mut self) -> Result<(), EngineError> {
        self.server.take().map_or(Ok(()), |mut server| server.stop("TERM"))
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
            let mut command = self.home.command("mariadbd");
            command.arg("--no-defaults").args(["--bind-address=127.0.0.1", "--skip-name-resolve"]);
            command.arg(format!("--datadir={}", self.home.path().join("data").display()));
            command.arg(format!("--socket={}", self.socket())).arg(format!("--port={}", self.port));
            command.args(&self.settings);
            match Server::start(&self.home, "mariadb", &command, |log| log.contains("ready for connections"))
            {
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

    fn socket(&self) -> String {
        self.home.path().join("socket").display().to_string()
    }
}
