use clap::Args;
use hardtack::crypto::{Sealer, Times};
use hardtack::generate_secret;
use hardtack::protocol::Purpose;
use hardtack_core::base64;

use crate::content::Content;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Form;
use crate::secret::KeyArgs;
use crate::span::Span;

/// Make an encrypted session of JSON
///
/// Nobody reads or writes it without the key, and it is good for one purpose only. The key is SECRET_KEY, unless
/// --key says where another is.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  echo '{\"user\": \"jane\"}' | hardtack seal
  hardtack seal session.json --key file:secret_key --name __Secure-session --max-age 12h")]
pub(crate) struct Seal {
    #[command(flatten)]
    content: Content,
    #[command(flatten)]
    keys: KeyArgs,
    /// The cookie's name
    #[arg(long, default_value = "__Host-session")]
    name: String,
    /// What the session is for, to which it is bound: the name of one that is not an application's main session
    #[arg(long, value_name = "NAME", default_value_t)]
    purpose: Purpose,
    /// How long it lives, unless it is written again
    #[arg(long, value_name = "SPAN", default_value = "24h")]
    max_age: Span,
    /// How long it lives in all
    #[arg(long, value_name = "SPAN", default_value = "30d")]
    absolute: Span,
    #[command(flatten)]
    form: Form,
}

impl Seal {
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let text = self.content.text(&self.keys)?;
        let sealer = Sealer::new(&self.keys.read()?.current(), &self.purpose);
        let issued_at = self.content.now().seconds();
        let deadline = issued_at.saturating_add(self.absolute.0.as_secs());
        let expires_at = issued_at.saturating_add(self.max_age.0.as_secs()).min(deadline);
        let value = sealer.seal(&text, Times { issued_at, expires_at, deadline }, nonce());
        let times = [("issued_at", issued_at), ("expires_at", expires_at), ("deadline", deadline)];
        self.content.print(&self.name, &value, self.form, &times)
    }
}

/// Returns 192 random bits, from a fresh secret.
fn nonce() -> [u8; 24] {
    let secret = base64::decode_id(generate_secret().as_bytes()).expect("a secret is written as an id is");
    let [nonce @ .., _, _, _, _, _, _, _, _] = secret;
    nonce
}
