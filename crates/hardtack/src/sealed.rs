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

impl Seal {
    /// Of a session that begins a new life in the place of this one.
    pub(crate) fn without_deadline(self) -> Self {
        Self { deadline: None, ..self }
    }
}

/// The older genuine cookies of a session's name that the browser sent with it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rivals {
    /// From when on none of them is accepted by its own deadline, in seconds since 1970.
    last_deadline: u64,
}

impl Rivals {
    /// Adds an older cookie to those that are known.
    pub(crate) fn with(known: Option<Self>, older: Option<Seal>) -> Self {
        let known = known.map_or(0, |rivals| rivals.last_deadline);
        let deadline = older.and_then(|seal| seal.deadline).unwrap_or(0);
        Self { last_deadline: known.max(deadline) }
    }
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
    // Never older than what it replaces, which a server with a faster clock may have written: the newest counts.
    let issued_at = before.map_or(now, |seal| seal.issued_at.max(now));
    match &config.kind {
        Kind::Signed { max_age, .. } => {
            let expires_at = now.saturating_add(max_age.as_secs());
            Some(Times { issued_at, expires_at, deadline: expires_at })
        }
        Kind::Encrypted { max_age, absolute, .. } => {
            let deadline = before
                .and_then(|seal| seal.deadline)
                .unwrap_or_else(|| now.saturating_add(absolute.as_secs()));
            let expires_at = now.saturating_add(max_age.as_secs()).min(deadline);
            Some(Times { issued_at, expires_at, deadline })
        }
        Kind::Stored { .. } => None,
    }
}

/// Until when an empty session lasts that takes the place of an ended one, so that no rival comes back after it: as long
/// as any cookie that the layer has issued until now. `None` for a layer that keeps its sessions in a store.
pub(crate) fn times_of_marker(config: &Config, rivals: Rivals, ended: Option<Seal>) -> Option<Times> {
    // The ended session's own deadline does not count: a rival's may be later.
    let fresh = times(config, ended.map(Seal::without_deadline))?;
    // A signed cookie is also accepted in its last second, and an earlier deployment may have set longer lifetimes.
    let after = |moment: u64| moment.saturating_add(1).max(rivals.last_deadline);
    Some(Times { expires_at: after(fresh.expires_at), deadline: after(fresh.deadline), ..fresh })
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
