use clap::{Args, Subcommand};

use super::export::Export;
use super::import::Import;
use super::show::Show;
use crate::exit::Exit;
use crate::failure::Failure;

/// Carry cookies between the files of browsers and tools
#[derive(Debug, Args)]
pub(crate) struct JarCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Show(Show),
    Import(Import),
    Export(Export),
}

impl JarCommand {
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        match self.verb {
            Verb::Show(show) => show.run(),
            Verb::Import(import) => import.run(),
            Verb::Export(export) => export.run(),
        }
    }
}
