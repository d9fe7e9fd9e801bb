use clap::Args;
use hardtack::crypto::{Sealer, Times};
use hardtack::generate_secret;
use hardtack::protocol::Purpose;
use hardtack_core::base64;

use super::session_args::SessionArgs;
use crate::arguments::{KeyArgs, Span};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::OutputArgs;

/// Create an encrypted session cookie from JSON
///
/// The cookie can be read and created only with the key, and is valid for one purpose only. By default, the key is the
/// value of SECRET_KEY; --key sets another source.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  echo '{\"user\": \"jane\"}' | hardtack seal
  hardtack seal session.json --key file:secret_key --name __Secure-session --max-age 12h")]
pub(crate) struct Seal {
    #[command(flatten)]
    session: SessionArgs,
    #[command(flatten)]
    keys: KeyArgs,
    /// The name of the cookie
    #[arg(long, default_value = "__Host-session")]
    name: String,
    /// The purpose that the session is bound to. Change it only for sessions other than an application's main one
    #[arg(long, value_name = "NAME", default_value_t)]
    purpose: Purpose,
    /// How long the session is valid, unless it is written again
    #[arg(long, value_name = "SPAN", default_value = "24h")]
    max_age: Span,
    /// How long the session is valid in total, even if it is written again
    #[arg(long, value_name = "SPAN", default_value = "30d")]
    absolute: Span,
    #[command(flatten)]
    output_args: OutputArgs,
}

impl Seal {
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let text = self.session.text(&self.keys)?;
        let sealer = Sealer::new(&self.keys.read()?.current(), &self.purpose);
        let issued_at = self.session.now().seconds();
        let deadline = issued_at.saturating_add(self.absolute.0.as_secs());
        let expires_at = issued_at.saturating_add(self.max_age.0.as_secs()).min(deadline);
        let value =
            sealer.seal(&text, Times::new(issued_at).expires_at(expires_at).deadline(deadline), nonce());
        let times = [("issued_at", issued_at), ("expires_at", expires_at), ("deadline", deadline)];
        self.session.print(&self.name, &value, self.output_args, &times)
    }
}

/// Returns 192 random bits: the first 24 bytes of a newly generated secret.
fn nonce() -> [u8; 24] {
    let secret = base64::decode_id(generate_secret().as_bytes()).expect("a secret has the format of an id");
    let [nonce @ .., _, _, _, _, _, _, _, _] = secret;
    nonce
}
