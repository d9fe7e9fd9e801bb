use std::borrow::Cow;
#[cfg(feature = "inspect")]
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hardtack_core::crypto::{Rejection, Sealer, Signer, Unsealed, Verified};
use hardtack_core::session::Settled;
use hardtack_core::store::{Committed, Opened, StoreError};

#[cfg(feature = "inspect")]
use crate::inspect::{SessionTrace, Verdict};

/// The notes about a request's session, for an observer.
///
/// Without the feature `inspect`, the type has no size and its methods compile to nothing, so that the code that calls
/// them is the same either way.
#[derive(Clone)]
pub(crate) struct Notes {
    /// A plain mutex, because it is locked only for short writes, between which other code runs. `None` without a
    /// observer.
    #[cfg(feature = "inspect")]
    pub(crate) trace: Option<Arc<Mutex<SessionTrace>>>,
}

// Without the feature, the notes take up no space in a slot or future.
#[cfg(not(feature = "inspect"))]
const _: () = assert!(size_of::<Notes>() == 0);

/// Without the feature, every method is empty, and its arguments are values that exist anyway.
#[cfg_attr(not(feature = "inspect"), expect(unused_variables, reason = "there is nobody to note it for"))]
impl Notes {
    /// Records that a cookie of the session's name is examined.
    #[inline(always)]
    pub(crate) fn candidate(&self, value: &[u8]) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.look_at(value));
    }

    /// Records that the cookie's signature was verified. This proves that the cookie is authentic.
    #[inline(always)]
    pub(crate) fn verified(&self, signed: &Verified, signer: &Signer, max_age: Duration) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.verify(signed, signer, max_age));
    }

    /// Records that the cookie was decrypted. This proves that the cookie is authentic.
    #[inline(always)]
    pub(crate) fn unsealed(&self, sealed: &Unsealed, sealer: &Sealer) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.unseal(sealed, sealer));
    }

    /// Records that the cookie was rejected.
    #[inline(always)]
    pub(crate) fn rejected(&self, rejection: Rejection) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.judge(Verdict::Rejected(rejection)));
    }

    /// Records that the cookie is not in the format of a session id.
    #[inline(always)]
    pub(crate) fn no_id(&self) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.judge(Verdict::NoId));
    }

    /// Records the result of looking up the id.
    #[inline(always)]
    pub(crate) fn looked_up(&self, opened: &Opened) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.look_up(opened));
    }

    /// Records what is to be written to the store at the end of the request.
    #[inline(always)]
    pub(crate) fn settled(&self, settled: Settled) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.settle(settled));
    }

    /// Records the outcome of a commit.
    #[inline(always)]
    pub(crate) fn committed(&self, committed: &Result<Committed, StoreError>) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.commit(committed));
    }

    /// Records that the response is an error because of a developer's mistake.
    #[inline(always)]
    pub(crate) fn mistake(&self, sentence: impl Into<Cow<'static, str>>) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.mistake = Some(sentence.into()));
    }

    #[cfg(feature = "inspect")]
    pub(crate) fn write(&self, note: impl FnOnce(&mut SessionTrace)) {
        if let Some(trace) = &self.trace {
            note(&mut trace.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}
