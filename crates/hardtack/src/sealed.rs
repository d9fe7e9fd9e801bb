use hardtack_core::crypto::{Rejection, Times};
use hardtack_core::session::Dictionary;
use hardtack_core::value::breaks_flask;

use crate::clock::unix_seconds;
use crate::config::{Config, Kind};

use crate::notes::Notes;
use crate::random::random;

/// What a session kept in its cookie carries besides its data.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seal {
    /// When it was written, in seconds since 1970.
    pub(crate) issued_at: u64,
    /// When an encrypted session ends in any case, in seconds since 1970.
    pub(crate) deadline: Option<u64>,
}

/// Reads a cookie's value. `None` for a layer that keeps its sessions in a store.
pub(crate) fn unseal(
    config: &Config,
    notes: &Notes,
    token: &[u8],
) -> Option<Result<(Seal, Dictionary), Rejection>> {
    let now = unix_seconds(config.now());
    let opened = match &config.kind {
        Kind::Signed { signer, max_age, .. } => {
            let oldest = i64::try_from(max_age.as_secs()).unwrap_or(i64::MAX);
            signer.verify(token, now, Some(oldest)).map(|signed| {
                notes.verified(&signed, signer, *max_age);
                (Seal { issued_at: signed.signed_at, deadline: None }, signed.payload)
            })
        }
        Kind::Encrypted { sealer, .. } => sealer.open(token, now).map(|sealed| {
            notes.unsealed(&sealed, sealer);
            let Times { issued_at, deadline, .. } = sealed.times;
            (Seal { issued_at, deadline: Some(deadline) }, sealed.payload)
        }),
        Kind::Stored { .. } => return None,
    };
    config.tally.verified();
    Some(opened.and_then(|(seal, payload)| {
        // What Flask answers with a 500 is a damaged cookie here.
        let dictionary = Dictionary::parse(payload).map_err(|_| Rejection::Payload)?;
        if config.flask.is_some() && dictionary.iter().any(|(_, value)| breaks_flask(value)) {
            return Err(Rejection::Payload);
        }
        Ok((seal, dictionary))
    }))
}

/// Until when a session kept in its cookie lasts that is written now. `None` for a layer that keeps its sessions in a
/// store.
pub(crate) fn times(config: &Config, before: Option<Seal>) -> Option<Times> {
    let now = unix_seconds(config.now());
    match &config.kind {
        Kind::Signed { max_age, .. } => {
            let expires_at = now.saturating_add(max_age.as_secs());
            Some(Times { issued_at: now, expires_at, deadline: expires_at })
        }
        Kind::Encrypted { max_age, absolute, .. } => {
            let deadline = before
                .and_then(|seal| seal.deadline)
                .unwrap_or_else(|| now.saturating_add(absolute.as_secs()));
            let expires_at = now.saturating_add(max_age.as_secs()).min(deadline);
            Some(Times { issued_at: now, expires_at, deadline })
        }
        Kind::Stored { .. } => None,
    }
}

/// Writes a session's text into a cookie's value, between what stands `around` it. `None` for a layer that keeps its
/// sessions in a store, and without random numbers.
pub(crate) fn seal(config: &Config, times: Times, text: &str, around: [&str; 2]) -> Option<String> {
    match &config.kind {
        Kind::Signed { signer, compression, .. } => {
            Some(signer.sign_between(around, text, times.issued_at, *compression))
        }
        Kind::Encrypted { sealer, .. } => Some(sealer.seal_between(around, text, times, random()?)),
        Kind::Stored { .. } => None,
    }
}
