/// The facts about a session when its request ends: the complete input of [`settle`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Facts {
    /// Where the session came from.
    pub origin: Origin,
    /// The change that the request makes to the id of the session.
    pub id_change: IdChange,
    /// Whether anything was read or written.
    pub used: bool,
    /// Whether there are changes to persist.
    pub dirty: bool,
    /// Whether the session has no keys left.
    pub empty: bool,
    /// Whether the cookie was switched between expiring with the browser and being permanent.
    pub expiry_changed: bool,
    /// Whether the use of the session must be recorded. Always `false` for sessions kept in cookies.
    pub touch_due: bool,
    /// Whether the handler failed or timed out (a 5xx or 408 response). In this case, the session is saved only for a
    /// login or logout.
    pub failed: bool,
}

impl Facts {
    /// Creates the facts about a session that was not used and that keeps its id. The other facts are `false`.
    #[inline]
    #[must_use]
    pub const fn new(origin: Origin) -> Self {
        Self {
            origin,
            id_change: IdChange::Stay,
            used: false,
            dirty: false,
            empty: false,
            expiry_changed: false,
            touch_due: false,
            failed: false,
        }
    }
}

/// Where a request's session came from.
///
/// The enum is exhaustive: a new origin needs its own rows in the decision table, and its own code in every
/// integration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// There was no valid session: the request had no cookie, or a cookie that was forged, expired, or unknown.
    New,
    /// The cookie contains this session or its id.
    Live,
    /// The cookie contains an old id of a session that has been renewed. This session is its successor.
    Forwarded,
    /// The cookie contains the id of a session that a login or logout has ended, or whose successor is gone. Only a
    /// login writes anything: it creates a new session.
    Ended,
}

/// The change that this request makes to the id of its session.
///
/// The enum is exhaustive: an integration that overlooked a new variant would keep an id that must be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IdChange {
    /// The id stays the same.
    #[default]
    Stay,
    /// The id is replaced. Concurrent requests with the old id are still served.
    Renew,
    /// The id is replaced, and the session gets a user. Concurrent requests with the old id get no session.
    LogIn,
    /// The session ends, or gets a new id if it still has keys. Concurrent requests with the old id get no session.
    LogOut,
}

/// The decision about a session when its request ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settled {
    /// The write to perform.
    pub action: StoreAction,
    /// The change to the cookie, if the write succeeds as planned.
    pub cookie: CookieAction,
    /// Whether the response depends on the cookie, and needs `Vary: Cookie`.
    pub vary: bool,
}

/// The write to perform. For a session that is stored in its cookie, the cookie is the only thing to write.
///
/// The enum is exhaustive: an integration that overlooked a new action would lose the write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreAction {
    /// Write nothing.
    Nothing,
    /// Record only the time of the last use.
    Touch,
    /// Create a record under a new id, without a predecessor.
    Create,
    /// Write a new version under the same id.
    Replace,
    /// Create a successor, and replace the old record with a tombstone that forwards to it.
    Renew,
    /// Create a successor, and replace the old record with a tombstone that marks the session as ended.
    Sever,
    /// Replace the record with a tombstone that marks the session as ended.
    End,
    /// Write nothing, although there were changes: the session was ended in the meantime.
    Drop,
}

/// The change that the response makes to the cookie.
///
/// The enum is exhaustive, because a response can do nothing else to a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieAction {
    /// Leave the cookie unchanged.
    Nothing,
    /// Set the cookie.
    Set,
    /// Remove the cookie.
    Remove,
}

