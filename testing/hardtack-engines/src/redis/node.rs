use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::EngineError;
use crate::process::directory::EngineDirectory;
use crate::process::server_process::{PASSWORD, PATIENCE, Retry, ServerProcess, StartAttempts, free_port};

/// One of the servers that share a directory.
#[derive(Debug)]
pub(crate) struct RedisNode {
    server: Option<ServerProcess>,
    name: String,
    port: u16,
    settings: Vec<String>,
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
        node.launch(directory, Retry::OnAnotherPort)?;
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

    pub(crate) fn launch(&mut self, directory: &EngineDirectory, retry: Retry) -> Result<(), EngineError> {
        let mut attempts = StartAttempts::new(retry);
        loop {
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
                Err(error) => attempts.failed(error, &mut self.port)?,
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
    Ok(version.unwrap_or("(unknown version)").to_owned())
}

/// Polls until a condition holds, for at most [`PATIENCE`].
pub(crate) fn wait_until(
    what: &str,
    mut is_so: impl FnMut() -> Result<bool, EngineError>,
) -> Result<(), EngineError> {
    let give_up = Instant::now() + PATIENCE;
    while !is_so()? {
        if Instant::now() > give_up {
            return Err(EngineError::new(format!("waiting until {what}"), "it timed out"));
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
