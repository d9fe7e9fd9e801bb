use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::EngineError;

/// A directory for one engine, with a keeper: a small shell that briefly outlives this process.
///
/// The keeper reads from a pipe that only this process holds. When the pipe closes, because the home was dropped or the
/// process ended in any way, the keeper kills every server that has written its process id to the directory, and
/// removes the directory. (A parent-death signal is not enough: it is sent when the *thread* that started the server
/// ends, which is too early in a test.)
#[derive(Debug)]
pub(crate) struct EngineDirectory {
    path: PathBuf,
    /// The user that runs the servers, if not the current one: some refuse to run as root.
    user: Option<String>,
    keeper: Child,
}

/// The keeper's shell program. It kills only processes with the directory's name in their arguments, so that a reused
/// process id is not mistaken for a server.
const KEEPER_SCRIPT: &str = r#"
cat >/dev/null
for file in "$1"/*.pid; do
  pid=$(cat "$file" 2>/dev/null) || continue
  while tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$1"; do kill -9 "$pid"; sleep 0.01; done
done
until rm -rf "$1" 2>/dev/null; do sleep 0.05; done
"#;

impl EngineDirectory {
    /// Creates the directory. If the tests run as root, it and its servers belong to `user`.
    pub(crate) fn new(user: &str) -> Result<Self, EngineError> {
        let failed = |error: std::io::Error| EngineError::new("making a folder for an engine", error);
        let folder = TempDir::with_prefix("hardtack-").map_err(failed)?;
        let is_root = fs::metadata(folder.path()).map_err(failed)?.uid() == 0;
        let mut keeper = Command::new("sh");
        keeper.arg("-c").arg(KEEPER_SCRIPT).arg("keeper").arg(folder.path());
        let keeper = keeper
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(failed)?;
        let directory = Self { path: folder.keep(), user: is_root.then(|| user.to_owned()), keeper };
        fs::set_permissions(&directory.path, fs::Permissions::from_mode(0o700)).map_err(failed)?;
        if is_root {
            directory.run(Command::new("chown").arg(format!("{user}:")).arg(&directory.path))?;
        }
        Ok(directory)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns a command that runs as the servers' user.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = match &self.user {
            None => Command::new(program),
            Some(user) => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid", user, "--regid", user, "--clear-groups", "--"]).arg(program);
                command
            }
        };
        command.current_dir(&self.path).stdin(Stdio::null());
        command
    }

    /// Runs a command to completion.
    pub(crate) fn run(&self, command: &mut Command) -> Result<String, EngineError> {
        let program = command.get_program().to_string_lossy().into_owned();
        let output =
            command.output().map_err(|error| EngineError::new(format!("running {program}"), error))?;
        if !output.status.success() {
            let output = String::from_utf8_lossy(&output.stderr);
            return Err(EngineError::new(format!("running {program}"), output.trim()));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

impl Drop for EngineDirectory {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // If the keeper was killed, only its directory remains.
        drop(self.keeper.wait());
    }
}
