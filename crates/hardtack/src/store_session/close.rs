use std::sync::Arc;

use hardtack_core::protocol::{
    CookieAction, Facts, IdChange, Origin, SessionId, Settled, StoreAction, settle,
};
use hardtack_core::store::{Committed, Outcome, StoreError};
use http::StatusCode;

use crate::config::{Config, Expiry};
use crate::observe::{EventKind, Subject};
use crate::slot::{Ending, Headers, Slot, StoreSession, TOO_LARGE, TooLarge};
use crate::store_session::commit::commit_of;
use crate::store_session::intent::unmerged;
use crate::store_session::underway::Underway;

/// The result of closing a session.
pub(crate) enum Closing {
    /// The response can be sent.
    Done(Ending),
    /// The session must be written to the store before the response can be sent.
    After(Underway, Pending),
}

/// The facts that determine the response once the write has finished.
pub(crate) struct Pending {
    settled: Settled,
    /// The change to the cookie that an early save has left, unless this write supersedes it.
    pending_cookie: CookieAction,
    id: Option<SessionId>,
    expiry: Expiry,
    /// Whether the response is a 500 even if the write succeeds.
    is_mistake: bool,
    origin: Origin,
    /// The total size of all cookies that the browser sent, in bytes.
    sent_bytes: usize,
}

/// Settles a session, and starts to write it.
pub(crate) fn close(slot: &Arc<Slot>, session: Box<StoreSession>, status: StatusCode) -> Closing {
    if session.unsure {
        return Closing::Done(Ending::Unavailable);
    }
    match session.data.mistake {
        Some(mistake) => close_mistaken(slot, session, mistake),
        None => settle_and_write(slot, session, status),
    }
}

/// Closes a session after a developer's mistake. No changes are stored, because they are not what the developer
/// intended. Only a logout is still carried out.
#[cold]
fn close_mistaken(slot: &Arc<Slot>, mut session: Box<StoreSession>, sentence: &'static str) -> Closing {
    slot.trace.mistake(sentence);
    if !session.data.keep_only_logout() {
        return Closing::Done(Ending::mistake());
    }
    match settle_and_write(slot, session, StatusCode::INTERNAL_SERVER_ERROR) {
        Closing::After(commit, pending) => Closing::After(commit, Pending { is_mistake: true, ..pending }),
        Closing::Done(_) => Closing::Done(Ending::mistake()),
    }
}

fn settle_and_write(slot: &Arc<Slot>, session: Box<StoreSession>, status: StatusCode) -> Closing {
    let config = &*slot.config;
    let settled = settle(facts(config, &session, status));
    if let Some(excess) = excess(&session, settled.action) {
        excess.log();
        return close_mistaken(slot, session, TOO_LARGE);
    }
    slot.trace.settled(settled);
    let only_vary = Headers::without_cookie(config, settled.vary, session.data.origin);
    match (settled.action, settled.cookie, session.pending_cookie) {
        // Most requests only read.
        (StoreAction::Nothing, CookieAction::Nothing, CookieAction::Nothing) => {
            return Closing::Done(Ending::Add(only_vary));
        }
        (StoreAction::Drop, ..) => {
            slot.emit(Subject::default(), EventKind::Dropped);
            return Closing::Done(Ending::Add(only_vary));
        }
        _ => {}
    }
    let sets = [settled.cookie, session.pending_cookie].contains(&CookieAction::Set);
    let expiry = if sets { session.cookie_expiry(config) } else { Expiry::Browser };
    let pending = Pending {
        settled,
        pending_cookie: session.pending_cookie,
        id: session.id,
        expiry,
        origin: session.data.origin,
        sent_bytes: session.data.sent_bytes,
        is_mistake: false,
    };
    let backend = Arc::clone(&session.backend);
    match settled.action {
        StoreAction::Nothing => Closing::Done(Ending::Add(pending.headers(config, None))),
        action => match commit_of(config, session, action) {
            Some(commit) => Closing::After(Underway::new(slot, backend, commit), pending),
            None => Closing::Done(Ending::Unavailable),
        },
    }
}

/// Returns the facts that decide how the request ends.
pub(crate) fn facts(config: &Config, session: &StoreSession, status: StatusCode) -> Facts {
    let mut facts = session.data.facts(status);
    facts.dirty |= session.label.given.is_some();
    // A write also records the session's use, so no touch is needed.
    facts.touch_due = !facts.dirty
        && session
            .located
            .as_ref()
            .is_some_and(|located| located.is_touch_due(&session.backend.lifetime, config.now()));
    facts
}

/// Returns an error if a session is larger than its limit, and the action writes its data.
pub(crate) fn excess(session: &StoreSession, action: StoreAction) -> Option<TooLarge> {
    match action {
        StoreAction::Create | StoreAction::Replace | StoreAction::Renew | StoreAction::Sever => {
            TooLarge::for_store(&session.data, session.backend.max_size)
        }
        StoreAction::Nothing | StoreAction::Touch | StoreAction::End | StoreAction::Drop => None,
    }
}

impl StoreSession {
    /// Returns how long the browser should keep the cookie.
    fn cookie_expiry(&self, config: &Config) -> Expiry {
        if !self.data.is_permanent() {
            return Expiry::Browser;
        }
        // Most responses do not set the cookie again, so the cookie must last as long as the session can.
        let left = match (&self.located, self.data.id_change) {
            (Some(located), IdChange::Stay | IdChange::Renew | IdChange::LogOut) => {
                located.record.deadline.duration_since(config.now()).unwrap_or_default()
            }
            _ => self.backend.lifetime.absolute_timeout(),
        };
        Expiry::After(left)
    }
}

impl Pending {
    /// Returns what to do with the response now that the store has answered.
    pub(crate) fn finish(self, config: &Config, committed: &Result<Committed, StoreError>) -> Ending {
        match committed {
            Ok(_) if self.is_mistake => Ending::mistake(),
            Ok(committed) => Ending::Add(self.headers(config, Some(committed))),
            // If a touch fails, no data is lost. The session may end a little early, unless its next use is recorded.
            Err(_) if self.settled.action == StoreAction::Touch => Ending::Add(self.headers(config, None)),
            Err(error) if unmerged(error).is_some() => Ending::mistake(),
            Err(_) => Ending::Unavailable,
        }
    }

    fn headers(self, config: &Config, committed: Option<&Committed>) -> Headers {
        let action = match (committed.map(|committed| committed.outcome), self.settled.cookie) {
            // The session has been ended by another request. A late response must not log anyone in or out.
            (Some(Outcome::Dropped), _) => CookieAction::Nothing,
            (_, CookieAction::Nothing) => self.pending_cookie,
            (_, action) => action,
        };
        let cookie = match action {
            CookieAction::Nothing => None,
            CookieAction::Remove => Some(config.cookie.removal()),
            CookieAction::Set => {
                let id = committed.map_or(self.id, |committed| committed.id_to_send(self.id));
                id.and_then(|id| config.cookie.set(&id.to_text(), self.expiry))
            }
        };
        match cookie {
            Some(cookie) => Headers::with_cookie(cookie, self.sent_bytes),
            None => Headers::without_cookie(config, self.settled.vary, self.origin),
        }
    }
}
