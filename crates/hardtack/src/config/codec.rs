use std::time::Duration;

use hardtack_core::crypto::{Compression, Rejection, Sealer, Signer, Times};

use crate::config::random::random;
use crate::observe::Notes;

/// Encodes sessions as values of their cookies, and decodes them.
pub(crate) enum Codec {
    Signed { signer: Signer, compression: Compression, max_age: Duration },
    Encrypted { sealer: Sealer, max_age: Duration, absolute_timeout: Duration },
}

/// What a session's cookie carries besides the data.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CookieMeta {
    /// When it was written, in seconds since 1970.
    pub(crate) issued_at: u64,
    /// When an encrypted session ends in any case, in seconds since 1970.
    pub(crate) deadline: Option<u64>,
}

/// The older genuine cookies of a session's name that the browser sent with it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rivals {
    /// The time from which all of them are rejected by their own deadlines, in seconds since 1970.
    last_deadline: u64,
}

impl CookieMeta {
    /// Metadata for a session that begins in place of this one.
    pub(crate) fn without_deadline(self) -> Self {
        Self { deadline: None, ..self }
    }
}

impl Rivals {
    /// Adds an older cookie to those that are known.
    pub(crate) fn with(known: Option<Self>, older: Option<CookieMeta>) -> Self {
        let known = known.map_or(0, |rivals| rivals.last_deadline);
        let deadline = older.and_then(|meta| meta.deadline).unwrap_or(0);
        Self { last_deadline: known.max(deadline) }
    }
}

impl Codec {
    /// Verifies a cookie's value, and returns the session's text.
    ///
    /// # Errors
    ///
    /// If it is damaged, forged, or too old at `now`, in seconds since 1970.
    pub(crate) fn decode(
        &self,
        token: &[u8],
        now: u64,
        notes: &Notes,
    ) -> Result<(CookieMeta, String), Rejection> {
        match self {
            Self::Signed { signer, max_age, .. } => {
                let oldest = i64::try_from(max_age.as_secs()).unwrap_or(i64::MAX);
                let signed = signer.verify(token, now, Some(oldest))?;
                notes.verified(&signed, signer, *max_age);
                Ok((CookieMeta { issued_at: signed.signed_at, deadline: None }, signed.payload))
            }
            Self::Encrypted { sealer, .. } => {
                let sealed = sealer.open(token, now)?;
                notes.unsealed(&sealed, sealer);
                let Times { issued_at, deadline, .. } = sealed.times;
                Ok((CookieMeta { issued_at, deadline: Some(deadline) }, sealed.payload))
            }
        }
    }

    /// Returns the times of a session that is written now, in place of the one `before`.
    pub(crate) fn times(&self, now: u64, before: Option<CookieMeta>) -> Times {
        // Never older than the cookie that it replaces, which a server with a faster clock may have written: the newest
        // counts.
        let issued_at = before.map_or(now, |meta| meta.issued_at.max(now));
        match self {
            Self::Signed { max_age, .. } => {
                let expires_at = now.saturating_add(max_age.as_secs());
                Times { issued_at, expires_at, deadline: expires_at }
            }
            Self::Encrypted { max_age, absolute_timeout, .. } => {
                let deadline = before
                    .and_then(|meta| meta.deadline)
                    .unwrap_or_else(|| now.saturating_add(absolute_timeout.as_secs()));
                let expires_at = now.saturating_add(max_age.as_secs()).min(deadline);
                Times { issued_at, expires_at, deadline }
            }
        }
    }

    /// Returns the times of an empty session that takes the place of an ended one, so that no rival counts again after
    /// it: it lasts as long as any cookie that the layer has issued until now.
    pub(crate) fn times_of_marker(&self, now: u64, rivals: Rivals, ended: Option<CookieMeta>) -> Times {
        // The ended session's own deadline does not count: a rival's may be later.
        let fresh = self.times(now, ended.map(CookieMeta::without_deadline));
        // A signed cookie is also accepted in its last second, and an earlier deployment may have set longer lifetimes.
        let after = |moment: u64| moment.saturating_add(1).max(rivals.last_deadline);
        Times { expires_at: after(fresh.expires_at), deadline: after(fresh.deadline), ..fresh }
    }

    /// Encodes a session's text between the two texts `around` it, which are kept as they are. `None` if the operating
    /// system has no random numbers.
    pub(crate) fn encode(&self, times: Times, text: &str, around: [&str; 2]) -> Option<String> {
        match self {
            Self::Signed { signer, compression, .. } => {
                Some(signer.sign_between(around, text, times.issued_at, *compression))
            }
            Self::Encrypted { sealer, .. } => Some(sealer.seal_between(around, text, times, random()?)),
        }
    }
}
