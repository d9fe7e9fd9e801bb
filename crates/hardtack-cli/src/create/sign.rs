use clap::{Args, ValueEnum};
use hardtack::Compression;
use hardtack::crypto::Signer;

use super::session_args::SessionArgs;
use crate::arguments::{KeyArgs, SigningArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::OutputArgs;

/// Create a signed session cookie from JSON, as Flask does
///
/// Anyone can read the cookie, but it can be created only with the key. By default, the key is the value of SECRET_KEY;
/// --key sets another source.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  echo '{\"user\": \"jane\"}' | hardtack sign
  hardtack sign session.json --key file:secret_key --permanent
  hardtack sign session.json --header --name session")]
pub(crate) struct Sign {
    #[command(flatten)]
    session: SessionArgs,
    #[command(flatten)]
    keys: KeyArgs,
    #[command(flatten)]
    settings: SigningArgs,
    /// When to compress the session
    #[arg(long, value_enum, default_value_t)]
    compression: CompressionName,
    /// The name of the cookie
    #[arg(long, default_value = "session")]
    name: String,
    #[command(flatten)]
    output_args: OutputArgs,
}

/// When to compress a signed cookie, as named on the command line.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum CompressionName {
    /// If the session is over 1,024 bytes and compression makes the cookie shorter
    #[default]
    Pays,
    /// If compression makes the cookie shorter, as in Flask
    Flask,
    /// Never
    Never,
}

impl Sign {
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let text = self.session.text(&self.keys)?;
        let signer = Signer::new(&self.keys.read()?.current(), &self.settings.signing());
        let now = self.session.now();
        let value = signer.sign(&text, now.seconds(), self.compression.into());
        self.session.print(&self.name, &value, self.output_args, &[("signed_at", now.seconds())])
    }
}

impl From<CompressionName> for Compression {
    fn from(name: CompressionName) -> Self {
        match name {
            CompressionName::Pays => Self::default(),
            CompressionName::Flask => Self::AsFlask,
            CompressionName::Never => Self::Never,
        }
    }
}