/// Decides what to do with a stored session when its request ends.
///
/// There is no "destroyed" state: destroying a session means clearing it and logging out. A session that was only
/// emptied is saved empty, so that keys inserted by a concurrent request survive. If the id is unknown or has expired,
/// the cookie is not removed, because the removal could delete a newer cookie.
///
/// ```
/// use hardtack_core::protocol::{StoreAction, CookieAction, Facts, Origin, IdChange, settle};
///
/// let mut facts = Facts::new(Origin::Live);
/// facts.used = true;
/// assert_eq!(settle(facts).action, StoreAction::Nothing);
/// assert!(settle(facts).vary);
///
/// (facts.id_change, facts.dirty) = (IdChange::LogIn, true);
/// let logged_in = settle(facts);
/// assert_eq!((logged_in.action, logged_in.cookie), (StoreAction::Sever, CookieAction::Set));
/// ```
pub fn settle(facts: Facts) -> Settled {
    use CookieAction::{Nothing, Remove, Set};
    let severs = matches!(facts.id_change, IdChange::LogIn | IdChange::LogOut);
    let (action, cookie) = match (facts.origin, facts.id_change) {
        _ if facts.failed && !severs => (StoreAction::Nothing, Nothing),
        (Origin::New | Origin::Ended, IdChange::LogIn) => (StoreAction::Create, Set),
        (Origin::New, _) if facts.dirty && !facts.empty => (StoreAction::Create, Set),
        (Origin::New, _) => (StoreAction::Nothing, Nothing),
        (Origin::Ended, _) if facts.dirty => (StoreAction::Drop, Nothing),
        (Origin::Ended, _) => (StoreAction::Nothing, Nothing),
        (Origin::Live | Origin::Forwarded, IdChange::LogIn) => (StoreAction::Sever, Set),
        (Origin::Live, IdChange::LogOut) if facts.empty => (StoreAction::End, Remove),
        (Origin::Live, IdChange::LogOut) => (StoreAction::Sever, Set),
        // A late logout ends the session to which the old id forwards, but must not change the newer cookie.
        (Origin::Forwarded, IdChange::LogOut) => (StoreAction::End, Nothing),
        (Origin::Live, IdChange::Renew) => (StoreAction::Renew, Set),
        (Origin::Live | Origin::Forwarded, IdChange::Stay | IdChange::Renew) if facts.dirty => {
            let resend = facts.origin == Origin::Live && facts.expiry_changed;
            (StoreAction::Replace, if resend { Set } else { Nothing })
        }
        (Origin::Live | Origin::Forwarded, IdChange::Stay | IdChange::Renew) if facts.touch_due => {
            (StoreAction::Touch, Nothing)
        }
        (Origin::Live | Origin::Forwarded, IdChange::Stay | IdChange::Renew) => {
            (StoreAction::Nothing, Nothing)
        }
    };
    Settled { action, cookie, vary: facts.used || cookie != Nothing }
}

/// Decides what to do with a session that is stored in its cookie when its request ends.
///
/// Emptying a session removes its cookie, if the browser had one. A request that only reads never sends a cookie,
/// because that could undo the changes of a concurrent request.
pub fn settle_in_cookie(facts: Facts) -> Settled {
    let severs = matches!(facts.id_change, IdChange::LogIn | IdChange::LogOut);
    let writes = facts.dirty || facts.id_change != IdChange::Stay;
    let (action, cookie) = match facts.origin {
        _ if facts.failed && !severs => (StoreAction::Nothing, CookieAction::Nothing),
        _ if !writes => (StoreAction::Nothing, CookieAction::Nothing),
        Origin::New if facts.empty => (StoreAction::Nothing, CookieAction::Nothing),
        _ if facts.empty => (StoreAction::End, CookieAction::Remove),
        Origin::New => (StoreAction::Create, CookieAction::Set),
        _ => (StoreAction::Replace, CookieAction::Set),
    };
    Settled { action, cookie, vary: facts.used || cookie != CookieAction::Nothing }
}

/// The facts that Flask 3.1 uses instead of [`Facts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct FlaskFacts {
    /// Whether a mutating method was called, even if it changed nothing.
    pub modified: bool,
    /// Whether the session has no keys left, not even `_permanent`.
    pub empty: bool,
    /// Whether the session is permanent and `SESSION_REFRESH_EACH_REQUEST` is on.
    pub refreshed: bool,
    /// Whether the session object was accessed.
    pub accessed: bool,
}

