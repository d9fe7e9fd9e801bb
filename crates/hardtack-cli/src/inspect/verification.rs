use hardtack::crypto::{Rejection, Sealer, Signer};
use hardtack::protocol::Purpose;

use super::cookie_format::Form;
use crate::arguments::{Secrets, SigningArgs};

/// The result of verifying a cookie with the keys.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It verifies.
    Genuine(Genuine),
    /// It does not verify.
    Refused {
        /// The reason in one word.
        reason: &'static str,
        /// The human-readable reason.
        sentence: String,
        /// The key that created it even so, and the source of that key.
        key: Option<String>,
    },
}

/// The result for a cookie that verified with a key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Genuine {
    /// The source of the key.
    pub(super) key: String,
    /// The key's index in the ring; key 0 is used for new cookies.
    pub(super) place: usize,
    /// When the cookie was created, in seconds since 1970.
    pub(super) made_at: u64,
    /// When it expires unless it is written again.
    pub(super) expires_at: Option<u64>,
    /// When it expires even if it is written again.
    pub(super) deadline: Option<u64>,
    /// The text in the payload.
    pub(super) text: String,
}

/// The keys, the settings, and the time with which cookies are verified.
pub(super) struct Judge<'a> {
    pub(super) secrets: &'a Secrets,
    pub(super) settings: &'a SigningArgs,
    /// Now, in seconds since 1970.
    pub(super) now: u64,
    /// The maximum age of a signed session.
    pub(super) max_age: u64,
}

impl Judge<'_> {
    /// Verifies a value. Returns `None` if its format involves no key.
    pub(super) fn judge(&self, form: &Form, value: &str) -> Option<Verdict> {
        match form {
            Form::Signed(_) => Some(self.signed(value)),
            Form::Sealed { .. } => Some(self.sealed(value)),
            Form::Id(_) | Form::Unknown => None,
        }
    }

    fn signed(&self, value: &str) -> Verdict {
        let max_age = i64::try_from(self.max_age).unwrap_or(i64::MAX);
        let mut worst = Rejection::Malformed;
        for (place, secret) in self.secrets.iter() {
            let signer = Signer::new(&secret.ring(), &self.settings.signing());
            match signer.verify(value.as_bytes(), self.now, Some(max_age)) {
                Ok(signed) => {
                    return Verdict::Genuine(Genuine {
                        key: secret.place.clone(),
                        place,
                        made_at: signed.signed_at,
                        // As in Flask, the last second is still valid.
                        expires_at: signed
                            .signed_at
                            .checked_add(self.max_age)
                            .and_then(|end| end.checked_add(1)),
                        deadline: None,
                        text: signed.payload,
                    });
                }
                Err(rejection @ (Rejection::Signature | Rejection::Malformed)) => worst = rejection,
                Err(rejection) => return refused(rejection, Some(secret.place.clone())),
            }
        }
        self.otherwise_signed(value).unwrap_or_else(|| refused(worst, None))
    }

    /// Checks whether a key created the value with other settings, and so for another purpose.
    fn otherwise_signed(&self, value: &str) -> Option<Verdict> {
        self.secrets.iter().find_map(|(_, secret)| {
            let settings = self.settings.usual().find(|settings| {
                let verdict =
                    Signer::new(&secret.ring(), &settings.signing()).verify(value.as_bytes(), u64::MAX, None);
                !matches!(verdict, Err(Rejection::Signature | Rejection::Malformed))
            })?;
            // Each purpose has its own salt, so no two purposes share one.
            let same = (&settings.salt, &settings.purpose) == (&self.settings.salt, &self.settings.purpose);
            let salt = if same { "the same" } else { "another" };
            Some(Verdict::Refused {
                reason: "purpose",
                sentence: format!(
                    "it was signed with this key for another purpose: with {salt} salt and {}",
                    settings.flags()
                ),
                key: Some(secret.place.clone()),
            })
        })
    }

    fn sealed(&self, value: &str) -> Verdict {
        let purpose = &self.settings.purpose;
        for (place, secret) in self.secrets.iter() {
            let open = |purpose| Sealer::new(&secret.ring(), purpose).open(value.as_bytes(), self.now);
            match open(purpose) {
                Err(Rejection::Signature | Rejection::Malformed) => {}
                Err(rejection) => return refused(rejection, Some(secret.place.clone())),
                Ok(sealed) => {
                    return Verdict::Genuine(Genuine {
                        key: secret.place.clone(),
                        place,
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
                return Verdict::Refused {
                    reason: "purpose",
                    sentence: "it was encrypted for another purpose, `session`".to_owned(),
                    key: Some(secret.place.clone()),
                };
            }
        }
        Verdict::Refused {
            reason: "signature",
            sentence: format!(
                "it was not created with any of the keys for the purpose `{purpose}`: check --key and --purpose"
            ),
            key: None,
        }
    }
}

fn refused(rejection: Rejection, key: Option<String>) -> Verdict {
    Verdict::Refused { reason: rejection.reason(), sentence: rejection.to_string(), key }
}
