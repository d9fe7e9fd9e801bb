use std::ffi::OsString;
use std::future::Future;

use super::hardtack::{Hardtack, Verb};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

/// Executes a command line, whose first argument is the name of the program, and returns the exit status.
///
/// ```
/// use hardtack_cli::{Exit, run};
///
/// assert_eq!(run(["hardtack", "inspect"]), Exit::Usage);
/// ```
pub fn run(arguments: impl IntoIterator<Item: Into<OsString> + Clone>) -> Exit {
    let hardtack = match Hardtack::read(arguments) {
        Ok(hardtack) => hardtack,
        Err(error) => {
            // Help and the version go to standard output. Everything else goes to standard error.
            output::print_usage(&error);
            return if error.use_stderr() { Exit::Usage } else { Exit::Done };
        }
    };
    hardtack.color.apply();
    match hardtack.verb.run() {
        Ok(exit) => exit,
        Err(failure) => {
            if let Some(message) = failure.message() {
                output::note(message);
            }
            failure.exit()
        }
    }
}

impl Verb {
    fn run(self) -> Result<Exit, Failure> {
        match self {
            Self::Keygen(keygen) => keygen.run(),
            Self::Inspect(inspect) => inspect.run(),
            Self::Sign(sign) => sign.run(),
            Self::Seal(seal) => seal.run(),
            Self::Sessions(sessions) => wait(sessions.run()),
            Self::Jar(jar) => jar.run(),
            Self::Audit(audit) => wait(audit.run()),
            Self::Serve(serve) => wait(serve.run()),
            Self::Completions(completions) => completions.run(Hardtack::tree()),
            Self::Man(man) => man.run(Hardtack::tree()),
            Self::Help(help) => help.run(&Hardtack::tree()),
        }
    }
}

/// Runs a future to completion on a new async runtime.
fn wait(work: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| {
        Failure::new(Exit::Unreachable, format!("cannot start the async runtime: {error}"))
    })?;
    runtime.block_on(work)
}
