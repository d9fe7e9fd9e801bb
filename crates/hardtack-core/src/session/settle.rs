/// The facts about a session when its request ends: the complete input of [`settle`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Where the session came from.
    pub origin: Origin,
    /// Whether the session keeps its id.
    pub turn: Turn,
    /// Whether anything was read or written.
    pub used: bool,
    /// Whether there are changes to persist.
    pub dirty: bool,
    /// Whether the session has no keys left.
    pub empty: bool,
    /// Whether the cookie's expiry was switched between browser-lifetime and permanent.
    pub expiry_changed: bool,
    /// Whether the use of the session must be recorded. Always `false` for sessions kept in cookies.
    pub touch_due: bool,
    /// Whether the handler failed or was cut short (5xx, 408), in which case the session is not saved.
    pub failed: bool,
}

/// Where a request's session came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// There was no valid session: no cookie, or one that was forged, expired, or unknown.
    New,
    /// The cookie named this session.
    Live,
    /// The cookie named a session that has since been renewed. This is its successor.
    Forwarded,
    /// The cookie named a session that a login or logout has ended. Nothing may be written.
    Ended,
}

/// The change that this request makes to the id of its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Turn {
    /// It stays the same.
    #[default]
    Stay,
    /// It is replaced. Concurrent requests with the old id are still served.
    Renew,
    /// It is replaced, and the session gets a user. Concurrent requests with the old id get no session.
    LogIn,
    /// The session ends, or gets a new id if it still has keys. Concurrent requests with the old id get no session.
    LogOut,
}

/// The decision about a session when its request ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// What to write.
    pub act: Act,
    /// Which cookie to send if the write succeeds as planned.
    pub cookie: CookieAct,
    /// Whether the response depends on the cookie, and needs `Vary: Cookie`.
    pub vary: bool,
}

/// The write to perform. For a session kept in its cookie, every writing act consists of the cookie itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Nothing.
    Nothing,
    /// Only the time of the last use.
    Touch,
    /// A record under a new id, without a predecessor.
    Create,
    /// A new version under the same id.
    Replace,
    /// A successor, and a forwarding tombstone in place of the old record.
    Renew,
    /// A successor, and a dead tombstone in place of the old record.
    Sever,
    /// Only a dead tombstone in place of the record.
    End,
    /// Nothing, although there were changes: the session was ended in the meantime.
    Drop,
}

/// The change that the response makes to the cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieAct {
    /// It leaves the cookie alone.
    Nothing,
    /// It sets the cookie.
    Set,
    /// It removes the cookie.
    Remove,
}

