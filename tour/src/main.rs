//! `tour`: starts the tour of Hardtack.

use std::error::Error;
use std::io::IsTerminal;
use std::process::ExitCode;

use tour::{Options, USAGE};

#[tokio::main]
async fn main() -> ExitCode {
    let is_colored = std::io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .without_time()
        .with_target(false)
        .with_ansi(is_colored)
        .with_writer(std::io::stderr)
        .init();
    match start().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tour: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn start() -> Result<(), Box<dyn Error>> {
    match Options::parse(lexopt::Parser::from_env())? {
        Some(options) => tour::run(options).await,
        None => {
            print!("{USAGE}");
            Ok(())
        }
    }
}
