use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::EngineError;

/// A directory for one engine, with a keeper: a shell process that briefly outlives this process.
///
/// The keeper reads from a pipe whose other end only this process holds. The pipe closes when this value is dropped or
/// the process exits for any reason. The keeper then kills every server that has written its process id to the
/// directory, and removes the directory. (A parent-death signal is not enough: the kernel sends it when the *thread*
/// that started the server exits, which is too early in a test.)
#[derive(Debug)]
pub(crate) struct EngineDirectory {
    path: PathBuf,
    /// The user that runs the servers, or `None` for the current user. Some servers refuse to run as root.
    user: Option<String>,
    keeper: Child,
}

/// The keeper's shell script. The script kills only processes with the directory's name in their arguments. Otherwise,
/// it could kill another process that has reused the process id of a server.
const KEEPER_SCRIPT: &str = r#"
cat >/dev/null
for file in "$1"/*.pid; do
  pid=$(cat "$file" 2>/dev/null) || continue
  while tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$1"; do kill -9 "$pid"; sleep 0.01; done
done
until rm -rf "$1" 2>/dev/null; do sleep 0.05; done
"#;

impl EngineDirectory {
    /// Creates the directory. If the tests run as root, the directory and its servers belong to `user`.
    pub(crate) fn new(user: &str) -> Result<Self, EngineError> {
        let failed = |error: std::io::Error| EngineError::new("creating a folder for an engine", error);
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

    /// Runs a command to completion, and returns its standard output.
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
        // If the keeper was killed, the directory remains, but nothing else does.
        drop(self.keeper.wait());
    }
}
