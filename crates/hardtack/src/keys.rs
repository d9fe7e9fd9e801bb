use std::env;

use hardtack_core::crypto::{Key, KeyRing};
use hardtack_core::{Error, ErrorKind, base64, value};

use crate::random::random;

/// The keys that the environment names: `SECRET_KEY`, and `SECRET_KEY_FALLBACKS` if it is there.
///
/// `SECRET_KEY` is text, taken exactly as Flask takes it. `SECRET_KEY_FALLBACKS` is a JSON array of such texts, in the
/// order of Flask's setting of that name: what was signed with one of them is still read.
///
/// ```no_run
/// use hardtack::{SessionLayer, keys_from_env};
///
/// let sessions = SessionLayer::signed(keys_from_env()?);
/// # Ok::<(), hardtack::Error>(())
/// ```
///
/// # Errors
///
/// If `SECRET_KEY` is missing, empty, or shorter than 16 bytes; the error holds the line that makes one. If
/// `SECRET_KEY_FALLBACKS` is something else than a JSON array of texts.
///
/// # Security
///
/// Keep the secret out of the source: who has it can write any session.
pub fn keys_from_env() -> Result<KeyRing, Error> {
    let current = match env::var("SECRET_KEY") {
        Ok(secret) => Key::new(secret)?,
        Err(env::VarError::NotPresent) => Key::new("")?,
        Err(error @ env::VarError::NotUnicode(_)) => {
            return Err(Error::new(ErrorKind::Key, "SECRET_KEY is not UTF-8 text").with_source(error));
        }
    };
    let Ok(fallbacks) = env::var("SECRET_KEY_FALLBACKS") else { return Ok(KeyRing::new(current)) };
    let fallbacks: Vec<String> = value::from_text(&fallbacks).map_err(|_| {
        Error::new(
            ErrorKind::Key,
            r#"SECRET_KEY_FALLBACKS is not a JSON array of texts, as in ["the old key"]"#,
        )
    })?;
    let fallbacks = fallbacks.into_iter().map(Key::new).collect::<Result<Vec<_>, _>>()?;
    Ok(KeyRing::with_fallbacks(current, fallbacks))
}

/// A fresh secret of 256 random bits from the operating system, as text for `SECRET_KEY`.
///
/// ```
/// let key = hardtack::Key::new(hardtack::generate_secret())?;
/// # Ok::<(), hardtack::Error>(())
/// ```
///
/// # Panics
///
/// If the operating system has no random numbers, as where a sandbox forbids them.
pub fn generate_secret() -> String {
    base64::encode_id(&random().expect("the operating system has random numbers"))
}
