use std::marker::PhantomData;
use std::sync::Arc;

use hardtack_core::Error;
use hardtack_core::protocol::Settled;
#[cfg(feature = "inspect")]
use hardtack_core::protocol::{Content, IdChange};
use hardtack_core::store::Committed;
#[cfg(feature = "inspect")]
use hardtack_core::store::Outcome;
use http::Extensions;

use crate::config::Config;
#[cfg(feature = "inspect")]
use crate::inspect::{Observer, SessionTrace, Timestamps, Write};
use crate::observe::Trace;
#[cfg(feature = "inspect")]
use crate::slot::{Data, Handles};
use crate::slot::{Open, StoreSession};

/// The methods that record snapshots of a session, which events do not contain. Without the feature `inspect`, these
/// methods are empty.
#[cfg_attr(not(feature = "inspect"), expect(unused_variables, reason = "there is no observer"))]
impl Trace {
    /// Begins the trace of one request in one layer, for the observer in the request's extensions, if there is one.
    #[inline(always)]
    pub(crate) fn of<K: 'static>(
        marker: PhantomData<fn() -> K>,
        config: &Result<Arc<Config>, Arc<Error>>,
        extensions: &Extensions,
    ) -> Self {
        Self {
            #[cfg(feature = "inspect")]
            // If a layer is applied twice, there is one session, and the outer service has already begun its trace.
            session: extensions.get::<Observer>().filter(|_| !Handles::has_same::<K>(extensions, config)).map(|observer| {
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

    /// Records a cookie with the session's name, before the cookie is examined.
    #[inline(always)]
    pub(crate) fn candidate(&self, value: &[u8]) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.look_at(value));
    }

    /// Records the session as it is when the request opens it.
    #[inline(always)]
    pub(crate) fn found(&self, open: &Open) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.find(open));
    }

    /// Records the session as it is before an early save, and the decision on what to save.
    #[inline(always)]
    pub(crate) fn saving(&self, session: &StoreSession, settled: Settled) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.save(session, settled));
    }

    /// Records the session as it is when the request ends.
    #[inline(always)]
    pub(crate) fn closing(&self, open: &Open) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.leave(open.data(), open.user()));
    }

    /// Records the decision on what to write to the store at the end of the request.
    #[inline(always)]
    pub(crate) fn settled(&self, settled: Settled) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.settle(settled));
    }

    /// Records the decision on how to write a session to its cookie at the end of the request.
    #[inline(always)]
    pub(crate) fn sealed(&self, config: &Config, settled: Settled) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.seal(settled, config.now(), &config.layer_info));
    }

    /// Records the session as it is in the store after a commit.
    #[inline(always)]
    pub(crate) fn committed(&self, committed: &Committed) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.commit(committed));
    }

    /// Records that the response is an error because of a developer's mistake.
    #[inline(always)]
    pub(crate) fn mistake(&self, sentence: &str) {
        #[cfg(feature = "inspect")]
        self.write(|trace| trace.mistake = Some(sentence.to_owned().into()));
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
        self.add_changes(&data.base, &whole);
        self.id_change = if data.id_change == IdChange::Stay { self.id_change } else { data.id_change };
        self.user = user;
        self.after = Some(whole.as_text().into());
    }

    fn commit(&mut self, committed: &Committed) {
        if let Some(located) = &committed.located {
            self.timestamps = Some(Timestamps::stored(&located.record));
            if let Ok(Content::Live(merged)) = Content::from_data(&located.record.data) {
                self.after = Some(merged.as_text().into());
            }
        }
        if matches!(committed.outcome, Outcome::Ended | Outcome::Dropped) {
            (self.after, self.timestamps) = (None, None);
        }
    }
}