/// Decides what to do with a stored session when its request ends.
///
/// There is no "destroyed" state: destroying a session means clearing it and logging out. A session that was only
/// emptied is saved empty, so that keys inserted by a concurrent request survive. An unknown or expired id is never
/// answered with a removal, which could delete a newer cookie.
///
/// ```
/// use hardtack_core::session::{Act, CookieAct, Facts, Origin, Turn, settle};
///
/// let looked = Facts {
///     origin: Origin::Live,
///     turn: Turn::Stay,
///     used: true,
///     dirty: false,
///     empty: false,
///     expiry_changed: false,
///     touch_due: false,
///     failed: false,
/// };
/// assert_eq!(settle(looked).act, Act::Nothing);
/// assert!(settle(looked).vary);
///
/// let logged_in = settle(Facts { turn: Turn::LogIn, dirty: true, ..looked });
/// assert_eq!((logged_in.act, logged_in.cookie), (Act::Sever, CookieAct::Set));
/// ```
pub fn settle(facts: Facts) -> Settled {
    use CookieAct::{Nothing, Remove, Set};
    let severs = matches!(facts.turn, Turn::LogIn | Turn::LogOut);
    let (act, cookie) = match (facts.origin, facts.turn) {
        _ if facts.failed && !severs => (Act::Nothing, Nothing),
        (Origin::New | Origin::Ended, Turn::LogIn) => (Act::Create, Set),
        (Origin::New, _) if facts.dirty && !facts.empty => (Act::Create, Set),
        (Origin::New, _) => (Act::Nothing, Nothing),
        (Origin::Ended, _) if facts.dirty => (Act::Drop, Nothing),
        (Origin::Ended, _) => (Act::Nothing, Nothing),
        (Origin::Live | Origin::Forwarded, Turn::LogIn) => (Act::Sever, Set),
        (Origin::Live, Turn::LogOut) if facts.empty => (Act::End, Remove),
        (Origin::Live, Turn::LogOut) => (Act::Sever, Set),
        // A late logout ends the session that it is forwarded to, but must not touch the newer cookie.
        (Origin::Forwarded, Turn::LogOut) => (Act::End, Nothing),
        (Origin::Live, Turn::Renew) => (Act::Renew, Set),
        (Origin::Live | Origin::Forwarded, Turn::Stay | Turn::Renew) if facts.dirty => {
            let resend = facts.origin == Origin::Live && facts.expiry_changed;
            (Act::Replace, if resend { Set } else { Nothing })
        }
        (Origin::Live | Origin::Forwarded, Turn::Stay | Turn::Renew) if facts.touch_due => {
            (Act::Touch, Nothing)
        }
        (Origin::Live | Origin::Forwarded, Turn::Stay | Turn::Renew) => (Act::Nothing, Nothing),
    };
    Settled { act, cookie, vary: facts.used || cookie != Nothing }
}

/// Decides what to do with a session kept in its cookie when its request ends.
///
/// Emptying a session removes its cookie, if the browser had one. A read never sends a cookie, because that could undo
/// the changes of a concurrent request.
pub fn settle_in_cookie(facts: Facts) -> Settled {
    let severs = matches!(facts.turn, Turn::LogIn | Turn::LogOut);
    let writes = facts.dirty || facts.turn != Turn::Stay;
    let (act, cookie) = match facts.origin {
        _ if facts.failed && !severs => (Act::Nothing, CookieAct::Nothing),
        _ if !writes => (Act::Nothing, CookieAct::Nothing),
        Origin::New if facts.empty => (Act::Nothing, CookieAct::Nothing),
        _ if facts.empty => (Act::End, CookieAct::Remove),
        Origin::New => (Act::Create, CookieAct::Set),
        _ => (Act::Replace, CookieAct::Set),
    };
    Settled { act, cookie, vary: facts.used || cookie != CookieAct::Nothing }
}

