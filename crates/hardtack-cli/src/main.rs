//! The `hardtack` command: inspects and creates cookies, manages session stores and cookie jars, and audits sites.

use std::process::ExitCode;

fn main() -> ExitCode {
    hardtack_cli::run(std::env::args_os()).into()
}
