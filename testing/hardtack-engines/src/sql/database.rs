use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::EngineError;
use crate::process::directory::EngineDirectory;
use crate::process::server_process::{Retry, ServerProcess, StartAttempts, free_port};
use crate::sql::certificate::Certificate;

/// A database server with one empty database.
///
/// Acknowledged writes are durable, as on a production server, unless the settings say otherwise.
#[derive(Debug)]
pub struct Database<P> {
    server: Option<ServerProcess>,
    installation: Installation,
    settings: Vec<String>,
    version: String,
    program: PhantomData<P>,
}

/// The program of a database server. Describes how the server is installed, started, and stopped.
pub trait DatabaseProgram {
    /// The name of the engine, such as `PostgreSQL`.
    const NAME: &'static str;
    /// The user that runs the server if the tests run as root.
    const USER: &'static str;
    /// The name of the server's executable file.
    const EXECUTABLE: &'static str;
    /// The signal that shuts the server down cleanly.
    const STOP_SIGNAL: &'static str;
    /// The text that the server logs when it is ready.
    const READY_MESSAGE: &'static str;
    /// A setting that disables disk syncs, for tests without a simulated power failure.
    const WITHOUT_SYNC: &'static str;
    /// The arguments that print the program's version.
    const VERSION_ARGUMENTS: &'static [&'static str];

    /// Returns the directory of the server's programs, or an empty path if they are in `PATH`.
    ///
    /// # Errors
    ///
    /// Fails if the server is not installed.
    fn programs() -> Result<PathBuf, EngineError>;

    /// Extracts the version from the output for [`VERSION_ARGUMENTS`](Self::VERSION_ARGUMENTS).
    fn version(printed: &str) -> Option<&str>;

    /// Creates an empty database.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot be created.
    fn install(installation: &Installation) -> Result<(), EngineError>;

    /// Completes the installation while the server is running.
    ///
    /// # Errors
    ///
    /// Fails if the server refuses a command.
    fn finish(installation: &Installation) -> Result<(), EngineError>;

    /// Returns the arguments that start the server.
    fn arguments(installation: &Installation, settings: &[String]) -> Vec<String>;

    /// Returns the settings that enable TLS connections.
    fn encrypted(certificate: &Path, key: &Path) -> Vec<String>;

    /// Returns the server's URL.
    fn url(port: u16) -> String;
}

/// A server's directory, programs, and port.
#[derive(Debug)]
pub struct Installation {
    pub(crate) directory: EngineDirectory,
    pub(crate) programs: PathBuf,
    pub(crate) port: u16,
}

impl<P: DatabaseProgram> Database<P> {
    /// Starts a server.
    ///
    /// # Errors
    ///
    /// Fails if the server is not installed or does not start. The error contains the server's log.
    pub fn start() -> Result<Self, EngineError> {
        Self::start_with(&[])
    }

    /// Starts a server with settings in the syntax of that server.
    ///
    /// # Errors
    ///
    /// Fails in the same cases as [`start`](Self::start).
    pub fn start_with(settings: &[&str]) -> Result<Self, EngineError> {
        let programs = P::programs()?;
        let installation =
            Installation { directory: EngineDirectory::new(P::USER)?, programs, port: free_port()? };
        let printed = installation
            .directory
            .run(installation.command(P::EXECUTABLE).args(P::VERSION_ARGUMENTS))
            .map_err(|error| EngineError::new(format!("looking for {}", P::NAME), error))?;
        let version = P::version(&printed).unwrap_or("(unknown version)").to_owned();
        P::install(&installation)?;
        let settings = settings.iter().map(|&setting| setting.to_owned()).collect();
        let mut this = Self { server: None, installation, settings, version, program: PhantomData };
        this.launch(Retry::OnAnotherPort)?;
        P::finish(&this.installation)?;
        Ok(this)
    }

    /// Starts a server that does not sync writes to the disk.
    ///
    /// # Errors
    ///
    /// Fails in the same cases as [`start`](Self::start).
    pub fn start_without_sync() -> Result<Self, EngineError> {
        Self::start_with(&[P::WITHOUT_SYNC])
    }

    /// Starts a server that accepts TLS connections, and returns the path of the certificate file to trust.
    ///
    /// # Errors
    ///
    /// Fails in the same cases as [`start`](Self::start). Also fails if OpenSSL is not installed.
    pub fn start_encrypted() -> Result<(Self, PathBuf), EngineError> {
        let mut this = Self::start()?;
        let Certificate { certificate, key } = Certificate::new(&this.installation.directory)?;
        this.settings.extend(P::encrypted(&certificate, &key));
        this.restart()?;
        Ok((this, certificate))
    }

    /// Returns the server's URL with the user and the password, such as `postgres://…`.
    #[must_use]
    pub fn url(&self) -> String {
        P::url(self.installation.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.installation.port
    }

    /// Returns the server's name and version, such as `PostgreSQL 15.18`.
    #[must_use]
    pub fn version(&self) -> String {
        format!("{} {}", P::NAME, self.version)
    }

    /// Stops the server cleanly, closing its connections.
    ///
    /// # Errors
    ///
    /// Fails if the server cannot be signaled.
    pub fn stop(&mut self) -> Result<(), EngineError> {
        self.server.take().map_or(Ok(()), |mut server| server.stop(P::STOP_SIGNAL))
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
        self.launch(Retry::OnTheSamePort)
    }

    fn launch(&mut self, retry: Retry) -> Result<(), EngineError> {
        let mut attempts = StartAttempts::new(retry);
        loop {
            let mut command = self.installation.command(P::EXECUTABLE);
            command.args(P::arguments(&self.installation, &self.settings));
            let is_ready = |log: &str| log.contains(P::READY_MESSAGE);
            match ServerProcess::start(&self.installation.directory, P::EXECUTABLE, &command, is_ready) {
                Ok(server) => {
                    self.server = Some(server);
                    return Ok(());
                }
                Err(error) => attempts.failed(error, &mut self.installation.port)?,
            }
        }
    }
}

impl Installation {
    /// Returns a command that runs one of the server's programs as the server's user.
    pub(crate) fn command(&self, program: &str) -> Command {
        self.directory.command(self.programs.join(program))
    }

    /// Returns the path of a file or directory in the server's directory.
    pub(crate) fn path(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }
}
