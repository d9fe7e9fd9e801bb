use std::borrow::Cow;
#[cfg(feature = "inspect")]
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hardtack_core::crypto::{Rejection, Sealer, Signer, Unsealed, Verified};
use hardtack_core::session::Settled;
use hardtack_core::store::{Committed, Opened, StoreError};

#[cfg(feature = "inspect")]
use crate::inspect::{Account, Verdict};

/// What is noted of a request's session, for who watches it.
///
/// Without the feature `inspect` it has no size and its methods no instructions, so that what they are called from
/// reads the same either way.
#[derive(Clone)]
pub(crate) struct Notes {
    /// Written in short pieces between which other code runs, so a plain mutex. `None` if nobody watches.
    #[cfg(feature = "inspect")]
    pub(crate) account: Option<Arc<Mutex<Account>>>,
}

// What is not there has no room in any slot or future.
#[cfg(not(feature = "inspect"))]
const _: () = assert!(size_of::<Notes>() == 0);

/// Every method is empty without the feature, and its arguments are what is there anyway.
#[cfg_attr(not(feature = "inspect"), expect(unused_variables, reason = "there is nobody to note it for"))]
impl Notes {
    /// A cookie of its name is looked at.
    #[inline(always)]
    pub(crate) fn candidate(&self, value: &[u8]) {
        #[cfg(feature = "inspect")]
        self.write(|account| account.look_at(value));
    }

    /// It is genuine, and signed.
    #[inline(always)]
    pub(crate) fn verified(&self, signed: &Verified, signer: &Signer, max_age: Duration) {
        #[cfg(feature = "inspect")]
        self.write(|account| account.verify(signed, signer, max_age));
    }

    /// It is genuine, and encrypted.
    #[inline(always)]
    pub(crate) fn unsealed(&self, sealed: &Unsealed, sealer: &Sealer) {
        #[cfg(feature = "inspect")]
        self.write(|account| account.unseal(sealed, sealer));
    }

    /// It is not believed.
    #[inline(always)]
    pub(crate) fn rejected(&self, rejection: Rejection) {
        #[cfg(feature = "inspect")]
        self.write(|account| account.judge(Verdict::Rejected(rejection)));
    }

    /// It does not look like a session's id.
    #[inline(always)]
    pub(crate) fn no_id(&self) {
        #[cfg(feature = "inspect")]
        self.write(|account| account.judge(Verdict::NoId));
    }

    /// What its id led to.
    #[inline(always)]
    pub(crate) fn looked_up(&self, opened: &Opened) {
        #[cfg(feature = "inspect")]
        self.write(|account| account.look_up(opened));
    }

    /// What its end is to do in the store.
    #[inline(always)]
    pub(crate) fn settled(&self, settled: Settled) {
        #[cfg(feature = "inspect")]
        self.write(|account| account.settle(settled));
    }

    /// What a commit came to.
    #[inline(always)]
    pub(crate) fn committed(&self, committed: &Result<Committed, StoreError>) {
        #[cfg(feature = "inspect")]
        self.write(|account| account.commit(committed));
    }

    /// The response is an error, for a developer's mistake.
    #[inline(always)]
    pub(crate) fn mistake(&self, sentence: impl Into<Cow<'static, str>>) {
        #[cfg(feature = "inspect")]
        self.write(|account| account.mistake = Some(sentence.into()));
    }

    #[cfg(feature = "inspect")]
    pub(crate) fn write(&self, note: impl FnOnce(&mut Account)) {
        if let Some(account) = &self.account {
            note(&mut account.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}
