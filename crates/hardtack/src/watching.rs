use std::marker::PhantomData;
use std::sync::Arc;

use hardtack_core::Error;
use hardtack_core::session::Settled;
#[cfg(feature = "inspect")]
use hardtack_core::session::Turn;
use http::Extensions;

use crate::config::Config;
#[cfg(feature = "inspect")]
use crate::handles::Handles;
#[cfg(feature = "inspect")]
use crate::inspect::{Account, Moments, Witness, Write};
use crate::notes::Notes;
use crate::slot::Open;
#[cfg(feature = "inspect")]
use crate::slot::Standing;

/// What is noted of a layer's settings and of an open session, which the notes themselves know nothing of. Every method
/// is empty without the feature, too.
#[cfg_attr(not(feature = "inspect"), expect(unused_variables, reason = "there is nobody to note it for"))]
impl Notes {
    /// The notes of one request in one layer: somebody may have put a witness into its extensions.
    #[inline(always)]
    pub(crate) fn of<K: 'static>(
        marker: PhantomData<fn() -> K>,
        config: &Result<Arc<Config>, Arc<Error>>,
        extensions: &Extensions,
    ) -> Self {
        Self {
            #[cfg(feature = "inspect")]
            // A layer that is applied twice has one session, whose account the outer one has begun.
            account: extensions.get::<Witness>().filter(|_| !Handles::has_same::<K>(extensions, config)).map(|witness| {
                let layer = config.as_ref().map(|config| Arc::clone(&config.portrait));
                witness.account(marker, layer)
            }),
        }
    }

    /// The session is asked for.
    #[inline(always)]
    pub(crate) fn opening(&self, config: &Config) {
        #[cfg(feature = "inspect")]
        self.write(|account| account.open_at(config.now()));
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

    /// What its end does to a session kept in its cookie.
    #[inline(always)]
    pub(crate) fn sealed(&self, config: &Config, settled: Settled) {
        #[cfg(feature = "inspect")]
        self.write(|account| account.seal(settled, config.now(), &config.portrait));
    }
}

#[cfg(feature = "inspect")]
impl Account {
    fn find(&mut self, open: &Open) {
        self.origin = Some(open.origin);
        self.before = Some(open.base.as_text().into());
        self.after.clone_from(&self.before);
        self.user_before = open.user();
        self.user.clone_from(&self.user_before);
        if let Standing::Stored(place) = &open.standing {
            self.moments = Some(Moments::stored(&place.record));
        }
    }

    fn save(&mut self, open: &Open, settled: Settled) {
        self.leave(open);
        self.writes.push(Write::early(settled));
    }

    fn leave(&mut self, open: &Open) {
        let whole = open.changes.whole(&open.base);
        self.note_changes(&open.base, &whole);
        self.turn = if open.turn == Turn::Stay { self.turn } else { open.turn };
        self.user = open.user();
        self.after = Some(whole.as_text().into());
    }
}
