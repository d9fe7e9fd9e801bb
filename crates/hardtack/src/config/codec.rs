use std::time::Duration;

use hardtack_core::crypto::{Compression, Rejection, Sealer, Signer, Times};

use crate::config::random::random;
use crate::observe::Trace;

/// An encoder and decoder for sessions in cookies.
pub(crate) enum Codec {
    Signed { signer: Signer, compression: Compression, max_age: Duration },
    Encrypted { sealer: Sealer, max_age: Duration, absolute_timeout: Duration },
}

/// The metadata that a session's cookie contains in addition to the data.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CookieMeta {
    /// When the cookie was written, in seconds since 1970.
    pub(crate) issued_at: u64,
    /// When an encrypted session ends, even if it is written again, in seconds since 1970.
    pub(crate) deadline: Option<u64>,
}

/// The older authentic cookies with the session's name that the browser sent in addition to the newest one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rivals {
    /// The latest deadline in these cookies, in seconds since 1970; 0 if none of them has a deadline.
    last_deadline: u64,
}

impl CookieMeta {
    /// Returns the metadata without the deadline, for a new session that replaces this one.
    pub(crate) fn without_deadline(self) -> Self {
        Self { deadline: None, ..self }
    }
}

impl Rivals {
    /// Adds an older cookie to the known rivals.
    pub(crate) fn with(known: Option<Self>, older: Option<CookieMeta>) -> Self {
        let known = known.map_or(0, |rivals| rivals.last_deadline);
        let deadline = older.and_then(|meta| meta.deadline).unwrap_or(0);
        Self { last_deadline: known.max(deadline) }
    }
}

impl Codec {
    /// Verifies or decrypts a cookie's value, and returns its metadata and the session's wire text.
    ///
    /// # Errors
    ///
    /// Returns an error if the value is damaged or forged, or has expired at `now`, which is in seconds since 1970.
    pub(crate) fn decode(
        &self,
        token: &[u8],
        now: u64,
        trace: &Trace,
    ) -> Result<(CookieMeta, String), Rejection> {
        match self {
            Self::Signed { signer, max_age, .. } => {
                let oldest = i64::try_from(max_age.as_secs()).unwrap_or(i64::MAX);
                let signed = signer.verify(token, now, Some(oldest))?;
                trace.verified(&signed, signer, *max_age);
                Ok((CookieMeta { issued_at: signed.signed_at, deadline: None }, signed.payload))
            }
            Self::Encrypted { sealer, .. } => {
                let sealed = sealer.open(token, now)?;
                trace.unsealed(&sealed, sealer);
                let Times { issued_at, deadline, .. } = sealed.times;
                Ok((CookieMeta { issued_at, deadline: Some(deadline) }, sealed.payload))
            }
        }
    }

    /// Returns the times to write into a cookie now, given the metadata of the cookie that it replaces.
    pub(crate) fn times(&self, now: u64, before: Option<CookieMeta>) -> Times {
        // The new cookie must not be older than the one it replaces, because the newest cookie is used. A server whose
        // clock is ahead may have written the other one.
        let issued_at = before.map_or(now, |meta| meta.issued_at.max(now));
        match self {
            Self::Signed { max_age, .. } => {
                let expires_at = now.saturating_add(max_age.as_secs());
                Times::new(issued_at).expires_at(expires_at).deadline(expires_at)
            }
            Self::Encrypted { max_age, absolute_timeout, .. } => {
                let deadline = before
                    .and_then(|meta| meta.deadline)
                    .unwrap_or_else(|| now.saturating_add(absolute_timeout.as_secs()));
                let expires_at = now.saturating_add(max_age.as_secs()).min(deadline);
                Times::new(issued_at).expires_at(expires_at).deadline(deadline)
            }
        }
    }

    /// Returns the times of a marker: an empty session that replaces an ended one, so that no rival is used again. The
    /// marker lasts at least as long as every cookie that the layer has issued so far.
    pub(crate) fn times_of_marker(&self, now: u64, rivals: Rivals, ended: Option<CookieMeta>) -> Times {
        // Ignores the deadline of the ended session, because a rival may have a later one.
        let fresh = self.times(now, ended.map(CookieMeta::without_deadline));
        // Adds a second, because a signed cookie is still accepted in the second in which it expires. A rival may have
        // a later deadline, because an earlier deployment may have set longer lifetimes.
        let after = |moment: u64| moment.saturating_add(1).max(rivals.last_deadline);
        fresh.expires_at(after(fresh.expires_at)).deadline(after(fresh.deadline))
    }

    /// Encodes a session's wire text as a token, and puts the token between the two strings in `around`. Returns `None`
    /// if the operating system has no random numbers.
    pub(crate) fn encode(&self, times: Times, text: &str, around: [&str; 2]) -> Option<String> {
        match self {
            Self::Signed { signer, compression, .. } => {
                Some(signer.sign_between(around, text, times.issued_at, *compression))
            }
            Self::Encrypted { sealer, .. } => Some(sealer.seal_between(around, text, times, random()?)),
        }
    }
}
