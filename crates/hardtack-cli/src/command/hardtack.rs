use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use super::completions::Completions;
use super::exit_statuses;
use super::help::Help;
use super::man::Man;
use crate::audit::Audit;
use crate::create::{Keygen, Seal, Sign};
use crate::exit::Exit;
use crate::inspect::Inspect;
use crate::jar::JarCommand;
use crate::output::Color;
use crate::serve::Serve;
use crate::sessions::Sessions;

/// Inspect and create cookies, manage session stores and cookie jars, and audit sites
#[derive(Debug, Parser)]
#[command(name = "hardtack", version, disable_help_subcommand = true)]
pub struct Hardtack {
    /// When to use colors
    #[arg(long, value_enum, value_name = "WHEN", global = true, default_value_t)]
    pub(crate) color: Color,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// The subcommand.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Keygen(Keygen),
    Inspect(Box<Inspect>),
    Sign(Sign),
    Seal(Seal),
    Sessions(Sessions),
    Jar(JarCommand),
    Audit(Audit),
    Serve(Serve),
    Completions(Completions),
    Man(Man),
    Help(Help),
}

impl Hardtack {
    /// Returns the definition of the command line: all commands and options. The help of each command includes its exit
    /// statuses.
    pub fn tree() -> clap::Command {
        exit_statuses::describe(Self::command()).after_help(Exit::table())
    }

    /// Parses a command line.
    ///
    /// # Errors
    ///
    /// Returns an error if the command line is invalid, or if it asks for help or for the version.
    pub fn read(
        arguments: impl IntoIterator<Item: Into<std::ffi::OsString> + Clone>,
    ) -> Result<Self, clap::Error> {
        let mut matches = Self::tree().try_get_matches_from(arguments)?;
        Self::from_arg_matches_mut(&mut matches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Hardtack::tree().debug_assert();
    }

    #[test]
    fn every_command_shows_examples() {
        fn check(command: &clap::Command) {
            let subcommands: Vec<_> = command.get_subcommands().collect();
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(!subcommands.is_empty() || help.contains("Examples:\n"), "{}", command.get_name());
            subcommands.into_iter().for_each(check);
        }
        check(&Hardtack::tree());
    }
}
