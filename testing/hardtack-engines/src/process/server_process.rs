use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use crate::EngineError;
use crate::process::directory::EngineDirectory;

/// The timeout for every wait. It only affects a run that hangs, because a successful wait ends when its condition
/// holds.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// The password of every server.
pub(crate) const PASSWORD: &str = "hardtack";

/// The number of times that a server is started before giving up.
const MAX_START_ATTEMPTS: u32 = 50;

/// A running server.
#[derive(Debug)]
pub(crate) struct ServerProcess {
    child: Child,
    log: PathBuf,
}

impl ServerProcess {
    /// Starts a command from [`EngineDirectory::command`], and waits until `is_ready` returns `true` for the server's
    /// log since the start. `name` distinguishes the servers in one directory.
    pub(crate) fn start(
        directory: &EngineDirectory,
        name: &str,
        command: &Command,
        is_ready: impl Fn(&str) -> bool,
    ) -> Result<Self, EngineError> {
        let failed = |error: std::io::Error| EngineError::new(format!("starting {name}"), error);
        let log = directory.path().join(format!("{name}.log"));
        let output = File::create(&log).map_err(failed)?;
        // The process id is written before the server runs, so that the keeper can kill every server.
        let mut wrapped = Command::new("sh");
        wrapped
            .arg("-c")
            .arg(r#"echo $$ >"$0" && exec "$@""#)
            .arg(directory.path().join(format!("{name}.pid")));
        wrapped.arg(command.get_program()).args(command.get_args());
        wrapped.current_dir(directory.path()).process_group(0).stdin(std::process::Stdio::null());
        let child =
            wrapped.stdout(output.try_clone().map_err(failed)?).stderr(output).spawn().map_err(failed)?;
        let mut server = Self { child, log };
        let give_up = Instant::now() + PATIENCE;
        while !is_ready(&server.logged()) {
            let ended = server.child.try_wait().map_err(failed)?;
            if ended.is_some() || Instant::now() > give_up {
                let logged = server.logged();
                server.kill()?;
                return Err(EngineError::new(format!("starting {name}"), logged.trim()));
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(server)
    }

    /// Kills the server immediately, as a power failure would. Also kills its child processes, which could otherwise
    /// briefly outlive the server and continue to respond.
    pub(crate) fn kill(&mut self) -> Result<(), EngineError> {
        let failed = |error| EngineError::new("killing a server", error);
        let pid = self.child.id();
        // If the server has already exited, there is nothing to read.
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        self.child.kill().map_err(failed)?;
        self.child.wait().map_err(failed)?;
        let mut kill = Command::new("sh");
        kill.args(["-c", r#"kill -s KILL "$@" 2>/dev/null"#, "kill"]).args(children.split_whitespace());
        if !children.is_empty() {
            // The exit status is ignored, because some child processes may already have exited.
            kill.status().map_err(failed)?;
        }
        Ok(())
    }

    /// Sends the server a signal to stop, and waits until it has exited. If this takes too long, kills the server.
    pub(crate) fn stop(&mut self, signal: &str) -> Result<(), EngineError> {
        let failed = |error| EngineError::new("stopping a server", error);
        let mut kill = Command::new("sh");
        kill.arg("-c").arg(r#"kill -s "$0" "$1""#).arg(signal).arg(self.child.id().to_string());
        kill.status().map_err(failed)?;
        let give_up = Instant::now() + PATIENCE;
        while self.child.try_wait().map_err(failed)?.is_none() {
            if Instant::now() > give_up {
                return self.kill();
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// Returns the server's log since it was started.
    pub(crate) fn logged(&self) -> String {
        fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        drop(self.kill());
    }
}

/// The way to retry when a server does not start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    /// Another port is tried, because another program may have taken this one.
    OnAnotherPort,
    /// The same port is tried again, because a killed server may not have released its files yet.
    OnTheSamePort,
}

/// The attempts to start one server.
#[derive(Debug)]
pub(crate) struct StartAttempts {
    retry: Retry,
    left: u32,
}

impl StartAttempts {
    pub(crate) fn new(retry: Retry) -> Self {
        Self { retry, left: MAX_START_ATTEMPTS }
    }

    /// Prepares the next attempt, which may be on another port.
    ///
    /// # Errors
    ///
    /// Fails with the error of the last attempt.
    pub(crate) fn failed(&mut self, error: EngineError, port: &mut u16) -> Result<(), EngineError> {
        self.left -= 1;
        if self.left == 0 {
            return Err(error);
        }
        match self.retry {
            Retry::OnAnotherPort => *port = free_port()?,
            Retry::OnTheSamePort => thread::sleep(Duration::from_millis(100)),
        }
        Ok(())
    }
}

/// Returns a port on this machine that is currently unused.
///
/// Another program may take the port before the engine does, so callers must be prepared to retry with another port.
pub(crate) fn free_port() -> Result<u16, EngineError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| EngineError::new("looking for a free port", error))
}
