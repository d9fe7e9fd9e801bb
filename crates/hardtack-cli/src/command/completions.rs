use clap::{Args, Command};
use clap_complete::{Shell, generate};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Print shell completions
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hardtack completions bash > ~/.local/share/bash-completion/completions/hardtack
  hardtack completions fish > ~/.config/fish/completions/hardtack.fish
  hardtack completions zsh > ~/.zfunc/_hardtack")]
pub(crate) struct Completions {
    /// The shell to print completions for
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self, mut tree: Command) -> Result<Exit, Failure> {
        let mut text = Vec::new();
        generate(self.shell, &mut tree, "hardtack", &mut text);
        Output::new().bytes(&text)?;
        Ok(Exit::Done)
    }
}
