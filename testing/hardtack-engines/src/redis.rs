use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::EngineError;
use crate::directory::EngineDirectory;
use crate::free_port::free_port;
use crate::server_process::{PATIENCE, ServerProcess};

/// An empty Redis server.
///
/// By default, acknowledged writes survive a kill, as on a production server: Redis writes an append-only file, which
/// is synced every second.
#[derive(Debug)]
pub struct Redis {
    node: RedisNode,
    directory: EngineDirectory,
    version: String,
}

/// One of the servers that share a directory.
#[derive(Debug)]
pub(crate) struct RedisNode {
    server: Option<ServerProcess>,
    name: String,
    port: u16,
    settings: Vec<String>,
}

pub(crate) const PASSWORD: &str = "hardtack";

/// The maximum number of attempts to start a server. A new server is tried on another port. A restart is tried again
/// after a pause, because a killed server may not have released its files yet.
const MAX_START_ATTEMPTS: u32 = 50;

impl Redis {
    /// Starts a server.
    ///
    /// # Errors
    ///
    /// Fails if Redis is not installed or does not start. The error contains the server's log.
    pub fn start() -> Result<Self, EngineError> {
        Self::start_with(&[])
    }

    /// Starts a server with settings such as `"appendfsync always"`.
    ///
    /// # Errors
    ///
    /// Fails in the same cases as [`start`](Self::start).
    pub fn start_with(settings: &[&str]) -> Result<Self, EngineError> {
        let directory = EngineDirectory::new("redis")?;
        let version = version(&directory)?;
        let node = RedisNode::start(&directory, "redis", settings)?;
        Ok(Self { node, directory, version })
    }

    /// Returns the server's URL with the password: `redis://…`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://:{PASSWORD}@127.0.0.1:{}", self.node.port)
    }

    /// Returns the port on which the server listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.node.port
    }

    /// Returns the server's name and version, such as `Redis 7.0.15`.
    #[must_use]
    pub fn version(&self) -> String {
        format!("Redis {}", self.version)
    }

    /// Runs a command with `redis-cli`.
    ///
    /// # Errors
    ///
    /// Fails if the server does not respond.
    pub fn command(&self, words: &[&str]) -> Result<String, EngineError> {
        self.node.command(&self.directory, words)
    }

    /// Stops the server cleanly, closing its connections.
    ///
    /// # Errors
    ///
    /// Fails if the server cannot be signaled.
    pub fn stop(&mut self) -> Result<(), EngineError> {
        self.node.stop()
    }

    /// Kills the server immediately, as a power failure would.
    ///
    /// # Errors
    ///
    /// Fails if the server cannot be killed.
    pub fn kill(&mut self) -> Result<(), EngineError> {
        self.node.kill()
    }

    /// Restarts the server on the same port with the same data, stopping it first if it is running.
    ///
    /// # Errors
    ///
    /// Fails in the same cases as [`start`](Self::start).
    pub fn restart(&mut self) -> Result<(), EngineError> {
        self.stop()?;
        self.node.launch(&self.directory, false)
    }
}

impl RedisNode {
    /// Starts a server on its own port.
    pub(crate) fn start(
        directory: &EngineDirectory,
        name: &str,
        settings: &[&str],
    ) -> Result<Self, EngineError> {
        let settings = settings.iter().map(|&setting| setting.to_owned()).collect();
        let mut node = Self { server: None, name: name.to_owned(), port: free_port()?, settings };
        directory.run(directory.command("mkdir").arg("-p").arg(directory.path().join(name)))?;
        node.launch(directory, true)?;
        Ok(node)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn is_running(&self) -> bool {
        self.server.is_some()
    }

    pub(crate) fn command(&self, directory: &EngineDirectory, words: &[&str]) -> Result<String, EngineError> {
        let mut command = Command::new("redis-cli");
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-a", PASSWORD, "--no-auth-warning"]);
        directory.run(command.args(words))
    }

    pub(crate) fn stop(&mut self) -> Result<(), EngineError> {
        self.server.take().map_or(Ok(()), |mut server| server.stop("TERM"))
    }

    pub(crate) fn kill(&mut self) -> Result<(), EngineError> {
        self.server.take().map_or(Ok(()), |mut server| server.kill())
    }

    pub(crate) fn launch(
        &mut self,
        directory: &EngineDirectory,
        port_may_change: bool,
    ) -> Result<(), EngineError> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let mut command = directory.command("redis-server");
            command.args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--set-proc-title", "no"]);
            command.arg("--dir").arg(directory.path().join(&self.name));
            command.args(["--requirepass", PASSWORD, "--masterauth", PASSWORD]);
            command.args(["--save", "", "--appendonly", "yes", "--enable-debug-command", "local"]);
            for setting in &self.settings {
                let (name, value) = setting.split_once(' ').unwrap_or((setting, ""));
                command.arg(format!("--{name}")).args(value.split_whitespace());
            }
            let is_ready = |log: &str| log.contains("Ready to accept connections");
            match ServerProcess::start(directory, &self.name, &command, is_ready) {
                Ok(server) => {
                    self.server = Some(server);
                    return Ok(());
                }
                Err(error) if attempt == MAX_START_ATTEMPTS => return Err(error),
                Err(_) if port_may_change => self.port = free_port()?,
                Err(_) => thread::sleep(Duration::from_millis(100)),
            }
        }
    }
}

/// Returns the version of Redis, such as `7.0.15`.
pub(crate) fn version(directory: &EngineDirectory) -> Result<String, EngineError> {
    let output = directory
        .run(directory.command("redis-server").arg("--version"))
        .map_err(|error| EngineError::new("looking for Redis", error))?;
    let version = output.split_whitespace().find_map(|word| word.strip_prefix("v="));
    Ok(version.unwrap_or("of an unknown version").to_owned())
}

/// Polls until a condition holds, for at most [`PATIENCE`].
pub(crate) fn wait_until(
    what: &str,
    mut is_so: impl FnMut() -> Result<bool, EngineError>,
) -> Result<(), EngineError> {
    let give_up = Instant::now() + PATIENCE;
    while !is_so()? {
        if Instant::now() > give_up {
            return Err(EngineError::new(format!("waiting until {what}"), "it takes too long"));
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
