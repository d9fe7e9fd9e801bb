use hardtack::crypto::{Rejection, Sealer, Signer};
use hardtack::protocol::Purpose;

use super::cookie_format::CookieFormat;
use crate::arguments::{Secrets, SigningArgs};

/// The result of verifying a cookie with the keys.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verification {
    /// The cookie verifies.
    Verified(Verified),
    /// The cookie does not verify, has expired, or was created for another purpose.
    Rejected {
        /// The reason in one word.
        reason: &'static str,
        /// The human-readable reason.
        message: String,
        /// The source of the key that created the cookie, if one of the keys did.
        key: Option<String>,
    },
}

/// The content of a verified cookie, and the key that verified it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verified {
    /// The source of the key.
    pub(super) key: String,
    /// The index of the key. New cookies are created with key 0.
    pub(super) index: usize,
    /// When the cookie was created, in seconds since 1970.
    pub(super) made_at: u64,
    /// When the cookie expires unless it is written again.
    pub(super) expires_at: Option<u64>,
    /// When the cookie expires even if it is written again, or `None` for a signed session.
    pub(super) deadline: Option<u64>,
    /// The text in the payload.
    pub(super) text: String,
}

/// The keys, the settings, and the time with which cookies are verified.
pub(super) struct Verifier<'a> {
    pub(super) secrets: &'a Secrets,
    pub(super) settings: &'a SigningArgs,
    /// The time of the check, in seconds since 1970.
    pub(super) now: u64,
    /// The maximum age of a signed session, in seconds.
    pub(super) max_age: u64,
}

impl Verifier<'_> {
    /// Verifies a value. Returns `None` if values in this format are not created with a key.
    pub(super) fn verify(&self, format: &CookieFormat, value: &str) -> Option<Verification> {
        match format {
            CookieFormat::Signed(_) => Some(self.signed(value)),
            CookieFormat::Sealed { .. } => Some(self.sealed(value)),
            CookieFormat::Id(_) | CookieFormat::Unknown => None,
        }
    }

    fn signed(&self, value: &str) -> Verification {
        let max_age = i64::try_from(self.max_age).unwrap_or(i64::MAX);
        let mut worst = Rejection::Malformed;
        for (index, secret) in self.secrets.iter() {
            let signer = Signer::new(&secret.ring(), &self.settings.signing());
            match signer.verify(value.as_bytes(), self.now, Some(max_age)) {
                Ok(signed) => {
                    return Verification::Verified(Verified {
                        key: secret.source.clone(),
                        index,
                        made_at: signed.signed_at,
                        // As in Flask, a cookie that has exactly the maximum age is still valid.
                        expires_at: signed
                            .signed_at
                            .checked_add(self.max_age)
                            .and_then(|end| end.checked_add(1)),
                        deadline: None,
                        text: signed.payload,
                    });
                }
                Err(rejection @ (Rejection::Signature | Rejection::Malformed)) => worst = rejection,
                Err(rejection) => return rejected(rejection, Some(secret.source.clone())),
            }
        }
        self.otherwise_signed(value).unwrap_or_else(|| rejected(worst, None))
    }

    /// Checks whether one of the keys signed the value with other common settings. If so, the value was signed for
    /// another purpose.
    fn otherwise_signed(&self, value: &str) -> Option<Verification> {
        self.secrets.iter().find_map(|(_, secret)| {
            let settings = self.settings.usual().find(|settings| {
                let outcome =
                    Signer::new(&secret.ring(), &settings.signing()).verify(value.as_bytes(), u64::MAX, None);
                !matches!(outcome, Err(Rejection::Signature | Rejection::Malformed))
            })?;
            // The effective salt is derived from the salt and the purpose, so it is the same only if these two are the
            // same.
            let same = (&settings.salt, &settings.purpose) == (&self.settings.salt, &self.settings.purpose);
            let salt = if same { "the same" } else { "another" };
            Some(Verification::Rejected {
                reason: "purpose",
                message: format!(
                    "it was signed with this key for another purpose: with {salt} salt and {}",
                    settings.flags()
                ),
                key: Some(secret.source.clone()),
            })
        })
    }

    fn sealed(&self, value: &str) -> Verification {
        let purpose = &self.settings.purpose;
        for (index, secret) in self.secrets.iter() {
            let open = |purpose| Sealer::new(&secret.ring(), purpose).open(value.as_bytes(), self.now);
            match open(purpose) {
                Err(Rejection::Signature | Rejection::Malformed) => {}
                Err(rejection) => return rejected(rejection, Some(secret.source.clone())),
                Ok(sealed) => {
                    return Verification::Verified(Verified {
                        key: secret.source.clone(),
                        index,
                        made_at: sealed.times.issued_at,
                        expires_at: Some(sealed.times.expires_at),
                        deadline: Some(sealed.times.deadline),
                        text: sealed.payload,
                    });
                }
            }
            let is_main =
                !matches!(open(&Purpose::default()), Err(Rejection::Signature | Rejection::Malformed));
            if is_main {
                return Verification::Rejected {
                    reason: "purpose",
                    message: "it was encrypted for another purpose, `session`".to_owned(),
                    key: Some(secret.source.clone()),
                };
            }
        }
        Verification::Rejected {
            reason: "signature",
            message: format!(
                "it was not created with any of the keys for the purpose `{purpose}`: check --key and --purpose"
            ),
            key: None,
        }
    }
}

fn rejected(rejection: Rejection, key: Option<String>) -> Verification {
    Verification::Rejected { reason: rejection.reason(), message: rejection.to_string(), key }
}
