use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::{Error, ErrorKind};

/// What a session is for: `session` for an application's main one, and another short text for each other.
///
/// The purpose separates sessions that share a store or a key. It goes into the [`StoreKey`](crate::session::StoreKey), into the
/// [`Record`](crate::session::Record), into the seal of an encrypted session, and into the salt of a signed one. So a cookie that
/// was made for one purpose is unknown to every other, whatever the cookies are called.
///
/// ```
/// use hardtack_core::session::Purpose;
///
/// assert_eq!(Purpose::default().as_str(), "session");
/// assert_eq!(Purpose::new("admin")?.as_str(), "admin");
/// assert!(Purpose::new("").is_err());
/// # Ok::<(), hardtack_core::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Purpose(
    /// `None` is the main one, which is nearly every one: then a clone counts nothing.
    Option<Arc<Text>>,
);

/// One pointer wide as an `Arc`, which a `str` would not be: every record in memory has one.
#[derive(PartialEq, Eq, Hash)]
struct Text(Box<str>);

const MAIN: &str = "session";

impl Purpose {
    /// The length of the longest purpose, in bytes.
    pub const MAX_LEN: usize = 64;

    /// Makes a purpose of 1 to 64 characters of printable ASCII.
    ///
    /// # Errors
    ///
    /// If the text is empty, too long, or has other characters.
    pub fn new(text: impl AsRef<str>) -> Result<Self, Error> {
        let text = text.as_ref();
        if text == MAIN {
            return Ok(Self(None));
        }
        let is_printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if text.is_empty() || text.len() > Self::MAX_LEN || !is_printable {
            return Err(Error::new(
                ErrorKind::Config,
                "a session's purpose is 1 to 64 characters of printable ASCII, such as \"admin\"",
            ));
        }
        Ok(Self(Some(Arc::new(Text(text.into())))))
    }

    /// The text it was made from.
    #[inline]
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            None => MAIN,
            Some(text) => &text.0,
        }
    }

    /// Whether it is the default one.
    #[inline]
    #[must_use]
    pub fn is_main(&self) -> bool {
        self.0.is_none()
    }

    /// The text behind its length, so that nothing that follows can be read as a part of it.
    pub(crate) fn prefixed(&self) -> ([u8; 1 + Self::MAX_LEN], usize) {
        let mut bytes = [0; 1 + Self::MAX_LEN];
        let length = self.write_prefixed(&mut bytes);
        (bytes, length)
    }

    /// Writes the same at the beginning of a longer message, and returns how many bytes it is.
    pub(crate) fn write_prefixed(&self, message: &mut [u8]) -> usize {
        let text = self.as_str().as_bytes();
        message[0] = text.len() as u8;
        message[1..=text.len()].copy_from_slice(text);
        1 + text.len()
    }
}

impl FromStr for Purpose {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text)
    }
}

impl fmt::Debug for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Purpose").field(&self.as_str()).finish()
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purpose_is_short_printable_ascii() {
        let longest = "x".repeat(Purpose::MAX_LEN);
        for text in ["a", "admin", "my shop", "~", longest.as_str()] {
            assert_eq!(Purpose::new(text).unwrap().as_str(), text);
        }
        for text in ["", "a\n", "a\0", "käse", &"x".repeat(Purpose::MAX_LEN + 1)] {
            assert!(Purpose::new(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_main_purpose_is_the_same_however_it_was_made() {
        let named = Purpose::new("session").unwrap();
        assert!(named.is_main());
        assert_eq!(named, Purpose::default());
        assert_ne!(named, Purpose::new("Session").unwrap());
        assert_eq!(size_of::<Purpose>(), size_of::<usize>());
    }
}