/// Decides like `SecureCookieSessionInterface.save_session` of Flask 3.1.
pub fn settle_like_flask(facts: FlaskFacts) -> Settled {
    let (action, cookie) = match facts {
        FlaskFacts { empty: true, modified: true, .. } => (StoreAction::End, CookieAction::Remove),
        FlaskFacts { empty: true, .. } => (StoreAction::Nothing, CookieAction::Nothing),
        FlaskFacts { modified, refreshed, .. } if modified || refreshed => {
            (StoreAction::Replace, CookieAction::Set)
        }
        _ => (StoreAction::Nothing, CookieAction::Nothing),
    };
    Settled { action, cookie, vary: facts.accessed || cookie != CookieAction::Nothing }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGINS: [Origin; 4] = [Origin::New, Origin::Live, Origin::Forwarded, Origin::Ended];
    const TURNS: [IdChange; 4] = [IdChange::Stay, IdChange::Renew, IdChange::LogIn, IdChange::LogOut];

    /// Returns every combination that can occur: a changed session was also used, and a login leaves a session with
    /// content.
    fn all() -> impl Iterator<Item = Facts> {
        ORIGINS.into_iter().flat_map(|origin| {
            TURNS.into_iter().flat_map(move |id_change| {
                (0..64_u32).map(move |bits| {
                    let bit = |at: u32| bits >> at & 1 == 1;
                    let (dirty, touch_due) = (bit(1), bit(4));
                    Facts {
                        origin,
                        id_change,
                        used: bit(0) || dirty || id_change != IdChange::Stay,
                        dirty: dirty || id_change == IdChange::LogIn,
                        empty: bit(2) && id_change != IdChange::LogIn,
                        expiry_changed: bit(3) && dirty,
                        touch_due,
                        failed: bit(5),
                    }
                })
            })
        })
    }

    /// The decision table, row by row: origin, id change, dirty, empty, touch due -> action, cookie.
    #[test]
    fn the_table() {
        use CookieAction as C;
        use StoreAction::*;
        type Row = (Origin, IdChange, bool, bool, bool, StoreAction, CookieAction);
        let rows: [Row; 31] = [
            (Origin::New, IdChange::Stay, false, true, false, Nothing, C::Nothing),
            (Origin::New, IdChange::Stay, true, true, false, Nothing, C::Nothing),
            (Origin::New, IdChange::Stay, true, false, false, Create, C::Set),
            (Origin::New, IdChange::Renew, false, true, false, Nothing, C::Nothing),
            (Origin::New, IdChange::Renew, true, false, false, Create, C::Set),
            (Origin::New, IdChange::LogIn, true, false, false, Create, C::Set),
            (Origin::New, IdChange::LogOut, false, true, false, Nothing, C::Nothing),
            (Origin::New, IdChange::LogOut, true, false, false, Create, C::Set),
            (Origin::Live, IdChange::Stay, false, false, false, Nothing, C::Nothing),
            (Origin::Live, IdChange::Stay, false, false, true, Touch, C::Nothing),
            (Origin::Live, IdChange::Stay, true, false, true, Replace, C::Nothing),
            (Origin::Live, IdChange::Stay, true, true, false, Replace, C::Nothing),
            (Origin::Live, IdChange::Renew, false, false, false, Renew, C::Set),
            (Origin::Live, IdChange::Renew, true, true, false, Renew, C::Set),
            (Origin::Live, IdChange::LogIn, true, false, false, Sever, C::Set),
            (Origin::Live, IdChange::LogOut, true, true, false, End, C::Remove),
            (Origin::Live, IdChange::LogOut, false, true, false, End, C::Remove),
            (Origin::Live, IdChange::LogOut, true, false, false, Sever, C::Set),
            (Origin::Forwarded, IdChange::Stay, false, false, false, Nothing, C::Nothing),
            (Origin::Forwarded, IdChange::Stay, false, false, true, Touch, C::Nothing),
            (Origin::Forwarded, IdChange::Stay, true, false, false, Replace, C::Nothing),
            (Origin::Forwarded, IdChange::Renew, false, false, false, Nothing, C::Nothing),
            (Origin::Forwarded, IdChange::Renew, true, false, false, Replace, C::Nothing),
            (Origin::Forwarded, IdChange::LogIn, true, false, false, Sever, C::Set),
            (Origin::Forwarded, IdChange::LogOut, true, true, false, End, C::Nothing),
            (Origin::Forwarded, IdChange::LogOut, true, false, false, End, C::Nothing),
            (Origin::Ended, IdChange::Stay, false, true, false, Nothing, C::Nothing),
            (Origin::Ended, IdChange::Stay, true, false, false, Drop, C::Nothing),
            (Origin::Ended, IdChange::Renew, true, false, false, Drop, C::Nothing),
            (Origin::Ended, IdChange::LogIn, true, false, false, Create, C::Set),
            (Origin::Ended, IdChange::LogOut, true, false, false, Drop, C::Nothing),
        ];
        for (origin, id_change, dirty, empty, touch_due, action, cookie) in rows {
            let facts = Facts {
                origin,
                id_change,
                used: true,
                dirty,
                empty,
                expiry_changed: false,
                touch_due,
                failed: false,
            };
            let settled = settle(facts);
            assert_eq!((settled.action, settled.cookie), (action, cookie), "{facts:?}");
        }
    }

    #[test]
    fn an_unused_session_leaves_no_trace() {
        for facts in all().filter(|facts| !facts.used && !facts.touch_due) {
            let nothing =
                Settled { action: StoreAction::Nothing, cookie: CookieAction::Nothing, vary: false };
            assert_eq!(settle(facts), nothing, "{facts:?}");
            assert_eq!(settle_in_cookie(facts), nothing, "{facts:?}");
        }
    }

    #[test]
    fn a_server_error_saves_nothing_but_a_severing() {
        for facts in all().filter(|facts| facts.failed) {
            let severs = matches!(facts.id_change, IdChange::LogIn | IdChange::LogOut);
            if severs {
                assert_eq!(settle(facts), settle(Facts { failed: false, ..facts }), "{facts:?}");
            } else {
                assert_eq!(settle(facts).action, StoreAction::Nothing, "{facts:?}");
                assert_eq!(settle_in_cookie(facts).action, StoreAction::Nothing, "{facts:?}");
            }
        }
    }

    #[test]
    fn a_cookie_goes_out_only_with_a_write() {
        for facts in all() {
            for settled in [settle(facts), settle_in_cookie(facts)] {
                if matches!(settled.action, StoreAction::Nothing | StoreAction::Touch | StoreAction::Drop) {
                    assert_eq!(settled.cookie, CookieAction::Nothing, "{facts:?}");
                }
                if settled.cookie != CookieAction::Nothing {
                    assert!(settled.vary, "{facts:?}");
                }
            }
        }
    }

    #[test]
    fn only_a_login_sends_a_cookie_to_a_late_request() {
        let late = |facts: &Facts| matches!(facts.origin, Origin::Forwarded | Origin::Ended);
        for facts in all().filter(late) {
            let expected =
                if facts.id_change == IdChange::LogIn { CookieAction::Set } else { CookieAction::Nothing };
            assert_eq!(settle(facts).cookie, expected, "{facts:?}");
        }
    }

    #[test]
    fn a_new_session_is_never_answered_with_a_removal() {
        for facts in all().filter(|facts| facts.origin == Origin::New) {
            assert_ne!(settle(facts).cookie, CookieAction::Remove, "{facts:?}");
            assert_ne!(settle_in_cookie(facts).cookie, CookieAction::Remove, "{facts:?}");
        }
    }

    #[test]
    fn o7_every_login_and_logout_changes_the_id() {
        for facts in all().filter(|facts| matches!(facts.id_change, IdChange::LogIn | IdChange::LogOut)) {
            let action = settle(facts).action;
            assert!(
                !matches!(action, StoreAction::Replace | StoreAction::Touch | StoreAction::Renew),
                "{facts:?}"
            );
        }
    }

    #[test]
    fn a_changed_expiry_is_told_to_the_browser() {
        for facts in
            all().filter(|facts| facts.expiry_changed && !facts.failed && facts.origin == Origin::Live)
        {
            assert_ne!(settle(facts).cookie, CookieAction::Nothing, "{facts:?}");
        }
    }

    #[test]
    fn an_emptied_session_in_a_cookie_removes_it() {
        let facts = Facts {
            origin: Origin::Live,
            id_change: IdChange::Stay,
            used: true,
            dirty: true,
            empty: true,
            expiry_changed: false,
            touch_due: false,
            failed: false,
        };
        assert_eq!(settle_in_cookie(facts).cookie, CookieAction::Remove);
        assert_eq!(settle_in_cookie(Facts { empty: false, ..facts }).cookie, CookieAction::Set);
        assert_eq!(settle_in_cookie(Facts { dirty: false, ..facts }).cookie, CookieAction::Nothing);
    }

    #[test]
    fn flask_removes_what_is_empty_and_modified_and_refreshes_what_is_permanent() {
        for bits in 0..16_u32 {
            let bit = |at: u32| bits >> at & 1 == 1;
            let facts = FlaskFacts { modified: bit(0), empty: bit(1), refreshed: bit(2), accessed: bit(3) };
            let expected = match (facts.empty, facts.modified, facts.refreshed) {
                (true, true, _) => CookieAction::Remove,
                (true, false, _) | (false, false, false) => CookieAction::Nothing,
                (false, true, _) | (false, false, true) => CookieAction::Set,
            };
            let settled = settle_like_flask(facts);
            assert_eq!(settled.cookie, expected, "{facts:?}");
            assert_eq!(settled.vary, facts.accessed || expected != CookieAction::Nothing, "{facts:?}");
        }
    }
}
