use clap::{Args, ValueEnum};
use hardtack::protocol::Purpose;
use hardtack::{Digest, KeyDerivation, Signing};

/// Flask's signing settings, for applications that change them.
#[derive(Debug, Clone, Args)]
pub(crate) struct SigningArgs {
    /// The salt of the application's session interface
    #[arg(long, value_name = "TEXT", default_value = "cookie-session")]
    pub(crate) salt: String,
    /// The hash function of the signature
    #[arg(long, value_enum, default_value_t)]
    pub(crate) digest: DigestName,
    /// How the signing key is derived from the secret and the salt
    #[arg(long, value_enum, default_value_t)]
    pub(crate) key_derivation: DerivationName,
    /// The purpose of the session. Change it only for sessions other than an application's main one
    #[arg(long, value_name = "NAME", default_value_t)]
    pub(crate) purpose: Purpose,
}

/// A hash function, as named on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum DigestName {
    /// Flask's default
    #[default]
    Sha1,
    /// 32 bytes
    Sha256,
    /// 48 bytes
    Sha384,
    /// 64 bytes
    Sha512,
}

/// A key derivation, as named by itsdangerous.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum DerivationName {
    /// Flask's default
    #[default]
    Hmac,
    /// The digest of the salt and the secret
    Concat,
    /// The digest of the salt, the word `signer`, and the secret
    DjangoConcat,
    /// The secret itself
    None,
}

impl SigningArgs {
    pub(crate) fn signing(&self) -> Signing {
        Signing::flask()
            .salt(self.salt.as_str())
            .digest(self.digest.into())
            .key_derivation(self.key_derivation.into())
            .for_purpose(&self.purpose)
    }

    /// Returns every combination of the common salts, the digests, and the key derivations, starting with the salt of
    /// these settings.
    pub(crate) fn usual(&self) -> impl Iterator<Item = Self> {
        let salts = [self.salt.clone(), "cookie-session".to_owned(), "itsdangerous".to_owned()];
        salts.into_iter().flat_map(|salt| {
            DigestName::value_variants().iter().flat_map(move |&digest| {
                let salt = salt.clone();
                DerivationName::value_variants().iter().map(move |&key_derivation| Self {
                    salt: salt.clone(),
                    digest,
                    key_derivation,
                    purpose: Purpose::default(),
                })
            })
        })
    }

    /// Formats the settings as command-line options. Omits the salt, because some applications treat it as a second
    /// secret.
    pub(crate) fn flags(&self) -> String {
        let name = |value: Option<clap::builder::PossibleValue>| {
            value.map(|value| value.get_name().to_owned()).unwrap_or_default()
        };
        format!(
            "--digest {} --key-derivation {}",
            name(self.digest.to_possible_value()),
            name(self.key_derivation.to_possible_value())
        )
    }
}

impl From<DigestName> for Digest {
    fn from(name: DigestName) -> Self {
        match name {
            DigestName::Sha1 => Self::Sha1,
            DigestName::Sha256 => Self::Sha256,
            DigestName::Sha384 => Self::Sha384,
            DigestName::Sha512 => Self::Sha512,
        }
    }
}

impl From<DerivationName> for KeyDerivation {
    fn from(name: DerivationName) -> Self {
        match name {
            DerivationName::Hmac => Self::Hmac,
            DerivationName::Concat => Self::Concat,
            DerivationName::DjangoConcat => Self::DjangoConcat,
            DerivationName::None => Self::None,
        }
    }
}
