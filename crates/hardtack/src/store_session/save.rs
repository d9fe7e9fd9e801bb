use std::mem;

use hardtack_core::protocol::{Changes, Content, CookieAction, Dictionary, IdChange, Origin, Settled};
use hardtack_core::store::{Committed, Located, Outcome};

use crate::slot::{Data, StoreSession};

/// The methods that an early save calls on an open session.
impl StoreSession {
    /// Moves the changes into a separate session, which is to be committed. Later reads see the data as it will be
    /// after the commit.
    pub(crate) fn part(&mut self) -> Box<Self> {
        let whole = self.data.changes.whole(&self.data.base);
        let base = mem::replace(&mut self.data.base, whole);
        let mut parted = Self::new(&self.backend, self.data.origin, base, self.located.take());
        parted.data.changes = mem::take(&mut self.data.changes);
        // A login, logout, or renewal from here on belongs to a later save.
        parted.data.id_change = mem::take(&mut self.data.id_change);
        parted.owner = self.owner.clone();
        parted.label = mem::take(&mut self.label);
        parted
    }

    /// Continues the session from the result of a commit, and returns the changes that are discarded, if any. If the
    /// user logged in or out in the meantime, that login or logout remains in effect.
    pub(crate) fn resume(&mut self, settled: Settled, committed: Committed) -> Option<Changes> {
        self.unsure = false;
        match (committed.outcome, committed.located) {
            (Outcome::Dropped, _) => return Some(self.discard()),
            (_, Some(located)) => {
                self.data.base = data_of(&located);
                if matches!(self.data.id_change, IdChange::Stay | IdChange::Renew) {
                    self.owner = located.record.owner().cloned();
                }
                self.lineage = located.record.lineage().copied();
                self.located = Some(located);
                if committed.id.is_some() {
                    self.data.origin = Origin::Live;
                }
            }
            (_, None) => {
                self.data.base = Dictionary::new();
                self.data.origin = Origin::New;
            }
        }
        self.id = committed.id.or(self.id);
        if settled.cookie != CookieAction::Nothing {
            self.pending_cookie = settled.cookie;
        }
        None
    }

    /// Discards the session, which another request has ended, and returns the changes that were to be written. Later
    /// changes are dropped too. Only a login is kept, because it does not depend on the old session.
    pub(crate) fn discard(&mut self) -> Changes {
        let Data { id_change, accessed, sent_bytes, mistake, .. } = self.data;
        let data =
            Data { used: true, accessed, sent_bytes, mistake, ..Data::new(Origin::Ended, Dictionary::new()) };
        let Data { changes, .. } = mem::replace(&mut self.data, data);
        let owner = self.owner.take();
        self.located = None;
        self.lineage = None;
        self.id = None;
        self.pending_cookie = CookieAction::Nothing;
        if id_change == IdChange::LogIn {
            (self.data.changes, self.data.id_change, self.owner) = (changes, id_change, owner);
            return Changes::new();
        }
        changes
    }
}

/// Returns the data of a session that has just been written. The data may include the changes of other requests.
fn data_of(located: &Located) -> Dictionary {
    let content = Content::from_data(&located.record.data);
    content.ok().and_then(Content::into_live).expect("the committed session is live")
}
