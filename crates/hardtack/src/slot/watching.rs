use std::marker::PhantomData;
use std::sync::Arc;

use hardtack_core::Error;
#[cfg(feature = "inspect")]
use hardtack_core::session::IdChange;
use hardtack_core::session::Settled;
use http::Extensions;

use crate::config::Config;
#[cfg(feature = "inspect")]
use crate::inspect::{Observer, SessionTrace, Timestamps, Write};
use crate::observe::Notes;
#[cfg(feature = "inspect")]
use crate::slot::{Data, Handles};
use crate::slot::{Open, StoreSession};

/// The notes about a layer's settings and an open session, which the `observe` module does not know of. These methods
/// are empty without the feature, too.
#[cfg_attr(not(feature = "inspect"), expect(unused_variables, reason = "there is nobody to note it for"))]
impl Notes {
    /// Creates the notes of one request in one layer. They go to the observer in the request's extensions, if there is
    /// one.
    #[inline(always)]
    pub(crate) fn of<K: 'static>(
        marker: PhantomData<fn() -> K>,
        config: &Result<Arc<Config>, Arc<Error>>,
        extensions: &Extensions,
    ) -> Self {
        Self {
            #[cfg(feature = "inspect")]
            // A layer that is applied twice has one session, and the outer one has already begun its trace.
            trace: extensions.get::<Observer>().filter(|_| !Handles::has_same::<K>(extensions, config)).map(|observer| {
                let layer = config.as_ref().map(|config| Arc::clone(&config.layer_info));
                observer.trace(marker, layer)
            }),
        }
    }

    /// Records that the session is being opened.
    #[inline(always)]
    pub(crate) fn opening(&self, config: &Config) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.open_at(config.now()));
    }

    /// Records the session as the request begins with it.
    #[inline(always)]
    pub(crate) fn found(&self, open: &Open) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.find(open));
    }

    /// Records the session as an early save finds it, and what is to be done.
    #[inline(always)]
    pub(crate) fn saving(&self, session: &StoreSession, settled: Settled) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.save(session, settled));
    }

    /// Records the session as the request leaves it.
    #[inline(always)]
    pub(crate) fn closing(&self, open: &Open) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.leave(open.data(), open.user()));
    }

    /// Records what the end of the request does to a session kept in its cookie.
    #[inline(always)]
    pub(crate) fn sealed(&self, config: &Config, settled: Settled) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.seal(settled, config.now(), &config.layer_info));
    }
}

#[cfg(feature = "inspect")]
impl SessionTrace {
    fn find(&mut self, open: &Open) {
        let data = open.data();
        self.origin = Some(data.origin);
        self.before = Some(data.base.as_text().into());
        self.after.clone_from(&self.before);
        self.user_before = open.user();
        self.user.clone_from(&self.user_before);
        if let Open::Store(session) = open
            && let Some(located) = &session.located
        {
            self.timestamps = Some(Timestamps::stored(&located.record));
        }
    }

    fn save(&mut self, session: &StoreSession, settled: Settled) {
        self.leave(&session.data, session.user());
        self.writes.push(Write::early(settled));
    }

    fn leave(&mut self, data: &Data, user: Option<String>) {
        let whole = data.changes.whole(&data.base);
        self.note_changes(&data.base, &whole);
        self.id_change = if data.id_change == IdChange::Stay { self.id_change } else { data.id_change };
        self.user = user;
        self.after = Some(whole.as_text().into());
    }
}
