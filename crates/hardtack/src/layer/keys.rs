use std::env::{self, VarError};

use hardtack_core::crypto::{Key, KeyRing};
use hardtack_core::{Error, ErrorKind, base64, value};

use crate::config::random;

/// Reads the keys from the environment: `SECRET_KEY` and, if set, `SECRET_KEY_FALLBACKS`.
///
/// The value of `SECRET_KEY` is used exactly as Flask uses it. `SECRET_KEY_FALLBACKS` is a JSON array of older keys, in
/// the order of Flask's setting with the same name. Cookies that were made with one of these keys are still accepted.
///
/// White space is part of a key, as in Flask. A warning is logged for white space at the beginning or end of a key,
/// such as the line break at the end of a mounted file.
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
/// Returns an error that names the variable: if `SECRET_KEY` is missing or empty, if `SECRET_KEY_FALLBACKS` is not a
/// JSON array of strings, if a key is shorter than 16 bytes, or if a variable is not UTF-8. If a key is missing or too
/// short, the error contains a command that generates one.
///
/// # Security
///
/// Keep the secret out of the source code: anyone who has the secret can forge any session.
pub fn keys_from_env() -> Result<KeyRing, Error> {
    keys_from(|variable| env::var(variable))
}

const CURRENT: &str = "SECRET_KEY";
const FALLBACKS: &str = "SECRET_KEY_FALLBACKS";

/// Reads the keys through a function that returns the value of a variable. Tests can pass their own function, because a
/// program cannot safely change its own environment.
fn keys_from(variable: impl Fn(&str) -> Result<String, VarError>) -> Result<KeyRing, Error> {
    let current = key(CURRENT, text_of(CURRENT, &variable)?.unwrap_or_default())?;
    let Some(fallbacks) = text_of(FALLBACKS, &variable)? else { return Ok(KeyRing::new(current)) };
    let fallbacks: Vec<String> = value::from_text(&fallbacks).map_err(|_| {
        Error::new(
            ErrorKind::Key,
            r#"SECRET_KEY_FALLBACKS is not a JSON array of strings, such as ["the old key"]"#,
        )
    })?;
    let fallbacks =
        fallbacks.into_iter().map(|secret| key(FALLBACKS, secret)).collect::<Result<Vec<_>, _>>()?;
    Ok(KeyRing::with_fallbacks(current, fallbacks))
}

/// Returns the value of a variable, if it is set.
fn text_of(name: &str, variable: impl Fn(&str) -> Result<String, VarError>) -> Result<Option<String>, Error> {
    match variable(name) {
        Ok(text) => Ok(Some(text)),
        Err(VarError::NotPresent) => Ok(None),
        // The original error is not kept as the source, because it would reveal the secret.
        Err(VarError::NotUnicode(_)) => Err(Error::new(ErrorKind::Key, format!("{name} is not UTF-8 text"))),
    }
}

/// Creates a key. An error names the variable that contains the key.
fn key(name: &str, secret: String) -> Result<Key, Error> {
    // Flask uses the secret exactly as it is, so a trimmed secret would be a different key.
    if secret.trim() != secret {
        tracing::warn!(
            "{name} starts or ends with whitespace, which is part of the key: if the key was read from a file, \
             remove the line break, in every program that shares the key"
        );
    }
    Key::new(secret).map_err(|error| Error::new(ErrorKind::Key, format!("{name}: {error}")))
}

/// Generates a secret of 256 random bits from the operating system, as a value for `SECRET_KEY`.
///
/// ```
/// let key = hardtack::Key::new(hardtack::generate_secret())?;
/// # Ok::<(), hardtack::Error>(())
/// ```
///
/// # Panics
///
/// Panics if the operating system has no random numbers, for instance because a sandbox forbids them.
pub fn generate_secret() -> String {
    base64::encode_id(&random().expect("the operating system provides random numbers"))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    const SECRET: &str = "a secret of more than sixteen bytes";

    /// Reads the keys from `SECRET_KEY` and `SECRET_KEY_FALLBACKS`, and returns their lengths.
    fn read(current: Option<&str>, fallbacks: Result<&str, VarError>) -> Result<Vec<usize>, String> {
        let variable = |name: &str| match name {
            CURRENT => current.map(Into::into).ok_or(VarError::NotPresent),
            _ => fallbacks.clone().map(Into::into),
        };
        keys_from(variable).map(|keys| keys.lengths().collect()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_keys_of_the_environment_are_those_it_names() {
        assert_eq!(read(Some(SECRET), Err(VarError::NotPresent)), Ok(vec![35]));
        assert_eq!(read(Some(SECRET), Ok("[]")), Ok(vec![35]));
        let two = r#"["the older of the old keys", "the newer of the two"]"#;
        assert_eq!(read(Some(SECRET), Ok(two)), Ok(vec![35, 20, 25]));
    }

    #[test]
    fn white_space_is_part_of_a_key_as_in_flask() {
        assert_eq!(
            read(Some("a secret of more than sixteen bytes\n"), Err(VarError::NotPresent)),
            Ok(vec![36])
        );
    }

    #[test]
    fn an_error_names_the_variable_and_not_the_secret() {
        let not_text = || VarError::NotUnicode(OsString::from("\u{fffd}hidden"));
        let table = [
            (None, Err(VarError::NotPresent), "SECRET_KEY: "),
            (Some("hidden"), Err(VarError::NotPresent), "SECRET_KEY: "),
            (Some(SECRET), Ok(r#"["hidden"]"#), "SECRET_KEY_FALLBACKS: "),
            (Some(SECRET), Ok(r#"["a previous key of some length", ""]"#), "SECRET_KEY_FALLBACKS: "),
            (Some(SECRET), Ok("hidden"), "SECRET_KEY_FALLBACKS is not a JSON array"),
            (Some(SECRET), Ok(""), "SECRET_KEY_FALLBACKS is not a JSON array"),
            (Some(SECRET), Err(not_text()), "SECRET_KEY_FALLBACKS is not UTF-8"),
        ];
        for (current, fallbacks, sentence) in table {
            let error = read(current, fallbacks).unwrap_err();
            assert!(error.starts_with(sentence) && !error.contains("hidden"), "{error}");
        }
        let error = keys_from(|_| Err(not_text())).map(drop).unwrap_err();
        assert_eq!(error.to_string(), "SECRET_KEY is not UTF-8 text");
    }
}
