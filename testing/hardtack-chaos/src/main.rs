//! Tests sessions on several servers while faults are injected, and checks that no acknowledged write is lost and that
//! no ended session comes back.
//!
//! ```console
//! cargo run -p hardtack-chaos -- run --engine redis --fault kill-servers
//! cargo run -p hardtack-chaos -- check JOURNAL
//! ```
//!
//! `run` starts an engine, several processes of a small application, a load balancer without sticky sessions, and 64
//! clients. It injects a fault while the clients work, and records each request and its outcome in a journal. At the
//! end, it loads the sessions, and compares them with the acknowledged writes. `check` repeats this comparison for a
//! saved journal.
#![forbid(unsafe_code)]

mod balancer;
mod browser;
mod checker;
mod client;
mod engine;
mod fault;
mod journal;
mod options;
mod run;
mod serve;

use std::error::Error;
use std::process::ExitCode;

use crate::options::{Options, USAGE};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    match Options::parse(lexopt::Parser::from_env())? {
        Options::Help => print!("{USAGE}"),
        Options::Serve(options) => runtime.block_on(serve::serve(&options))?,
        Options::Run(options) => return Ok(runtime.block_on(run::run(&options))?.exit_code()),
        Options::Check(path) => return Ok(checker::check(&journal::read(&path)?).exit_code()),
    }
    Ok(ExitCode::SUCCESS)
}
