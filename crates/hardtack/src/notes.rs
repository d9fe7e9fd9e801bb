use std::marker::PhantomData;
use std::sync::Arc;
#[cfg(feature = "inspect")]
use std::sync::{Mutex, PoisonError};

use hardtack_core::Error;
use hardtack_core::crypto::{Rejection, Unsealed, Verified};
use hardtack_core::session::Settled;
use hardtack_core::store::{Committed, Opened, StoreError};
use http::Extensions;

use crate::config::Config;
#[cfg(feature = "inspect")]
use crate::inspect::{Account, Timed, Verdict, Witness};
use crate::slot::Open;

/// What is noted of a request's session, for who watches it.
///
/// Without the feature `inspect` it has no size and its methods no instructions, so that what they are called from
/// reads the same either way.
#[derive(Clone)]
pub(crate) struct Notes {
    /// Written in short pieces between which other code runs, so a plain mutex. `None` if nobody watches.
    #[cfg(feature = "inspect")]
    account: Option<Arc<Mutex<Account>>>,
}

// What is not there has no room in any slot or future.
#[cfg(not(feature = "inspect"))]
const _: () = assert!(size_of::<Notes>() == 0);

/// Every method is empty without the feature, and its arguments are what is there anyway.
#[cfg_attr(not(feature = "inspect"), expect(unused_variables, reason = "there is nobody to note it for"))]
impl Notes {
    /// The notes of one request in one layer: somebody may have put a witness into its extensions.
    #[inline(always)]
    pub(crate) fn of<K>(
        marker: PhantomData<fn() -> K>,
        config: &Result<Arc<Config>, Arc<Error>>,
        extensions: &Extensions,
    ) -> Self {
        Self {
            #[cfg(feature = "inspect")]
            account: extensions.get::<Witness>().map(|witness| witness.account(marker, config)),
        }
    }

    /// The session is asked for.
    #[inline(always)]
    pub(crate) fn opening(&self, config: &Config) {
        #[cfg(feature = "inspect")]
        self.write(|account| account.open_at(config.now()));
    }

    /// A cookie of its name is looked at.
    #[inline(always)]
    pub(crate) fn candidate(&self, value: &[u8]) {
        #[cfg(feature = "inspect")]
        self.write(|account| account.look_at(value));
    }

    /// It is genuine, and signed.
    #[inline(always)]
    pub(crate) fn verified(&self, config: &Config, signed: &Verified) {
        #[cfg(feature = "inspect")]
        self.write(|account| account.verify(signed, config));
    }

    /// It is genuine, and encrypted.
    #[inline(always)]
    pub(crate) fn unsealed(&self, config: &Config, sealed: &Unsealed) {
        #[cfg(feature = "inspect")]
        self.write(|account| account.unseal(sealed, config));
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

    /// The session as the request begins with it.
    #[inline(always)]
    pub(crate) fn found(&self, open: &Open) {
        #[cfg(feature = "inspect")]
        self.write(|account| account.find(open));
    }

    /// The session as an early save finds it, and what is to be done.
    #[inline(always)]
    pub(crate) fn saving(&self, open: &Open, settled: Settled) {
        #[cfg(feature = "inspect")]
        self.write(|account| account.save(open, settled));
    }

    /// The session as the request leaves it.
    #[inline(always)]
    pub(crate) fn closing(&self, open: &Open) {
        #[cfg(feature = "inspect")]
        self.write(|account| account.leave(open));
    }

    /// What its end is to do in the store.
    #[inline(always)]
    pub(crate) fn settled(&self, settled: Settled) {
        #[cfg(feature = "inspect")]
        self.write(|account| account.settle(settled));
    }

    /// What its end does to a session kept in its cookie.
    #[inline(always)]
    pub(crate) fn sealed(&self, config: &Config, settled: Settled) {
        #[cfg(feature = "inspect")]
        self.write(|account| account.seal(settled, config.now(), &config.portrait));
    }

    /// What a commit came to.
    #[inline(always)]
    pub(crate) fn committed(&self, committed: &Result<Committed, StoreError>) {
        #[cfg(feature = "inspect")]
        self.write(|account| account.commit(committed));
    }

    /// The response is an error, for a developer's mistake.
    #[inline(always)]
    pub(crate) fn mistake(&self, sentence: &'static str) {
        #[cfg(feature = "inspect")]
        self.write(|account| account.mistake = Some(sentence.into()));
    }

    /// A store whose calls are noted too.
    #[cfg(feature = "inspect")]
    pub(crate) fn timed<S>(self, store: Arc<S>) -> Timed<S> {
        Timed::new(store, self)
    }

    /// The store as it is.
    #[cfg(not(feature = "inspect"))]
    #[inline(always)]
    pub(crate) fn timed<S>(self, store: Arc<S>) -> Arc<S> {
        store
    }

    #[cfg(feature = "inspect")]
    pub(crate) fn write(&self, note: impl FnOnce(&mut Account)) {
        if let Some(account) = &self.account {
            note(&mut account.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}
