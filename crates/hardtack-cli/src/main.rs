//! `hardtack`: takes cookies apart, makes them, keeps house in session stores and jars, and audits sites.

use std::process::ExitCode;

fn main() -> ExitCode {
    hardtack_cli::run(std::env::args_os()).into()
}
