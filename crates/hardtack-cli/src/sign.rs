use clap::{Args, ValueEnum};
use hardtack::Compression;
use hardtack::crypto::Signer;

use crate::content::Content;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Form;
use crate::secret::KeyArgs;
use crate::settings::SigningArgs;

/// Make a signed session of JSON: Flask's own cookie
///
/// Everybody can read it, and only who has the key can write it. The key is SECRET_KEY, unless --key says where
/// another is.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  echo '{\"user\": \"jane\"}' | hardtack sign
  hardtack sign session.json --key file:secret_key --permanent
  hardtack sign session.json --header --name session")]
pub(crate) struct Sign {
    #[command(flatten)]
    content: Content,
    #[command(flatten)]
    keys: KeyArgs,
    #[command(flatten)]
    settings: SigningArgs,
    /// When to compress it
    #[arg(long, value_enum, default_value_t)]
    compression: CompressionName,
    /// The cookie's name
    #[arg(long, default_value = "session")]
    name: String,
    #[command(flatten)]
    form: Form,
}

/// When a signed cookie is compressed, as named on the command line.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum CompressionName {
    /// Over 1,024 bytes, if that makes it shorter
    #[default]
    Pays,
    /// Whenever that makes it shorter
    Flask,
    /// Not at all
    Never,
}

impl Sign {
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let text = self.content.text(&self.keys)?;
        let signer = Signer::new(&self.keys.read()?.current(), &self.settings.signing());
        let now = self.content.now();
        let value = signer.sign(&text, now.seconds(), self.compression.into());
        self.content.print(&self.name, &value, self.form, &[("signed_at", now.seconds())])
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
