//! Runs the `hardtack` program.

use std::ffi::OsStr;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value as Json;

/// The exit status and the output of a command.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Returns a command that starts the program, without the environment variables that affect it.
pub(crate) fn hardtack() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hardtack"));
    with_own_environment(&mut command);
    command
}

/// Removes the environment variables that affect the program.
pub(crate) fn with_own_environment(command: &mut Command) {
    for name in
        ["SECRET_KEY", "SECRET_KEY_FALLBACKS", "HARDTACK_STORE", "BROWSER_KEY", "NO_COLOR", "CLICOLOR_FORCE"]
    {
        command.env_remove(name);
    }
}

/// Runs the program with arguments and an empty standard input.
pub(crate) fn run<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Outcome {
    finish(hardtack().args(arguments), b"")
}

/// Runs a command to completion, with the given standard input.
pub(crate) fn finish(command: &mut Command, stdin: &[u8]) -> Outcome {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    // Writing fails if the program exits before it has read all input, which is fine.
    let _ = child.stdin.take().expect("it is piped").write_all(stdin);
    let output = child.wait_with_output().expect("it ends");
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
