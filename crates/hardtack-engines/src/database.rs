use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::certificate::Certificate;
use crate::home::Home;
use crate::server::Server;
use crate::{EngineError, port};

/// A database server with one empty database, of one make.
///
/// It keeps what it acknowledged, as a server in earnest does, unless its settings say otherwise.
#[derive(Debug)]
pub struct Database<M> {
    server: Option<Server>,
    installed: Installed,
    settings: Vec<String>,
    version: String,
    make: PhantomData<M>,
}

/// What is particular about one make of servers.
pub trait Make {
    /// Its name, as in `PostgreSQL`.
    const NAME: &'static str;
    /// Whom it runs as, where we are root.
    const USER: &'static str;
    /// The server's program.
    const PROGRAM: &'static str;
    /// The signal by which it stops in good order.
    const SIGNAL: &'static str;
    /// What it logs when it is ready.
    const READY: &'static str;
    /// A setting by which it waits for no disk: for tests that cut no power.
    const CARELESS: &'static str;
    /// How the program is asked for its version.
    const ASKING: &'static [&'static str];

    /// The folder of its programs; empty, if they are in the path.
    ///
    /// # Errors
    ///
    /// It is not installed.
    fn programs() -> Result<PathBuf, EngineError>;

    /// Its version, out of what it prints then.
    fn version(printed: &str) -> Option<&str>;

    /// Makes an empty database.
    ///
    /// # Errors
    ///
    /// It cannot be made.
    fn install(place: &Installed) -> Result<(), EngineError>;

    /// Finishes that with the server running.
    ///
    /// # Errors
    ///
    /// The server refuses it.
    fn finish(place: &Installed) -> Result<(), EngineError>;

    /// What starts it.
    fn arguments(place: &Installed, settings: &[String]) -> Vec<String>;

    /// Settings by which others talk to it by TLS.
    fn encrypted(certificate: &Path, key: &Path) -> Vec<String>;

    /// Where it listens.
    fn url(port: u16) -> String;
}

/// Where a server lies, and what it is made of.
#[derive(Debug)]
pub struct Installed {
    pub(crate) home: Home,
    pub(crate) programs: PathBuf,
    pub(crate) port: u16,
}

/// Of the user `hardtack`.
pub(crate) const PASSWORD: &str = "hardtack";

/// How often another port, or a server that was killed and has not let go yet, is tried again.
const ATTEMPTS: u32 = 50;

impl<M: Make> Database<M> {
    /// Starts one.
    ///
    /// # Errors
    ///
    /// The server is not installed, or does not start; the error holds what it logged.
    pub fn start() -> Result<Self, EngineError> {
        Self::start_with(&[])
    }

    /// Starts one with settings, in its own words.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
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

    /// Starts one that waits for no disk.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub fn start_careless() -> Result<Self, EngineError> {
        Self::start_with(&[M::CARELESS])
    }

    /// Starts one that others can talk to by TLS, and gives the file of certificates to trust.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start), or OpenSSL is not installed.
    pub fn start_encrypted() -> Result<(Self, PathBuf), EngineError> {
        let mut this = Self::start()?;
        let Certificate { certificate, key } = Certificate::new(&this.installed.home)?;
        this.settings.extend(M::encrypted(&certificate, &key));
        this.restart()?;
        Ok((this, certificate))
    }

    /// Where it listens, with user and password, as in `postgres://…`.
    #[must_use]
    pub fn url(&self) -> String {
        M::url(self.installed.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.installed.port
    }

    /// Its name and version, as in `PostgreSQL 15.18`.
    #[must_use]
    pub fn version(&self) -> String {
        format!("{} {}", M::NAME, self.version)
    }

    /// Stops it in good order; connections are cut.
    ///
    /// # Errors
    ///
    /// It cannot be told to.
    pub fn stop(&mut self) -> Result<(), EngineError> {
        self.server.take().map_or(Ok(()), |mut server| server.stop(M::SIGNAL))
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
    /// One of the programs, run as whom the server runs as.
    pub(crate) fn command(&self, program: &str) -> Command {
        self.home.command(self.programs.join(program))
    }

    /// A file or folder of the server's.
    pub(crate) fn path(&self, name: &str) -> String {
        self.home.path().join(name).display().to_string()
    }
}
