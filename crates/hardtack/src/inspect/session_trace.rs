use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hardtack_core::crypto::{Sealer, Signer, Unsealed, Verified};
use hardtack_core::protocol::{CookieAction, Dictionary, IdChange, Origin, Settled};

use crate::inspect::{Call, Candidate, KeyChange, LayerInfo, Timestamps, Verdict, Write};

/// The trace of one session in one request.
#[derive(Clone)]
#[non_exhaustive]
pub struct SessionTrace {
    /// The type name of the layer's marker, which distinguishes the sessions of one application.
    pub marker: &'static str,
    /// The layer's settings; `None` if they are invalid, in which case `mistake` contains the reason.
    pub layer: Option<Arc<LayerInfo>>,
    /// A developer's mistake that makes the response an error, if there is one.
    pub mistake: Option<Cow<'static, str>>,
    /// When the session was opened, according to the layer's clock; `None` if it was not opened.
    pub opened_at: Option<SystemTime>,
    /// The examined cookies with the session's name, in the order of the header.
    pub candidates: Vec<Candidate>,
    /// Where the session came from; `None` if it was not opened.
    pub origin: Option<Origin>,
    /// The session's data when it was opened, as Flask's tagged JSON; `None` if it was not opened.
    pub before: Option<Box<str>>,
    /// The session's current data; `None` if it was not opened, or has ended.
    pub after: Option<Box<str>>,
    /// The changes that the request made, in the order of the keys.
    pub changes: Vec<KeyChange>,
    /// The user who was logged in when the session was opened.
    pub user_before: Option<String>,
    /// The user who is logged in now.
    pub user: Option<String>,
    /// Whether the session keeps its id, or the reason for a new one.
    pub id_change: IdChange,
    /// The writes of early saves, followed by the write at the end of the request.
    pub writes: Vec<Write>,
    /// The calls to the store, in order.
    pub calls: Vec<Call>,
    /// When the session began, was last used, and ends; `None` if it is new, was not opened, or has ended.
    pub timestamps: Option<Timestamps>,
}

impl SessionTrace {
    pub(super) fn new(marker: &'static str) -> Self {
        Self {
            marker,
            layer: None,
            mistake: None,
            opened_at: None,
            candidates: Vec::new(),
            origin: None,
            before: None,
            after: None,
            changes: Vec::new(),
            user_before: None,
            user: None,
            id_change: IdChange::Stay,
            writes: Vec::new(),
            calls: Vec::new(),
            timestamps: None,
        }
    }

    pub(crate) fn open_at(&mut self, now: SystemTime) {
        self.opened_at = Some(now);
        // Two tasks of one request may open the session at the same time. Only the cookies that the later task examines
        // are kept.
        self.candidates.clear();
    }

    pub(crate) fn look_at(&mut self, value: &[u8]) {
        self.candidates.push(Candidate { value: value.into(), verdict: Verdict::Unanswered });
    }

    pub(crate) fn verify(&mut self, signed: &Verified, signer: &Signer, max_age: Duration) {
        self.believe(Timestamps::signed(signed.signed_at, max_age), |value| signer.key_position(value));
    }

    pub(crate) fn unseal(&mut self, sealed: &Unsealed, sealer: &Sealer) {
        self.believe(Timestamps::sealed(&sealed.times), |value| sealer.key_position(value));
    }

    pub(crate) fn judge(&mut self, verdict: Verdict) {
        if let Some(candidate) = self.candidates.last_mut() {
            candidate.verdict = verdict;
        }
    }

    pub(crate) fn settle(&mut self, settled: Settled) {
        self.writes.push(Write::last(settled));
    }

    pub(crate) fn seal(&mut self, settled: Settled, now: SystemTime, layer: &LayerInfo) {
        self.settle(settled);
        match settled.cookie {
            CookieAction::Nothing => {}
            CookieAction::Set => {
                let before = self.timestamps.filter(|_| self.id_change != IdChange::LogIn);
                self.timestamps = Some(Timestamps::written(now, layer, before));
            }
            CookieAction::Remove => (self.after, self.timestamps) = (None, None),
        }
    }

    /// Records that the last candidate is authentic. Of several authentic cookies, only the newest gets the verdict
    /// `Genuine`; the others are `Outdated`.
    fn believe(&mut self, timestamps: Timestamps, key_position: impl FnOnce(&[u8]) -> Option<usize>) {
        let value = self.candidates.last().map(|candidate| &*candidate.value).unwrap_or_default();
        let verdict = Verdict::Genuine(key_position(value).unwrap_or_default());
        let newest = self.candidates.iter_mut().find(|other| matches!(other.verdict, Verdict::Genuine(_)));
        match newest {
            Some(newest) if self.timestamps.is_some_and(|newest| newest.began < timestamps.began) => {
                newest.verdict = Verdict::Outdated;
            }
            Some(_) => return self.judge(Verdict::Outdated),
            None => {}
        }
        self.judge(verdict);
        self.timestamps = Some(timestamps);
    }

    /// Adds the differences between two dictionaries to the changes. If a key was changed before, the value before its
    /// first change is kept.
    pub(crate) fn add_changes(&mut self, base: &Dictionary, whole: &Dictionary) {
        let old: BTreeMap<_, _> = base.iter().collect();
        let new: BTreeMap<_, _> = whole.iter().collect();
        let gone = old.keys().filter(|key| !new.contains_key(*key));
        for key in gone.chain(new.keys()) {
            let (before, after) = (old.get(key).copied(), new.get(key).copied());
            if before == after {
                continue;
            }
            match self.changes.binary_search_by(|change| (*change.key).cmp(key)) {
                Ok(at) => self.changes[at].after = after.map(Into::into),
                Err(at) => {
                    let (before, after) = (before.map(Into::into), after.map(Into::into));
                    self.changes.insert(at, KeyChange { key: key.as_ref().into(), before, after });
                }
            }
        }
    }
}

/// Redacted: omits the session's contents.
impl fmt::Debug for SessionTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionTrace")
            .field("marker", &self.marker)
            .field("candidates", &self.candidates)
            .field("changes", &self.changes.len())
            .field("id_change", &self.id_change)
            .field("writes", &self.writes)
            .finish_non_exhaustive()
    }
}
