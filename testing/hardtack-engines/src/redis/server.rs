use crate::EngineError;
use crate::process::directory::EngineDirectory;
use crate::process::server_process::{PASSWORD, Retry};
use crate::redis::node::{RedisNode, version};

/// An empty Redis server.
///
/// Unless the settings say otherwise, the server syncs its append-only file every second, as a production server does.
/// Acknowledged writes then usually survive a kill. With `appendfsync always`, they always do.
#[derive(Debug)]
pub struct Redis {
    node: RedisNode,
    directory: EngineDirectory,
    version: String,
}

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
        format!("redis://:{PASSWORD}@127.0.0.1:{}", self.node.port())
    }

    /// Returns the port on which the server listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.node.port()
    }

    /// Returns the server's name and version, such as `Redis 7.0.15`.
    #[must_use]
    pub fn version(&self) -> String {
        format!("Redis {}", self.version)
    }

    /// Runs a command, as `redis-cli` does.
    ///
    /// # Errors
    ///
    /// Fails if the server does not answer.
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
        self.node.launch(&self.directory, Retry::OnTheSamePort)
    }
}
