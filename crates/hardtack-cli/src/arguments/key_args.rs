use std::env;
use std::fs;
use std::path::PathBuf;

use clap::Args;
use hardtack::value::from_text;
use hardtack::{Key, KeyRing};
use zeroize::Zeroizing;

use super::input::read_stdin;
use crate::exit::Exit;
use crate::failure::Failure;

/// The sources of the secret keys.
#[derive(Debug, Clone, Args)]
pub(crate) struct KeyArgs {
    /// The source of a secret key: `env` (SECRET_KEY and SECRET_KEY_FALLBACKS), `env:NAME`, `file:PATH`, or `-`
    /// (standard input). Can be repeated: the first key is the current one, and the others are older
    // This is a `String`, not a type of our own, because clap's errors quote values that fail to parse, and such a
    // value may be a secret.
    #[arg(long = "key", value_name = "SOURCE")]
    pub(crate) keys: Vec<String>,
    /// Accept keys under 16 bytes, for applications that use such a key
    #[arg(long)]
    pub(crate) insecure_short_key: bool,
}

/// Secret keys in the order in which they are tried, starting with the current key.
pub(crate) struct Secrets(Vec<Secret>);

/// A secret key and its source.
pub(crate) struct Secret {
    pub(crate) source: String,
    key: Key,
}

/// The source of a key, as given on the command line.
#[derive(Debug, PartialEq, Eq)]
enum KeySource {
    Environment,
    Variable(String),
    File(PathBuf),
    Stdin,
}

const CURRENT: &str = "SECRET_KEY";
const FALLBACKS: &str = "SECRET_KEY_FALLBACKS";

impl KeyArgs {
    /// Returns whether no key was given.
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Returns whether a key is read from standard input.
    pub(crate) fn use_stdin(&self) -> bool {
        self.keys.iter().any(|key| key == "-")
    }

    /// Reads the keys given with `--key`, or the keys in the environment if none were given.
    pub(crate) fn read(&self) -> Result<Secrets, Failure> {
        let mut secrets = Vec::new();
        let sources = self.keys.iter().map(|text| KeySource::parse(text)).collect::<Result<Vec<_>, _>>()?;
        if sources.iter().filter(|source| **source == KeySource::Stdin).count() > 1 {
            return Err(Failure::usage("only one key can come from standard input: put the others in files"));
        }
        for source in if sources.is_empty() { vec![KeySource::Environment] } else { sources } {
            match source {
                KeySource::Environment => self.read_environment(&mut secrets)?,
                source => {
                    let (shown, secret) = source.read()?;
                    secrets.push(self.take(&shown, &secret)?);
                }
            }
        }
        Ok(Secrets(secrets))
    }

    /// Reads the keys from the environment variables `SECRET_KEY` and `SECRET_KEY_FALLBACKS`, which are named after
    /// Flask's settings.
    fn read_environment(&self, secrets: &mut Vec<Secret>) -> Result<(), Failure> {
        secrets.push(self.take(CURRENT, variable(CURRENT)?.as_bytes())?);
        if env::var_os(FALLBACKS).is_none() {
            return Ok(());
        }
        let fallbacks: Vec<String> = from_text(&variable(FALLBACKS)?).map_err(|_| {
            let message =
                format!(r#"{FALLBACKS} is not a JSON array of strings: write it as ["the old key"]"#);
            Failure::new(Exit::Unreadable, message)
        })?;
        // Flask tries the last fallback first.
        for (index, secret) in fallbacks.iter().enumerate().rev() {
            secrets.push(self.take(&format!("{FALLBACKS}[{index}]"), secret.as_bytes())?);
        }
        Ok(())
    }

    fn take(&self, source: &str, secret: &[u8]) -> Result<Secret, Failure> {
        let source = source.to_owned();
        if secret.is_empty() {
            let message = format!("the key from {source} is empty: generate one with `hardtack keygen`");
            return Err(Failure::new(Exit::Unreadable, message));
        }
        if secret.len() < Key::MIN_LEN && !self.insecure_short_key {
            return Err(Failure::new(
                Exit::Unreadable,
                format!(
                    "the key from {source} is shorter than {} bytes, so it can be guessed: generate one with `hardtack keygen`, or add --insecure-short-key",
                    Key::MIN_LEN
                ),
            ));
        }
        let key = Key::insecure_short(secret).map_err(|error| Failure::caused(Exit::Unreadable, &error))?;
        Ok(Secret { source, key })
    }
}

impl Secrets {
    /// Iterates over the keys and their indexes. The current key has index 0.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &Secret)> {
        self.0.iter().enumerate()
    }

