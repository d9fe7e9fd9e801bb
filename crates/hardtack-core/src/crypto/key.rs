use std::fmt;

use zeroize::Zeroizing;

use crate::{Error, ErrorKind};

/// A secret that signs or encrypts cookies.
///
/// The secret is used exactly as given, like Flask's `SECRET_KEY`: a string is used as its UTF-8 bytes, and nothing is
/// trimmed or decoded. A key is never printed or serialized, and is wiped from memory when dropped.
///
/// ```
/// use hardtack_core::crypto::Key;
///
/// let key = Key::new("3f1b0c7d5a9e4826b1d04c6f7e2a9358")?;
/// assert_eq!(format!("{key:?}"), "Key([redacted])");
/// assert!(Key::new("dev").is_err(), "too short to keep a secret");
/// # Ok::<(), hardtack_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Key(Zeroizing<Vec<u8>>);

impl Key {
    /// The minimum length for [`Key::new`]: 16 bytes, which are 128 bits of entropy if they are random.
    pub const MIN_LEN: usize = 16;

    /// Creates a key from a secret of at least [`Key::MIN_LEN`] bytes.
    ///
    /// # Errors
    ///
    /// Returns an error if the secret is empty or too short. The message contains a command that generates a good
    /// secret.
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self, Error> {
        let secret = secret.as_ref();
        if (1..Self::MIN_LEN).contains(&secret.len()) {
            return Err(Error::new(
                ErrorKind::Key,
                "the secret key is shorter than 16 bytes, so it can be guessed: generate one with `openssl rand \
                 -hex 32`, or accept this one with `Key::insecure_short`",
            ));
        }
        Self::insecure_short(secret)
    }

    /// Creates a key from a secret of any length except zero. Use it to share sessions with an application that already
    /// has a short secret.
    ///
    /// # Errors
    ///
    /// Returns an error if the secret is empty. The message contains a command that generates a good secret.
    ///
    /// # Security
    ///
    /// Given a single cookie, an attacker can try billions of secrets without contacting the server. A short or
    /// memorable secret is found within minutes, and then every session can be forged.
    pub fn insecure_short(secret: impl AsRef<[u8]>) -> Result<Self, Error> {
        let secret = secret.as_ref();
        if secret.is_empty() {
            return Err(Error::new(
                ErrorKind::Key,
                "the secret key is empty: generate one with `openssl rand -hex 32`, and keep it out of the source \
                 code",
            ));
        }
        Ok(Self(Zeroizing::new(secret.to_vec())))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Redacted: keys must not appear in a log.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key([redacted])")
    }
}

/// The current secret and the secrets that it replaced. Cookies are written with the current secret, and read with any
/// secret of the ring.
///
/// A key ring lets you change a secret without logging out any user. Make the new secret current, and keep the old one
/// as previous until the last session that was written with it has ended. Then remove the old secret.
///
/// ```
/// use hardtack_core::crypto::{Key, KeyRing};
///
/// let this_year = Key::new("b6a0e5d1c94f47a2830e7f5b1c2d6e9a")?;
/// let last_year = Key::new("17c3f0a9d85e42b6a4f19e02c7d3b586")?;
/// let keys = KeyRing::new(this_year).and_previous(last_year);
/// # let _ = keys;
/// # Ok::<(), hardtack_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct KeyRing {
    current: Key,
    previous: Vec<Key>,
}

impl KeyRing {
    /// Creates a ring of one key, which both writes and reads cookies.
    #[must_use]
    pub fn new(current: Key) -> Self {
        Self { current, previous: Vec::new() }
    }

    /// Creates a ring from Flask's settings: `SECRET_KEY`, and `SECRET_KEY_FALLBACKS` in the order of Flask's list.
    ///
    /// Flask tries `SECRET_KEY` first and then the fallbacks from the last to the first, and so does this ring.
    #[must_use]
    pub fn with_fallbacks<I>(current: Key, fallbacks: I) -> Self
    where
        I: IntoIterator<Item = Key, IntoIter: DoubleEndedIterator>,
    {
        Self { current, previous: fallbacks.into_iter().rev().collect() }
    }

    /// Adds a key that only reads cookies. Keys are tried in the order in which they were added, so add the most recent
    /// one first.
    #[must_use]
    pub fn and_previous(mut self, old: Key) -> Self {
        self.previous.push(old);
        self
    }

    /// Returns the length of each key in bytes, in the order in which they are tried. Use it to warn about short keys.
    pub fn lengths(&self) -> impl Iterator<Item = usize> {
        self.iter().map(|key| key.as_bytes().len())
    }

    /// Returns all keys in the order in which they are tried.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(&self.previous)
    }
}

/// The age of the key that made a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyAge {
    /// The key with which new cookies are made.
    Current,
    /// A key that was replaced. The next write makes a cookie with the current key.
    Previous,
}

impl KeyAge {
    /// Returns the age of the key at this position in [`KeyRing::iter`].
    pub(super) const fn at(place: usize) -> Self {
        if place == 0 { Self::Current } else { Self::Previous }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_key_is_refused_with_the_line_that_makes_one() {
        for refused in [Key::new(""), Key::insecure_short("")] {
            assert!(refused.unwrap_err().to_string().contains("openssl rand -hex 32"));
        }
    }

    #[test]
    fn short_key_needs_the_insecure_constructor() {
        let refused = Key::new("fifteen-bytes..").unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Key);
        assert!(refused.to_string().contains("insecure_short"));
        assert!(Key::insecure_short("fifteen-bytes..").is_ok());
        assert!(Key::new("sixteen-bytes...").is_ok());
    }

    #[test]
    fn key_is_taken_exactly() {
        assert_eq!(Key::insecure_short("  \n").unwrap().as_bytes(), b"  \n");
        assert_eq!(Key::insecure_short([0, 1, 255]).unwrap().as_bytes(), [0, 1, 255]);
    }

    #[test]
    fn a23_debug_of_a_ring_shows_no_key() {
        let ring = KeyRing::new(Key::insecure_short("hunter2").unwrap());
        assert!(!format!("{ring:?}").contains("hunter2"));
    }

    #[test]
    fn fallbacks_are_tried_from_last_to_first() {
        let key = |text: &str| Key::insecure_short(text).unwrap();
        let flask = KeyRing::with_fallbacks(key("now"), [key("o1"), key("o2")]);
        let ours = KeyRing::new(key("now")).and_previous(key("o2")).and_previous(key("o1"));
        for ring in [flask, ours] {
            let order: Vec<_> = ring.iter().map(|key| key.as_bytes().to_vec()).collect();
            assert_eq!(order, [b"now".to_vec(), b"o2".to_vec(), b"o1".to_vec()]);
        }
    }
}
