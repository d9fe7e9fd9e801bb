use std::fmt;

use crate::purpose::Purpose;

/// The settings of signed cookies, with Flask's defaults.
///
/// Change a setting only to match an application that overrides `SecureCookieSessionInterface`. Both applications must
/// use the same settings.
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
    /// Creates Flask's default settings: SHA-1, salt `cookie-session`, and keys derived by HMAC.
    #[must_use]
    pub fn flask() -> Self {
        Self {
            digest: Digest::default(),
            salt: b"cookie-session".to_vec(),
            key_derivation: KeyDerivation::default(),
            inflate_limit: 4 * 1024 * 1024,
        }
    }

    /// Sets the hash function for the signature and the key derivation.
    #[must_use]
    pub fn digest(mut self, digest: Digest) -> Self {
        self.digest = digest;
        self
    }

    /// Sets the salt, which separates different uses of one secret. A string is used as its UTF-8 bytes.
    #[must_use]
    pub fn salt(mut self, salt: impl Into<Vec<u8>>) -> Self {
        self.salt = salt.into();
        self
    }

    /// Derives a salt for this purpose from the current one, so that a cookie that was signed for one purpose is
    /// rejected for every other. The main purpose keeps the current salt, which by default is Flask's.
    ///
    /// ```
    /// use hardtack_core::crypto::Signing;
    /// use hardtack_core::protocol::Purpose;
    ///
    /// assert!(Signing::flask().for_purpose(&Purpose::default()) == Signing::flask());
    /// assert!(Signing::flask().for_purpose(&Purpose::new("admin")?) != Signing::flask());
    /// # Ok::<(), hardtack_core::Error>(())
    /// ```
    ///
    /// # Security
    ///
    /// With [`KeyDerivation::None`], neither the salt nor the purpose is used.
    #[must_use]
    pub fn for_purpose(self, purpose: &Purpose) -> Self {
        if purpose.is_main() {
            return self;
        }
        // Each part is preceded by its length. Otherwise, ("a", "bc") and ("ab", "c") would yield the same salt.
        let (prefixed, length) = purpose.prefixed();
        let salt_length = (self.salt.len() as u64).to_be_bytes();
        let salt = [b"hardtack session ", &prefixed[..length], &salt_length[..], &self.salt].concat();
        self.salt(salt)
    }

    /// Returns whether the key depends on the salt.
    #[must_use]
    pub fn uses_salt(&self) -> bool {
        self.key_derivation != KeyDerivation::None
    }

    /// Sets how the signing key is derived from the secret and the salt.
    #[must_use]
    pub fn key_derivation(mut self, key_derivation: KeyDerivation) -> Self {
        self.key_derivation = key_derivation;
        self
    }

    /// Sets the maximum inflated size of a compressed payload, in bytes. A larger payload is rejected as
    /// [`TooLarge`](super::Rejection::TooLarge).
    ///
    /// The default is 4 MiB, which no cookie from a browser can exceed: browsers store at most 4,096 characters per
    /// cookie, 4,096 characters of base64 encode 3,072 bytes, and deflate expands one byte to at most 1,032. Flask has
    /// no limit. The signature is checked before anything is inflated, so only a holder of a key can make the server
    /// inflate more. With a higher limit, inflating a cookie can take that much memory.
    #[must_use]
    pub fn inflate_limit(mut self, bytes: usize) -> Self {
        self.inflate_limit = bytes;
        self
    }
}

/// Returns [`Signing::flask`].
impl Default for Signing {
    fn default() -> Self {
        Self::flask()
    }
}

/// Omits the salt, which some applications treat as a second secret.
impl fmt::Debug for Signing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signing")
            .field("digest", &self.digest)
            .field("key_derivation", &self.key_derivation)
            .field("inflate_limit", &self.inflate_limit)
            .finish_non_exhaustive()
    }
}

/// The hash function in the HMAC of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Digest {
    /// SHA-1, as in Flask, with a signature of 27 characters. The known attacks on SHA-1 are collisions, which do not
    /// help to forge an HMAC.
    #[default]
    Sha1,
    /// SHA-256, with a signature of 43 characters.
    Sha256,
    /// SHA-384, with a signature of 64 characters.
    Sha384,
    /// SHA-512, with a signature of 86 characters.
    Sha512,
}

/// The method that derives the signing key from the secret and the salt.
///
/// The names are those of `key_derivation` in itsdangerous.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum KeyDerivation {
    /// `HMAC(secret, salt)`, which Flask uses.
    #[default]
    Hmac,
    /// `digest(salt + secret)`.
    Concat,
    /// `digest(salt + "signer" + secret)`, the default of itsdangerous itself, which Flask-WTF's tokens use.
    DjangoConcat,
    /// The secret itself; the salt is not used.
    None,
}

/// When to compress the payload of a signed cookie. Compressed and uncompressed cookies can both be read, regardless of
/// this setting.
///
/// Compression costs about ten times as much as everything else in writing a session, and every read of a compressed
/// cookie pays for decompression. Limit compression to payloads for which it has a benefit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compression {
    /// Compress if the payload is longer than `over` bytes, and compression makes the cookie shorter.
    WhenItPays {
        /// The length in bytes up to which a payload is never compressed.
        over: usize,
    },
    /// Compress if this makes the cookie shorter, even if the payload is short. Flask does the same.
    ///
    /// The deflate implementation is not Python's, so a compressed cookie is equivalent to Flask's, but not identical
    /// byte for byte.
    AsFlask,
    /// Never compress.
    Never,
}

/// Returns [`Compression::WhenItPays`] over 1,024 bytes. With a payload of up to this size, the cookie has at most 1.4
/// kB, and the request headers still fit into about one network packet, so a shorter cookie would not arrive any
/// sooner.
impl Default for Compression {
    fn default() -> Self {
        Self::WhenItPays { over: 1024 }
    }
}