    /// Returns a ring with the current key only, for creating cookies.
    pub(crate) fn current(&self) -> KeyRing {
        self.0.first().expect("at least one key is read").ring()
    }
}

impl Secret {
    /// Returns a ring with only this key.
    pub(crate) fn ring(&self) -> KeyRing {
        KeyRing::new(self.key.clone())
    }
}

/// Reads a secret other than an application's session key from `env:NAME`, `file:PATH`, or `-`.
pub(crate) fn read_secret(text: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    match KeySource::parse(text)? {
        KeySource::Environment => Err(Failure::usage("--key env does not name a variable: use `env:NAME`")),
        source => Ok(source.read()?.1),
    }
}

impl KeySource {
    /// Reads the secret. Returns the name of its source, for messages, and the secret.
    fn read(&self) -> Result<(String, Zeroizing<Vec<u8>>), Failure> {
        let (shown, secret) = match self {
            Self::Environment => (CURRENT.to_owned(), variable(CURRENT)?.as_bytes().to_vec()),
            Self::Variable(name) => {
                return Ok((name.clone(), Zeroizing::new(variable(name)?.as_bytes().to_vec())));
            }
            Self::File(path) => {
                let shown = path.display().to_string();
                let text = fs::read(path).map_err(|error| Failure::reading(&shown, &error))?;
                (shown, text)
            }
            Self::Stdin => ("standard input".to_owned(), read_stdin()?),
        };
        let secret = Zeroizing::new(secret);
        Ok((shown, Zeroizing::new(without_line_end(&secret).to_vec())))
    }

    fn parse(text: &str) -> Result<Self, Failure> {
        match text.split_once(':') {
            None if text == "env" => Ok(Self::Environment),
            None if text == "-" => Ok(Self::Stdin),
            Some(("env", name)) if !name.is_empty() => Ok(Self::Variable(name.to_owned())),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            _ => Err(Failure::usage(
                "--key takes the source of a secret, not the secret itself, because every user of this machine can read arguments: use `env`, `env:NAME`, `file:PATH`, or `-`",
            )),
        }
    }
}

fn variable(name: &str) -> Result<Zeroizing<String>, Failure> {
    match env::var(name) {
        Ok(value) => Ok(Zeroizing::new(value)),
        Err(env::VarError::NotPresent) => Err(Failure::new(
            Exit::NotFound,
            format!("{name} is not set: set it to the secret key, or use --key file:PATH"),
        )),
        Err(env::VarError::NotUnicode(_)) => {
            Err(Failure::new(Exit::Unreadable, format!("{name} is not UTF-8 text: put the key in a file")))
        }
    }
}

/// Removes one line ending from the end of the text: editors add it, and it is not part of the secret.
fn without_line_end(text: &[u8]) -> &[u8] {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    text.strip_suffix(b"\r").unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_differ_from_secrets() {
        assert_eq!(KeySource::parse("env").unwrap(), KeySource::Environment);
        assert_eq!(KeySource::parse("env:OLD").unwrap(), KeySource::Variable("OLD".to_owned()));
        assert_eq!(KeySource::parse("file:a:b").unwrap(), KeySource::File("a:b".into()));
        assert_eq!(KeySource::parse("-").unwrap(), KeySource::Stdin);
        for text in ["", "hunter2", "env:", "file:", "key:hunter2"] {
            let failure = KeySource::parse(text).unwrap_err();
            assert_eq!(failure.exit(), Exit::Usage);
            assert!(!failure.to_string().contains("hunter2"));
        }
    }

    #[test]
    fn one_line_end_is_no_part_of_a_secret() {
        for (text, secret) in [("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), ("a", "a"), ("\n", "")] {
            assert_eq!(without_line_end(text.as_bytes()), secret.as_bytes());
        }
    }
}
