use clap::{Args, Subcommand};

use super::commands::{Export, Header, Import, Remove, Show};
use crate::exit::Exit;
use crate::failure::Failure;

/// Show, convert, merge, and use cookie files
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
    Header(Header),
    Remove(Remove),
}

impl JarCommand {
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        match self.verb {
            Verb::Show(show) => show.run(),
            Verb::Import(import) => import.run(),
            Verb::Export(export) => export.run(),
            Verb::Header(header) => header.run(),
            Verb::Remove(remove) => remove.run(),
        }
    }
}
