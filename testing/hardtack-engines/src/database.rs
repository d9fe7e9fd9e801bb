use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::certificate::Certificate;
use crate::home::Home;
use crate::server::Server;
use crate::{EngineError, port};

/// A database server of one make, with one empty database.
///
/// Acknowledged writes are durable, as on a production server, unless the settings say otherwise.
#[derive(Debug)]
pub struct Database<M> {
    server: Option<Server>,
    installed: Installed,
    settings: Vec<String>,
    version: String,
    make: PhantomData<M>,
}

/// The specifics of one make of server.
pub trait Make {
    /// Its name, such as `PostgreSQL`.
    const NAME: &'static str;
    /// The user that runs the server if the tests run as root.
    const USER: &'static str;
    /// The server's program.
    const PROGRAM: &'static str;
    /// The signal that shuts it down cleanly.
    const SIGNAL: &'static str;
    /// The text that the server logs when it is ready.
    const READY: &'static str;
    /// A setting that disables disk syncs, for tests without a simulated power failure.
    const CARELESS: &'static str;
    /// The arguments that print the program's version.
    const ASKING: &'static [&'static str];

    /// Returns the directory of its programs; empty if they are in the path.
    ///
    /// # Errors
    ///
    /// Fails if it is not installed.
    fn programs() -> Result<PathBuf, EngineError>;

    /// Extracts the version from that output.
    fn version(printed: &str) -> Option<&str>;

    /// Creates an empty database.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot be created.
    fn install(place: &Installed) -> Result<(), EngineError>;

    /// Completes the installation while the server is running.
    ///
    /// # Errors
    ///
    /// Fails if the server refuses it.
    fn finish(place: &Installed) -> Result<(), EngineError>;

    /// Returns the arguments that start it.
    fn arguments(place: &Installed, settings: &[String]) -> Vec<String>;

    /// Returns the settings that enable TLS connections.
    fn encrypted(certificate: &Path, key: &Path) -> Vec<String>;

    /// Returns the server's URL.
    fn url(port: u16) -> String;
}

/// A server's directory, programs, and port.
#[derive(Debug)]
pub struct Installed {
    pub(crate) home: Home,
    pub(crate) programs: PathBuf,
    pub(crate) port: u16,
}

/// The password of the user `hardtack`.
pub(crate) const PASSWORD: &str = "hardtack";

/// The number of times to try another port, or to wait for a killed server that has not released its files yet.
const ATTEMPTS: u32 = 50;

impl<M: Make> Database<M> {
    /// Starts a server.
    ///
    /// # Errors
    ///
    /// Fails if the server is not installed or does not start. The error contains what it logged.
    pub fn start() -> Result<Self, EngineError> {
        Self::start_with(&[])
    }

    /// Starts a server with settings in its own syntax.
    ///
    /// # Errors
    ///
    /// Fails in the same cases as [`start`](Self::start).
    pub fn start_with(settings: &[&str]) -> Result<Self, EngineError> {
        let programs = M::programs()?;
        let installed = Installed { home: Home::new(M::USER)?, programs, port: port::free()? };
        let printed = installed
            .home
            .run(installed.command(M::PROGRAM).args(M::ASKING))
            .map_err(|error| EngineError::new(format!("looking for {}", M::NAME), error))?;
        let version = M::version(&printed).unwrap_or("of an unknown version").to_owned();
        M::install(&installed)?;
        let settings = settings.iter().map(|&setting| setting.to_owned()).collect();
        let mut this = Self { server: None, installed, settings, version, make: PhantomData };
        this.launch(true)?;
        M::finish(&this.installed)?;
        Ok(this)
    }

    /// Starts a server that does not sync to the disk.
    ///
    /// # Errors
    ///
    /// Fails in the same cases as [`start`](Self::start).
    pub fn start_careless() -> Result<Self, EngineError> {
        Self::start_with(&[M::CARELESS])
    }

    /// Starts a server that accepts TLS connections, and returns the file of certificates to trust.
    ///
    /// # Errors
    ///
    /// Fails in the same cases as [`start`](Self::start). Also fails if OpenSSL is not installed.
    pub fn start_encrypted() -> Result<(Self, PathBuf), EngineError> {
        let mut this = Self::start()?;
        let Certificate { certificate, key } = Certificate::new(&this.installed.home)?;
        this.settings.extend(M::encrypted(&certificate, &key));
        this.restart()?;
        Ok((this, certificate))
    }

    /// Returns its URL with the user and the password, such as `postgres://…`.
    #[must_use]
    pub fn url(&self) -> String {
        M::url(self.installed.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.installed.port
    }

    /// Returns its name and version, such as `PostgreSQL 15.18`.
    #[must_use]
    pub fn version(&self) -> String {
        format!("{} {}", M::NAME, self.version)
    }

    /// Stops the server cleanly, closing its connections.
    ///
    /// # Errors
    ///
    /// Fails if the server cannot be signaled.
    pub fn stop(&mut self) -> Result<(), EngineError> {
        self.server.take().map_or(Ok(()), |mut server| server.stop(M::SIGNAL))
    }

    /// Kills the server immediately, as a power failure would.
    ///
    /// # Errors
    ///
    /// Fails if the server cannot be killed.
    pub fn kill(&mut self) -> Result<(), EngineError> {
        self.server.take().map_or(Ok(()), |mut server| server.kill())
    }

    /// Restarts the server on the same port with the same data, stopping it first if it is running.
    ///
    /// # Errors
    ///
    /// Fails in the same cases as [`start`](Self::start).
    pub fn restart(&mut self) -> Result<(), EngineError> {
        self.stop()?;
        self.launch(false)
    }

    fn launch(&mut self, port_may_change: bool) -> Result<(), EngineError> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let mut command = self.installed.command(M::PROGRAM);
            command.args(M::arguments(&self.installed, &self.settings));
            let is_ready = |log: &str| log.contains(M::READY);
            match Server::start(&self.installed.home, M::PROGRAM, &command, is_ready) {
                Ok(server) => {
                    self.server = Some(server);
                    return Ok(());
                }
                Err(error) if attempt == ATTEMPTS => return Err(error),
                Err(_) if port_may_change => self.installed.port = port::free()?,
                Err(_) => thread::sleep(Duration::from_millis(100)),
            }
        }
    }
}

impl Installed {
    /// Returns a command for one of the programs, run as the server's user.
    pub(crate) fn command(&self, program: &str) -> Command {
        self.home.command(self.programs.join(program))
    }

    /// Returns the path of a file or directory of the server.
    pub(crate) fn path(&self, name: &str) -> String {
        self.home.path().join(name).display().to_string()
    }
}
