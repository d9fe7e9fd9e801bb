use std::fs;

use clap::{Args, Command};

use crate::arguments::Destination;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Write the manual pages
///
/// Prints the main page to standard output, or writes a page for each command to a folder.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hardtack man | man -l -
  hardtack man --output ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// The folder for the pages (created if it does not exist), or `-` for standard output
    #[arg(long, value_name = "FOLDER", default_value = "-")]
    output: Destination,
}

impl Man {
    pub(crate) fn run(self, tree: Command) -> Result<Exit, Failure> {
        match &self.output {
            Destination::Stdout => Output::new().bytes(&page(tree)?)?,
            Destination::File(folder) => {
                let unwritable = |error| Failure::writing(&folder.display().to_string(), &error);
                fs::create_dir_all(folder).map_err(unwritable)?;
                clap_mangen::generate_to(tree, folder).map_err(unwritable)?;
            }
        }
        Ok(Exit::Done)
    }
}

fn page(command: Command) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command).render(&mut text)?;
    Ok(text)
}
