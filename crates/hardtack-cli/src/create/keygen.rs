use clap::Args;
use hardtack::generate_secret;
use serde_json::json;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, OutputArgs};

/// Generate a secret key
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  hardtack keygen > secret_key        write a key to a file, for `--key file:secret_key`
  hardtack keygen --env >> .env       append SECRET_KEY to an environment file")]
pub(crate) struct Keygen {
    /// Print the key as an environment variable, `SECRET_KEY=…`
    #[arg(long, conflicts_with = "json")]
    env: bool,
    #[command(flatten)]
    output_args: OutputArgs,
}

impl Keygen {
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let mut out = Output::new();
        let secret = generate_secret();
        if self.output_args.json {
            out.json(&json!({ "secret_key": secret, "bits": 256 }))?;
        } else if self.env {
            out.line(format_args!("SECRET_KEY={secret}"))?;
        } else {
            out.line(secret)?;
        }
        Ok(Exit::Done)
    }
}
