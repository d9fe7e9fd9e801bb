//! Tests sessions on several servers with injected faults: is everything present that was acknowledged, and nothing
//! that was ended?
//!
//! ```console
//! cargo run -p hardtack-chaos -- run --engine redis --fault kill-servers
//! cargo run -p hardtack-chaos -- check JOURNAL
//! ```
//!
//! `run` starts an engine, several processes of a small application, a load balancer without stickiness, and 64
//! clients. It injects a fault while they work, and records what every client did and was answered. `check` compares
//! that with what is stored at the end; `run` does so as well.
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
