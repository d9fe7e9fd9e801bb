use std::io::{BufRead, BufReader, Write, stdin};
use std::process::{Command, Stdio};

use crate::sql::Result;

/// The line that a process prints when it reaches the barrier.
const READY: &str = "at the barrier";

/// The environment variable with the argument of a process.
const ARGUMENT: &str = "HARDTACK_BARRIER";

/// Starts several processes of the current test program, each of which runs only the given test. Releases all of them
/// from their [`barrier`] at the same time, and waits for them to exit.
///
/// # Errors
///
/// Fails if a process cannot be started or does not pass its test. The error contains the output of the process.
pub(crate) fn release_at_once(test: &str, processes: usize, argument: &str) -> Result {
    let program = std::env::current_exe()?;
    let mut waiting = Vec::new();
    for _ in 0..processes {
        let mut command = Command::new(&program);
        command.args(["--exact", test, "--include-ignored", "--nocapture"]).env(ARGUMENT, argument);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        waiting.push(command.spawn()?);
    }
    let mut outputs = Vec::new();
    for process in &mut waiting {
        let mut output = BufReader::new(process.stdout.take().expect("the stream is piped"));
        let mut line = String::new();
        while !line.contains(READY) {
            line.clear();
            if output.read_line(&mut line)? == 0 {
                break;
            }
        }
        outputs.push(output);
    }
    for process in &mut waiting {
        // Writing fails if the process has already exited, which is detected below.
        drop(process.stdin.take().map(|mut input| input.write_all(b"\n")));
    }
    for (process, output) in waiting.into_iter().zip(outputs) {
        let output: Vec<String> = output.lines().collect::<std::result::Result<_, _>>()?;
        let ended = process.wait_with_output()?;
        if !ended.status.success() {
            let errors = String::from_utf8_lossy(&ended.stderr).into_owned();
            let output = output.join("\n");
            return Err(format!("a process at a barrier failed: {errors}\n{output}").into());
        }
    }
    Ok(())
}

/// Waits until all processes started by [`release_at_once`] have reached this call, and returns the argument. Returns
/// `None` in any other process.
pub(crate) fn barrier() -> Option<String> {
    let argument = std::env::var(ARGUMENT).ok()?;
    println!("\n{READY}");
    // The end of the standard input releases the process too.
    drop(stdin().read_line(&mut String::new()));
    Some(argument)
}
