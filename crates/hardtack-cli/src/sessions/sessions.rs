use clap::{Args, Subcommand};

use super::list::List;
use super::purge::Purge;
use super::revoke::Revoke;
use super::show::Show;
use crate::exit::Exit;
use crate::failure::Failure;

/// List, show, revoke, and purge the sessions in a store
#[derive(Debug, Args)]
pub(crate) struct Sessions {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    List(List),
    Show(Show),
    Revoke(Revoke),
    Purge(Purge),
}

impl Sessions {
    pub(crate) async fn run(self) -> Result<Exit, Failure> {
        match self.verb {
            Verb::List(list) => list.run().await,
            Verb::Show(show) => show.run().await,
            Verb::Revoke(revoke) => revoke.run().await,
            Verb::Purge(purge) => purge.run().await,
        }
    }
}
