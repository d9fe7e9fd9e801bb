#[cfg(feature = "inspect")]
use std::fmt;
#[cfg(feature = "inspect")]
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

#[cfg(feature = "inspect")]
use hardtack_core::crypto::Rejection;
use hardtack_core::crypto::{Sealer, Signer, Unsealed, Verified};
#[cfg(feature = "inspect")]
use hardtack_core::protocol::StoreAction;
#[cfg(feature = "inspect")]
use hardtack_core::store::Outcome;

#[cfg(feature = "inspect")]
use crate::inspect::{BackendKind, SessionTrace, Verdict, Write};
use crate::observe::EventKind;
#[cfg(feature = "inspect")]
use crate::observe::StoreOperation;

/// The inspector's trace of one session in a request, if an observer is present.
///
/// A trace consists of two parts: the events, and snapshots of the session that the [slot](crate::slot) takes, because
/// events do not contain the session's data. Without the feature `inspect`, the type has no size and its methods are
/// empty, so that its callers are the same with and without the feature.
#[derive(Clone)]
pub(crate) struct Trace {
    /// `None` without an observer. An asynchronous mutex is not needed, because the lock is held only for short writes.
    #[cfg(feature = "inspect")]
    pub(crate) session: Option<Arc<Mutex<SessionTrace>>>,
}

// Without the feature `inspect`, a trace takes up no space in a slot or future.
#[cfg(not(feature = "inspect"))]
const _: () = assert!(size_of::<Trace>() == 0);

impl Trace {
    /// Adds an event.
    #[inline(always)]
    #[cfg_attr(not(feature = "inspect"), expect(unused_variables, reason = "there is no observer"))]
    pub(super) fn report(&self, kind: &EventKind<'_>) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.report(kind));
    }

    /// Records that a cookie's signature was verified, which proves that the cookie is authentic.
    #[inline(always)]
    #[cfg_attr(not(feature = "inspect"), expect(unused_variables, reason = "there is no observer"))]
    pub(crate) fn verified(&self, signed: &Verified, signer: &Signer, max_age: Duration) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.verify(signed, signer, max_age));
    }

    /// Records that a cookie was decrypted, which proves that the cookie is authentic.
    #[inline(always)]
    #[cfg_attr(not(feature = "inspect"), expect(unused_variables, reason = "there is no observer"))]
    pub(crate) fn unsealed(&self, sealed: &Unsealed, sealer: &Sealer) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.unseal(sealed, sealer));
    }

    #[cfg(feature = "inspect")]
    #[inline]
    pub(crate) fn write(&self, write: impl FnOnce(&mut SessionTrace)) {
        if let Some(trace) = &self.session {
            write(&mut trace.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// Returns whether an observer is present.
    #[inline(always)]
    pub(crate) fn is_observed(&self) -> bool {
        #[cfg(feature = "inspect")]
        return self.session.is_some();
        #[cfg(not(feature = "inspect"))]
        false
    }
}

/// The methods that add events to a trace.
#[cfg(feature = "inspect")]
impl SessionTrace {
    /// Adds an event.
    fn report(&mut self, kind: &EventKind<'_>) {
        let is_stored = self.layer.as_ref().is_some_and(|layer| layer.kind == BackendKind::Stored);
        match (*kind, is_stored) {
            (EventKind::Loaded { forwarded }, true) => self.judge(Verdict::Found(forwarded)),
            (EventKind::Missed { is_ended: true }, _) => self.judge(Verdict::Ended),
            (EventKind::Missed { is_ended: false }, _) => self.judge(Verdict::Unknown),
            (EventKind::Expired, true) => self.judge(Verdict::Expired),
            (EventKind::Expired, false) => self.judge(Verdict::Rejected(Rejection::Expired)),
            (EventKind::Rejected { .. }, true) => self.judge(Verdict::NoId),
            (EventKind::Rejected { reason }, false) => self.judge(Verdict::Rejected(reason)),
            (EventKind::Unreadable { operation: StoreOperation::Load, .. }, _) => {
                self.judge(Verdict::Unreadable);
            }
            (EventKind::Created | EventKind::Written, true) => self.conclude(Outcome::Written),
            (EventKind::Merged { overwritten }, _) => {
                if let Some(write) = self.writes.last_mut() {
                    (write.outcome, write.overwritten) = (Some(Outcome::Merged), overwritten);
                }
            }
            (EventKind::Touched, _) => self.conclude(Outcome::Touched),
            (EventKind::Ended, true) => self.conclude(Outcome::Ended),
            (EventKind::Dropped, _) => self.conclude(Outcome::Dropped),
            (EventKind::Conflict { retries }, _) => {
                if let Some(write) = self.unfinished() {
                    write.conflicts = retries;
                }
            }
            (EventKind::StoreFailed { operation: StoreOperation::Save, error }, _) => self.fail(error),
            (EventKind::UpdateFailed { error }, _) => self.fail(error),
            _ => {}
        }
    }

    /// Records the outcome of the write in progress.
    fn conclude(&mut self, outcome: Outcome) {
        if let Some(write) = self.unfinished() {
            write.outcome = Some(outcome);
        }
    }

    fn fail(&mut self, error: &dyn fmt::Display) {
        if let Some(write) = self.unfinished() {
            write.failure = Some(error.to_string().into());
        }
    }

    /// Returns the write in progress, if there is one. A decision to drop the changes does not count as a write in
    /// progress, because it does not reach the store.
    fn unfinished(&mut self) -> Option<&mut Write> {
        self.writes.last_mut().filter(|write| {
            write.action != StoreAction::Drop && write.outcome.is_none() && write.failure.is_none()
        })
    }
}
