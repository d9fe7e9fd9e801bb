use std::io::{BufRead, BufReader, Write, stdin};
use std::process::{Command, Stdio};

use crate::EngineError;

/// The word that a process prints when it stands at the barrier.
const READY: &str = "at the barrier";

/// Where a process finds the argument that it was started with.
const ARGUMENT: &str = "HARDTACK_BARRIER";

/// Starts this test program so many times more, each to run the one test of this name, lets all of them pass their
/// [`barrier`] at the same moment, and waits for them to end.
///
/// # Errors
///
/// One of them could not be started or did not pass its test; the error holds what it said.
pub fn released_at_once(test: &str, processes: usize, argument: &str) -> Result<(), EngineError> {
    let failed = |error: std::io::Error| EngineError::new("starting processes at a barrier", error);
    let program = std::env::current_exe().map_err(failed)?;
    let mut waiting = Vec::new();
    for _ in 0..processes {
        let mut command = Command::new(&program);
        command.args(["--exact", test, "--include-ignored", "--nocapture"]).env(ARGUMENT, argument);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        waiting.push(command.spawn().map_err(failed)?);
    }
    let mut outputs = Vec::new();
    for process in &mut waiting {
        let mut output = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut line = String::new();
        while !line.contains(READY) {
            line.clear();
            if output.read_line(&mut line).map_err(failed)? == 0 {
                break;
            }
        }
        outputs.push(output);
    }
    for process in &mut waiting {
        // One that has ended already is found below.
        drop(process.stdin.take().map(|mut input| input.write_all(b"\n")));
    }
    for (process, output) in waiting.into_iter().zip(outputs) {
        let said: Vec<String> = output.lines().collect::<Result<_, _>>().map_err(failed)?;
        let ended = process.wait_with_output().map_err(failed)?;
        if !ended.status.success() {
            let complained = String::from_utf8_lossy(&ended.stderr).into_owned();
            let said = said.join("\n");
            return Err(EngineError::new("a process at a barrier", format!("{complained}\n{said}")));
        }
    }
    Ok(())
}

/// In a process that [`released_at_once`] has started: waits until all stand here, and gives the argument. `None` in any
/// other process.
pub fn barrier() -> Option<String> {
    let argument = std::env::var(ARGUMENT).ok()?;
    println!("\n{READY}");
    // The end of the input releases as well.
    drop(stdin().read_line(&mut String::new()));
    Some(argument)
}
