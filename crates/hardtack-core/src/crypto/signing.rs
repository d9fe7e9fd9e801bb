use std::fmt;

use crate::purpose::Purpose;

/// How a signed cookie is made: Flask's settings, and Flask's defaults.
///
/// Change a setting only to match an application that overrides `SecureCookieSessionInterface`; both ends must agree
/// on all of them.
///
/// ```
/// use hardtack_core::crypto::{Digest, Signing};
///
/// // For a Flask application whose session interface has `digest_method = staticmethod(hashlib.sha256)`.
/// let signing = Signing::flask().digest(Digest::Sha256);
/// # let _ = signing;
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Signing {
    pub(super) digest: Digest,
    pub(super) salt: Vec<u8>,
    pub(super) key_derivation: KeyDerivation,
    pub(super) inflate_limit: usize,
}

impl Signing {
    /// Flask as it comes: SHA-1, salt `cookie-session`, keys derived by HMAC.
    #[must_use]
    pub fn flask() -> Self {
        Self {
            digest: Digest::default(),
            salt: b"cookie-session".to_vec(),
            key_derivation: KeyDerivation::default(),
            inflate_limit: 4 * 1024 * 1024,
        }
    }

    /// The hash function of the signature and of the key derivation.
    #[must_use]
    pub fn digest(mut self, digest: Digest) -> Self {
        self.digest = digest;
        self
    }

    /// The salt, which tells apart what one secret signs for different purposes; text counts as its UTF-8 bytes.
    #[must_use]
    pub fn salt(mut self, salt: impl Into<Vec<u8>>) -> Self {
        self.salt = salt.into();
        self
    }

    /// The same with a salt of its own for this purpose, so that the cookie of one session is refused as another's. The
    /// main purpose keeps the salt as it is, which by default is Flask's.
    ///
    /// ```
    /// use hardtack_core::crypto::Signing;
    /// use hardtack_core::session::Purpose;
    ///
    /// assert!(Signing::flask().for_purpose(&Purpose::default()) == Signing::flask());
    /// assert!(Signing::flask().for_purpose(&Purpose::new("admin")?) != Signing::flask());
    /// # Ok::<(), hardtack_core::Error>(())
    /// ```
    ///
    /// # Security
    ///
    /// With [`KeyDerivation::None`] the salt plays no part, and so neither does the purpose.
    #[must_use]
    pub fn for_purpose(self, purpose: &Purpose) -> Self {
        if purpose.is_main() {
            return self;
        }
        // Each part behind its length: else ("a", "bc") and ("ab", "c") would be one.
        let (prefixed, length) = purpose.prefixed();
        let salt_length = (self.salt.len() as u64).to_be_bytes();
        let salt = [b"hardtack session ", &prefixed[..length], &salt_length[..], &self.salt].concat();
        self.salt(salt)
    }

    /// Whether the key is made from the salt at all.
    #[must_use]
    pub fn uses_salt(&self) -> bool {
        self.key_derivation != KeyDerivation::None
    }

    /// How the signing key is made from secret and salt.
    #[must_use]
    pub fn key_derivation(mut self, key_derivation: KeyDerivation) -> Self {
        self.key_derivation = key_derivation;
        self
    }

    /// The most bytes that a compressed payload may inflate to; a longer one is refused as
    /// [`TooLarge`](super::Rejection::TooLarge).
    ///
    /// The default is 4 MiB, which is no limit for a browser: it keeps 4,096 characters of a cookie, these hold 3,072
    /// bytes, and deflate makes at most 1,032 bytes of one. Flask has no limit. The signature is checked before
    /// anything is inflated, so only who holds a key could ask for more; the cost of raising the limit is that memory.
    #[must_use]
    pub fn inflate_limit(mut self, bytes: usize) -> Self {
        self.inflate_limit = bytes;
        self
    }
}

/// [`Signing::flask`].
impl Default for Signing {
    fn default() -> Self {
        Self::flask()
    }
}

/// Without the salt, which some applications treat as a second secret.
impl fmt::Debug for Signing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signing")
            .field("digest", &self.digest)
            .field("key_derivation", &self.key_derivation)
            .field("inflate_limit", &self.inflate_limit)
            .finish_non_exhaustive()
    }
}

/// The hash function inside the HMAC of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Digest {
    /// Flask's own choice, 27 characters of signature. What is known against SHA-1 are collisions, which do not help
    /// to forge an HMAC.
    #[default]
    Sha1,
    /// 43 characters of signature.
    Sha256,
    /// 64 characters of signature.
    Sha384,
    /// 86 characters of signature.
    Sha512,
}

/// How the key of the signature is made from the secret and the salt.
///
/// The names are those of itsdangerous' `key_derivation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum KeyDerivation {
    /// `HMAC(secret, salt)`: Flask's choice.
    #[default]
    Hmac,
    /// `digest(salt + secret)`.
    Concat,
    /// `digest(salt + "signer" + secret)`: the default of itsdangerous itself, and what Flask-WTF's tokens have.
    DjangoConcat,
    /// The secret itself; the salt plays no part.
    None,
}

/// When the payload of a signed cookie is compressed. Reading takes either form, whatever this says.
///
/// Deflating costs about ten times as much as all the rest of writing a session, and every reader pays for inflating
/// again, so it should buy something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compression {
    /// If the text is longer than `over` bytes, and compressing makes the cookie shorter.
    WhenItPays {
        /// Texts up to this length, in bytes, are left alone.
        over: usize,
    },
    /// Whenever it makes the cookie shorter, however short the text: what Flask does.
    ///
    /// The bytes are those of another implementation of deflate than Python's, so a compressed cookie is as good as
    /// Flask's but not equal to it.
    AsFlask,
    /// Not at all.
    Never,
}

/// [`Compression::WhenItPays`] over 1,024 bytes: up to there a cookie has at most 1.4 kB and the request's headers
/// still fit into about one network packet, so a shorter cookie would arrive no sooner.
impl Default for Compression {
    fn default() -> Self {
        Self::WhenItPays { over: 1024 }
    }
}
