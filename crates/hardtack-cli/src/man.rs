use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Command};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Write the manual
///
/// To standard output the page of the whole command; into a folder a page for each subcommand, too.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hardtack man | man -l -
  hardtack man --into ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// The folder for the pages, which is made if it is not there
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,
}

impl Man {
    pub(crate) fn run(self, tree: Command) -> Result<Exit, Failure> {
        match &self.into {
            None => Output::new().bytes(&page(tree)?)?,
            Some(folder) => {
                fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
                clap_mangen::generate_to(tree, folder).map_err(|error| unwritable(folder, &error))?;
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

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Exit::Unwritable, format!("{} cannot be written: {error}", path.display()))
}
