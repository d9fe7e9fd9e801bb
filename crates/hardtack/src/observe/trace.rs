#[cfg(feature = "inspect")]
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hardtack_core::crypto::{Sealer, Signer, Unsealed, Verified};

#[cfg(feature = "inspect")]
use crate::inspect::SessionTrace;
use crate::observe::EventKind;

/// The inspector's trace of one request's session, if an observer asked for one.
///
/// Events do not contain the session's data, so a trace consists of two parts: the events, and snapshots of the session
/// that the [slot](crate::slot) takes. Without the feature `inspect`, the type has no size and its methods compile to
/// nothing, so that the code that calls them is the same either way.
#[derive(Clone)]
pub(crate) struct Trace {
    /// A plain mutex, because it is locked only for short writes, between which other code runs. `None` without an
    /// observer.
    #[cfg(feature = "inspect")]
    pub(crate) session: Option<Arc<Mutex<SessionTrace>>>,
}

// Without the feature, a trace takes up no space in a slot or future.
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

    /// Records that a cookie's signature was verified. This proves that the cookie is authentic.
    #[inline(always)]
    #[cfg_attr(not(feature = "inspect"), expect(unused_variables, reason = "there is no observer"))]
    pub(crate) fn verified(&self, signed: &Verified, signer: &Signer, max_age: Duration) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.verify(signed, signer, max_age));
    }

    /// Records that a cookie was decrypted. This proves that the cookie is authentic.
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
