use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::{Error, ErrorKind};

/// A short string that separates kinds of sessions: `session` for an application's main session, and a different string
/// for each additional kind.
///
/// The purpose separates sessions that share a store or a key. It is part of the
/// [`StoreKey`](crate::protocol::StoreKey), of the [`Record`](crate::protocol::Record), of the associated data of an
/// encrypted session, and of the salt of a signed session. A cookie that was made for one purpose is therefore rejected
/// for every other purpose, regardless of the cookies' names.
///
/// ```
/// use hardtack_core::protocol::Purpose;
///
/// assert_eq!(Purpose::default().as_str(), "session");
/// assert_eq!(Purpose::new("admin")?.as_str(), "admin");
/// assert!(Purpose::new("").is_err());
/// # Ok::<(), hardtack_core::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Purpose(
    /// `None` is the main purpose, which is by far the most common one. Cloning `None` updates no reference count.
    Option<Arc<Text>>,
);

/// A sized wrapper, so that an `Arc<Text>` is one pointer wide, whereas an `Arc<str>` is two. Every record in memory
/// contains a purpose.
#[derive(PartialEq, Eq, Hash)]
struct Text(Box<str>);

const MAIN: &str = "session";

impl Purpose {
    /// The maximum length of a purpose, in bytes.
    pub const MAX_LEN: usize = 64;

    /// Creates a purpose of 1 to 64 characters of printable ASCII.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is empty, too long, or contains other characters.
    pub fn new(text: impl AsRef<str>) -> Result<Self, Error> {
        let text = text.as_ref();
        if text == MAIN {
            return Ok(Self(None));
        }
        let is_printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if text.is_empty() || text.len() > Self::MAX_LEN || !is_printable {
            return Err(Error::new(
                ErrorKind::Config,
                "a session's purpose must be 1 to 64 characters of printable ASCII, such as \"admin\"",
            ));
        }
        Ok(Self(Some(Arc::new(Text(text.into())))))
    }

    /// Returns the text of this purpose.
    #[inline]
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            None => MAIN,
            Some(text) => &text.0,
        }
    }

    /// Returns whether this is the main purpose, which is the default.
    #[inline]
    #[must_use]
    pub fn is_main(&self) -> bool {
        self.0.is_none()
    }

    /// Returns the text preceded by its length, and the number of bytes used. With the length, bytes after the text
    /// cannot be mistaken for a part of it.
    pub(crate) fn prefixed(&self) -> ([u8; 1 + Self::MAX_LEN], usize) {
        let mut bytes = [0; 1 + Self::MAX_LEN];
        let length = self.write_prefixed(&mut bytes);
        (bytes, length)
    }

    /// Writes the length-prefixed text at the start of `message`, and returns the number of bytes written.
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