/// The facts that Flask 3.1 uses instead of [`Facts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlaskFacts {
    /// Whether a mutating method was called, even without effect.
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
    let (act, cookie) = match facts {
        FlaskFacts { empty: true, modified: true, .. } => (Act::End, CookieAct::Remove),
        FlaskFacts { empty: true, .. } => (Act::Nothing, CookieAct::Nothing),
        FlaskFacts { modified, refreshed, .. } if modified || refreshed => (Act::Replace, CookieAct::Set),
        _ => (Act::Nothing, CookieAct::Nothing),
    };
    Settled { act, cookie, vary: facts.accessed || cookie != CookieAct::Nothing }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGINS: [Origin; 4] = [Origin::New, Origin::Live, Origin::Forwarded, Origin::Ended];
    const TURNS: [Turn; 4] = [Turn::Stay, Turn::Renew, Turn::LogIn, Turn::LogOut];

    /// Returns every combination that can occur: a changed session was also used, and a login leaves a session with
    /// content.
    fn all() -> impl Iterator<Item = Facts> {
        ORIGINS.into_iter().flat_map(|origin| {
            TURNS.into_iter().flat_map(move |turn| {
                (0..64_u32).map(move |bits| {
                    let bit = |at: u32| bits >> at & 1 == 1;
                    let (dirty, touch_due) = (bit(1), bit(4));
                    Facts {
                        origin,
                        turn,
                        used: bit(0) || dirty || turn != Turn::Stay,
                        dirty: dirty || turn == Turn::LogIn,
                        empty: bit(2) && turn != Turn::LogIn,
                        expiry_changed: bit(3) && dirty,
                        touch_due,
                        failed: bit(5),
                    }
                })
            })
        })
    }

    /// The decision table, row by row: origin, turn, dirty, empty, touch due -> act, cookie.
    #[test]
    fn the_table() {
        use Act::*;
        use CookieAct as C;
        type Row = (Origin, Turn, bool, bool, bool, Act, CookieAct);
        let rows: [Row; 31] = [
            (Origin::New, Turn::Stay, false, true, false, Nothing, C::Nothing),
            (Origin::New, Turn::Stay, true, true, false, Nothing, C::Nothing),
            (Origin::New, Turn::Stay, true, false, false, Create, C::Set),
            (Origin::New, Turn::Renew, false, true, false, Nothing, C::Nothing),
            (Origin::New, Turn::Renew, true, false, false, Create, C::Set),
            (Origin::New, Turn::LogIn, true, false, false, Create, C::Set),
            (Origin::New, Turn::LogOut, false, true, false, Nothing, C::Nothing),
            (Origin::New, Turn::LogOut, true, false, false, Create, C::Set),
            (Origin::Live, Turn::Stay, false, false, false, Nothing, C::Nothing),
            (Origin::Live, Turn::Stay, false, false, true, Touch, C::Nothing),
            (Origin::Live, Turn::Stay, true, false, true, Replace, C::Nothing),
            (Origin::Live, Turn::Stay, true, true, false, Replace, C::Nothing),
            (Origin::Live, Turn::Renew, false, false, false, Renew, C::Set),
            (Origin::Live, Turn::Renew, true, true, false, Renew, C::Set),
            (Origin::Live, Turn::LogIn, true, false, false, Sever, C::Set),
            (Origin::Live, Turn::LogOut, true, true, false, End, C::Remove),
            (Origin::Live, Turn::LogOut, false, true, false, End, C::Remove),
            (Origin::Live, Turn::LogOut, true, false, false, Sever, C::Set),
            (Origin::Forwarded, Turn::Stay, false, false, false, Nothing, C::Nothing),
            (Origin::Forwarded, Turn::Stay, false, false, true, Touch, C::Nothing),
            (Origin::Forwarded, Turn::Stay, true, false, false, Replace, C::Nothing),
            (Origin::Forwarded, Turn::Renew, false, false, false, Nothing, C::Nothing),
            (Origin::Forwarded, Turn::Renew, true, false, false, Replace, C::Nothing),
            (Origin::Forwarded, Turn::LogIn, true, false, false, Sever, C::Set),
            (Origin::Forwarded, Turn::LogOut, true, true, false, End, C::Nothing),
            (Origin::Forwarded, Turn::LogOut, true, false, false, End, C::Nothing),
            (Origin::Ended, Turn::Stay, false, true, false, Nothing, C::Nothing),
            (Origin::Ended, Turn::Stay, true, false, false, Drop, C::Nothing),
            (Origin::Ended, Turn::Renew, true, false, false, Drop, C::Nothing),
            (Origin::Ended, Turn::LogIn, true, false, false, Create, C::Set),
            (Origin::Ended, Turn::LogOut, true, false, false, Drop, C::Nothing),
        ];
        for (origin, turn, dirty, empty, touch_due, act, cookie) in rows {
            let facts = Facts {
                origin,
                turn,
                used: true,
                dirty,
                empty,
                expiry_changed: false,
                touch_due,
                failed: false,
            };
            let settled = settle(facts);
            assert_eq!((settled.act, settled.cookie), (act, cookie), "{facts:?}");
        }
    }

    #[test]
    fn an_unused_session_leaves_no_trace() {
        for facts in all().filter(|facts| !facts.used && !facts.touch_due) {
            let nothing = Settled { act: Act::Nothing, cookie: CookieAct::Nothing, vary: false };
            assert_eq!(settle(facts), nothing, "{facts:?}");
            assert_eq!(settle_in_cookie(facts), nothing, "{facts:?}");
        }
    }

    #[test]
    fn a_server_error_saves_nothing_but_a_severing() {
        for facts in all().filter(|facts| facts.failed) {
            let severs = matches!(facts.turn, Turn::LogIn | Turn::LogOut);
            if severs {
                assert_eq!(settle(facts), settle(Facts { failed: false, ..facts }), "{facts:?}");
            } else {
                assert_eq!(settle(facts).act, Act::Nothing, "{facts:?}");
                assert_eq!(settle_in_cookie(facts).act, Act::Nothing, "{facts:?}");
            }
        }
    }

    #[test]
    fn a_cookie_goes_out_only_with_a_write() {
        for facts in all() {
            for settled in [settle(facts), settle_in_cookie(facts)] {
                if matches!(settled.act, Act::Nothing | Act::Touch | Act::Drop) {
                    assert_eq!(settled.cookie, CookieAct::Nothing, "{facts:?}");
                }
                if settled.cookie != CookieAct::Nothing {
                    assert!(settled.vary, "{facts:?}");
                }
            }
        }
    }

    #[test]
    fn only_a_login_sends_a_cookie_to_a_late_request() {
        let late = |facts: &Facts| matches!(facts.origin, Origin::Forwarded | Origin::Ended);
        for facts in all().filter(late) {
            let expected = if facts.turn == Turn::LogIn { CookieAct::Set } else { CookieAct::Nothing };
            assert_eq!(settle(facts).cookie, expected, "{facts:?}");
        }
    }

    #[test]
    fn a_new_session_is_never_answered_with_a_removal() {
        for facts in all().filter(|facts| facts.origin == Origin::New) {
            assert_ne!(settle(facts).cookie, CookieAct::Remove, "{facts:?}");
            assert_ne!(settle_in_cookie(facts).cookie, CookieAct::Remove, "{facts:?}");
        }
    }

    #[test]
    fn o7_every_login_and_logout_changes_the_id() {
        for facts in all().filter(|facts| matches!(facts.turn, Turn::LogIn | Turn::LogOut)) {
            let act = settle(facts).act;
            assert!(!matches!(act, Act::Replace | Act::Touch | Act::Renew), "{facts:?}");
        }
    }

    #[test]
    fn a_changed_expiry_is_told_to_the_browser() {
        for facts in
            all().filter(|facts| facts.expiry_changed && !facts.failed && facts.origin == Origin::Live)
        {
            assert_ne!(settle(facts).cookie, CookieAct::Nothing, "{facts:?}");
        }
    }

    #[test]
    fn an_emptied_session_in_a_cookie_removes_it() {
        let facts = Facts {
            origin: Origin::Live,
            turn: Turn::Stay,
            used: true,
            dirty: true,
            empty: true,
            expiry_changed: false,
            touch_due: false,
            failed: false,
        };
        assert_eq!(settle_in_cookie(facts).cookie, CookieAct::Remove);
        assert_eq!(settle_in_cookie(Facts { empty: false, ..facts }).cookie, CookieAct::Set);
        assert_eq!(settle_in_cookie(Facts { dirty: false, ..facts }).cookie, CookieAct::Nothing);
    }

    #[test]
    fn flask_removes_what_is_empty_and_modified_and_refreshes_what_is_permanent() {
        for bits in 0..16_u32 {
            let bit = |at: u32| bits >> at & 1 == 1;
            let facts = FlaskFacts { modified: bit(0), empty: bit(1), refreshed: bit(2), accessed: bit(3) };
            let expected = match (facts.empty, facts.modified, facts.refreshed) {
                (true, true, _) => CookieAct::Remove,
                (true, false, _) | (false, false, false) => CookieAct::Nothing,
                (false, true, _) | (false, false, true) => CookieAct::Set,
            };
            let settled = settle_like_flask(facts);
            assert_eq!(settled.cookie, expected, "{facts:?}");
            assert_eq!(settled.vary, facts.accessed || expected != CookieAct::Nothing, "{facts:?}");
        }
    }
}
