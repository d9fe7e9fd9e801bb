use clap::{Args, ValueEnum};
use hardtack_jar::ChromiumKey;

use crate::arguments::{Input, read_secret};
use crate::exit::Exit;
use crate::failure::Failure;

/// The key with which Chromium and browsers based on it encrypt the values in their databases.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct BrowserKey {
    /// The source of the key of a Chromium database: `env:NAME`, `file:PATH`, or `-` (standard input). On Linux and
    /// macOS, the key is the password "Chromium Safe Storage" in the keyring (`peanuts` on Linux without a keyring)
    // This is a `String`, not a type of our own, because clap's errors quote values that fail to parse, and such a
    // value may be a secret.
    #[arg(long, value_name = "SOURCE")]
    key: Option<String>,
    /// The operating system on which the Chromium database was written. Default: this one
    #[arg(long, value_name = "SYSTEM", value_enum, default_value_t, hide_default_value = true)]
    key_system: System,
}

/// An operating system. Chromium encrypts cookies differently on each system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum System {
    /// A password in the desktop's keyring
    #[cfg_attr(not(any(target_os = "macos", windows)), default)]
    Linux,
    /// A password in the keychain
    #[cfg_attr(target_os = "macos", default)]
    Macos,
    /// 32 bytes: the key in `Local State`, decrypted with DPAPI
    #[cfg_attr(windows, default)]
    Windows,
}

impl BrowserKey {
    /// Reads the key. Returns `None` if `--key` was not given, and an error if the key cannot be read or is invalid, or
    /// if both the key and one of the inputs come from standard input.
    pub(super) fn read(&self, inputs: &[Input]) -> Result<Option<ChromiumKey>, Failure> {
        let Some(source) = &self.key else { return Ok(None) };
        if source == "-" && inputs.contains(&Input::Stdin) {
            return Err(Failure::usage(
                "the cookies and the key cannot both come from standard input: put the key in a file",
            ));
        }
        let secret = read_secret(source)?;
        let unreadable = |why: &str| Failure::new(Exit::Unreadable, format!("the key from --key {why}"));
        let text = || str::from_utf8(&secret).map_err(|_| unreadable("is not UTF-8 text: check its source"));
        Ok(Some(match self.key_system {
            System::Linux => ChromiumKey::linux(text()?),
            System::Macos => ChromiumKey::mac(text()?),
            System::Windows => {
                let key = <[u8; 32]>::try_from(&secret[..]);
                ChromiumKey::windows(key.map_err(|_| {
                    unreadable(
                        "is not 32 bytes, the size of a Windows key: check its source, or add --key-system",
                    )
                })?)
            }
        }))
    }
}
