use std::iter;

use clap::{Args, Command};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

/// Print help for a command
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hardtack help
  hardtack help jar import")]
pub(crate) struct Help {
    /// The command, such as `jar import`. Default: hardtack itself
    #[arg(value_name = "COMMAND")]
    path: Vec<String>,
}

impl Help {
    pub(crate) fn run(self, tree: &Command) -> Result<Exit, Failure> {
        let mut command = tree;
        for word in &self.path {
            command = command.find_subcommand(word).ok_or_else(|| {
                let names: Vec<_> = command.get_subcommands().map(Command::get_name).collect();
                let known = match names[..] {
                    [] => format!("`{}` has no subcommands", command.get_name()),
                    _ => format!("use one of {}", names.join(", ")),
                };
                Failure::usage(format!("`{word}` is not a command: {known}"))
            })?;
        }
        // clap renders the text of `--help` only when it parses that option.
        let words = iter::once("hardtack").chain(self.path.iter().map(String::as_str)).chain(["--help"]);
        if let Err(help) = tree.clone().try_get_matches_from(words) {
            output::print_usage(&help);
        }
        Ok(Exit::Done)
    }
}
