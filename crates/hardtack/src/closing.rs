use std::sync::Arc;
use std::time::Duration;

use hardtack_core::session::{
    Act, CookieAct, Facts, FlaskFacts, Lifetime, SessionId, Settled, Turn, settle, settle_in_cookie,
    settle_like_flask,
};
use hardtack_core::store::{Commit, Committed, Outcome, StoreError};
use http::header::Entry;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::config::{Config, Kind};
use crate::keys::random;
use crate::opening::open_sealed;
use crate::sealed::{seal, times};
use crate::session_cookie::Expiry;
use crate::slot::{Open, Slot, Standing, State};
use crate::vault::{BoxFuture, Vault};

/// RFC 6265bis, section 5.6: a browser ignores a cookie whose name and value are longer together.
const MOST_BYTES: usize = 4096;

/// What the end of a request comes to.
pub(crate) enum Closing {
    /// This, at once.
    Done(Ending),
    /// First something is written.
    After(BoxFuture<Committed>, Pending),
}

/// What becomes of the response.
pub(crate) enum Ending {
    /// These headers are added.
    Say(Headers),
    /// A write was lost, or may have been: it must not be a success.
    Unavailable,
    /// A developer's mistake: the log has the sentence.
    Mistake,
}

/// What the session adds to the response.
#[derive(Default)]
pub(crate) struct Headers {
    cookie: Option<HeaderValue>,
    vary: bool,
    /// Whether `Cache-Control: no-store` goes beside a cookie; Flask leaves it out.
    no_store: bool,
}

/// What is to be said once the write has succeeded.
pub(crate) struct Pending {
    settled: Settled,
    /// What an early save left to be said, if this write leaves it standing.
    unsaid: CookieAct,
    id: Option<SessionId>,
    expiry: Expiry,
}

/// Closes a slot: from here on nothing can be written, and what was written is settled.
pub(crate) fn close(slot: &Slot, status: StatusCode) -> Closing {
    let state = std::mem::replace(&mut *slot.lock(), State::Closed);
    let config = &slot.config;
    let open = match state {
        State::Open(open) => open,
        State::Unopened if !slot.cookies.is_empty() => open_sealed(slot, slot.cookies.iter()),
        State::Unopened | State::Closed => return Closing::Done(Ending::Say(Headers::default())),
    };
    slot.notes.closing(&open);
    if open.unsure {
        return Closing::Done(Ending::Unavailable);
    }
    match &config.kind {
        Kind::Stored { vault, .. } => close_stored(slot, vault, open, status),
        Kind::Signed { .. } | Kind::Encrypted { .. } => close_sealed(slot, &open, status),
    }
}

/// Closes a slot whose request got no response: what was written is lost, and the log says so.
pub(crate) fn abandon(slot: &Slot) {
    let state = std::mem::replace(&mut *slot.lock(), State::Closed);
    if let State::Open(open) = state
        && (open.turn != Turn::Stay || open.changes.is_dirty(&open.base))
    {
        tracing::error!("the service failed without a response: what it did to the session is lost");
    }
}

fn close_stored(slot: &Slot, vault: &Arc<dyn Vault>, open: Box<Open>, status: StatusCode) -> Closing {
    let config = &slot.config;
    let settled = settle(facts(config, &open, status));
    slot.notes.settled(settled);
    let only_vary = Headers { vary: settled.vary, ..Headers::default() };
    match (settled.act, settled.cookie, open.unsaid) {
        // Most requests only read.
        (Act::Nothing, CookieAct::Nothing, CookieAct::Nothing) => {
            return Closing::Done(Ending::Say(only_vary));
        }
        (Act::Drop, ..) => {
            config.tally.dropped();
            return Closing::Done(Ending::Say(only_vary));
        }
        _ => {}
    }
    let says = [settled.cookie, open.unsaid].contains(&CookieAct::Set);
    let expiry = if says { expiry_of_stored(config, &open) } else { Expiry::Browser };
    let pending = Pending { settled, unsaid: open.unsaid, id: open.id, expiry };
    match settled.act {
        Act::Nothing => Closing::Done(Ending::Say(pending.headers(config, None))),
        act => Closing::After(
            Arc::clone(vault).commit(commit_of(config, open, act), slot.notes.clone()),
            pending,
        ),
    }
}

/// What a commit of this session needs; its changes go with it.
pub(crate) fn commit_of(config: &Config, open: Box<Open>, act: Act) -> Commit {
    let place = match open.standing {
        Standing::Stored(place) => Some(place),
        Standing::Nowhere | Standing::Sealed(_) => None,
    };
    let named_before = place.as_ref().is_some_and(|place| place.record.label.is_some());
    let label = open.label.given.or_else(|| match open.turn {
        // Only a user's sessions are ever listed, so only they are called by their browser's name.
        Turn::LogIn if !named_before => open.label.agent.as_ref().and_then(agent_label),
        _ => None,
    });
    // A random id costs a little, so it is made only where one is used.
    let needs_id = matches!(act, Act::Create | Act::Renew | Act::Sever);
    let lifetime = match &config.kind {
        Kind::Stored { lifetime, .. } => *lifetime,
        Kind::Signed { .. } | Kind::Encrypted { .. } => Lifetime::new(),
    };
    Commit {
        act,
        turn: open.turn,
        purpose: config.purpose.clone(),
        place,
        base: open.base,
        changes: open.changes,
        fresh: SessionId::from_random(if needs_id { random() } else { [0; 32] }),
        jitter: u64::from_ne_bytes(random()),
        login: open.login,
        label,
        now: config.now(),
        lifetime,
    }
}

/// A browser's name of itself, long enough to tell browsers apart: it is kept with the session.
fn agent_label(agent: &HeaderValue) -> Option<Arc<str>> {
    // What `to_str` lets through is ASCII, so that every byte is a boundary.
    agent.to_str().ok().map(|agent| agent.get(..120).unwrap_or(agent).into())
}

pub(crate) fn facts(config: &Config, open: &Open, status: StatusCode) -> Facts {
    let dirty = open.changes.is_dirty(&open.base) || open.label.given.is_some();
    let touch_due = match (&open.standing, &config.kind) {
        // A write notes the use as well.
        (Standing::Stored(place), Kind::Stored { lifetime, .. }) if !dirty => {
            place.is_touch_due(lifetime, config.now())
        }
        _ => false,
    };
    Facts {
        origin: open.origin,
        turn: open.turn,
        used: open.used,
        dirty,
        empty: open.changes.leaves_empty(&open.base),
        expiry_changed: open.turns_permanent(),
        touch_due,
        failed: status.is_server_error(),
    }
}

fn expiry_of_stored(config: &Config, open: &Open) -> Expiry {
    let Kind::Stored { lifetime, .. } = &config.kind else { return Expiry::Browser };
    if !open.is_permanent() {
        return Expiry::Browser;
    }
    // The cookie is not sent with every use, so it has to last as long as the session can.
    let left = match (&open.standing, open.turn) {
        (Standing::Stored(place), Turn::Stay | Turn::Renew | Turn::LogOut) => {
            place.record.deadline.duration_since(config.now()).unwrap_or_default()
        }
        _ => lifetime.absolute_timeout(),
    };
    Expiry::After(left)
}

fn close_sealed(slot: &Slot, open: &Open, status: StatusCode) -> Closing {
    let config = &slot.config;
    let settled = match config.flask {
        Some(flask) => settle_like_flask(FlaskFacts {
            modified: open.changes.wrote(),
            empty: open.changes.leaves_empty(&open.base),
            refreshed: flask.refresh_each_request && open.is_permanent(),
            accessed: open.accessed || open.used,
        }),
        None => settle_in_cookie(facts(config, open, status)),
    };
    slot.notes.sealed(config, settled);
    let cookie = match settled.cookie {
        CookieAct::Nothing => None,
        CookieAct::Remove => {
            config.tally.ended();
            Some(config.cookie.removal())
        }
        CookieAct::Set => match sealed_cookie(config, open) {
            Some(cookie) => Some(cookie),
            None => {
                slot.notes.mistake(TOO_LARGE);
                return Closing::Done(Ending::Mistake);
            }
        },
    };
    Closing::Done(Ending::Say(Headers { cookie, vary: settled.vary, no_store: config.flask.is_none() }))
}

/// The cookie of a session kept in it. `None`, and a sentence in the log, if a browser would ignore it.
fn sealed_cookie(config: &Config, open: &Open) -> Option<HeaderValue> {
    // A login begins a new session, with a deadline of its own.
    let before = match &open.standing {
        Standing::Sealed(seal) if open.turn != Turn::LogIn => Some(*seal),
        _ => None,
    };
    let times = times(config, before)?;
    let age = Duration::from_secs(times.expires_at.saturating_sub(times.issued_at));
    let expiry = match (open.is_permanent(), config.flask) {
        (false, _) => Expiry::Browser,
        (true, None) => Expiry::After(age),
        (true, Some(_)) => Expiry::At(config.now() + age),
    };
    let [before, behind] = &config.cookie.around(expiry);
    let line = seal(config, times, &open.changes.text(&open.base), [before, behind])?;
    let size = config.cookie.size(line.len() - before.len() - behind.len());
    if size > MOST_BYTES {
        tracing::error!(size, "{TOO_LARGE}");
        // Flask sends it nevertheless, and the browser ignores it.
        config.flask?;
    }
    if matches!(open.standing, Standing::Nowhere) {
        config.tally.created();
    } else {
        config.tally.written();
    }
    HeaderValue::try_from(line).ok()
}

/// Whether a session kept in its cookie would fit, for who saves early.
pub(crate) fn fits(config: &Config, open: &Open) -> bool {
    let value =
        times(config, None).and_then(|times| seal(config, times, &open.changes.text(&open.base), ["", ""]));
    value.is_none_or(|value| config.cookie.size(value.len()) <= MOST_BYTES)
}

pub(crate) const TOO_LARGE: &str = "the session is larger than the 4096 bytes that a browser keeps of a cookie: keep less \
                                    in it, or use SessionLayer::stored";

impl Pending {
    /// What goes out once the write has been answered.
    pub(crate) fn finish(self, config: &Config, committed: Result<Committed, StoreError>) -> Ending {
        match committed {
            Ok(committed) => {
                note(config, self.settled.act, &committed);
                Ending::Say(self.headers(config, Some(&committed)))
            }
            Err(error) => {
                config.tally.failed(&error);
                Ending::Unavailable
            }
        }
    }

    fn headers(self, config: &Config, committed: Option<&Committed>) -> Headers {
        let act = match (committed.map(|committed| committed.outcome), self.settled.cookie) {
            // No late response can log anyone in or out.
            (Some(Outcome::Dropped), _) => CookieAct::Nothing,
            (_, CookieAct::Nothing) => self.unsaid,
            (_, act) => act,
        };
        let cookie = match act {
            CookieAct::Nothing => None,
            CookieAct::Remove => Some(config.cookie.removal()),
            CookieAct::Set => {
                let id = committed.map_or(self.id, |committed| committed.told(self.id));
                id.and_then(|id| config.cookie.set(&id.to_text(), self.expiry))
            }
        };
        Headers { vary: self.settled.vary || cookie.is_some(), no_store: true, cookie }
    }
}

impl Headers {
    /// Adds them to a response's.
    pub(crate) fn add_to(self, headers: &mut HeaderMap) {
        if let Some(cookie) = self.cookie {
            headers.append(header::SET_COOKIE, cookie);
            if self.no_store && !headers.contains_key(header::CACHE_CONTROL) {
                headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            }
        }
        if self.vary {
            vary_by_cookie(headers);
        }
    }
}

fn vary_by_cookie(headers: &mut HeaderMap) {
    const COOKIE: HeaderValue = HeaderValue::from_static("Cookie");
    match headers.entry(header::VARY) {
        Entry::Vacant(none) => {
            none.insert(COOKIE);
        }
        Entry::Occupied(mut others) if !others.iter().any(names_cookie) => others.append(COOKIE),
        Entry::Occupied(_) => {}
    }
}

fn names_cookie(vary: &HeaderValue) -> bool {
    let mut names = vary.as_bytes().split(|byte| *byte == b',');
    names.any(|name| name.trim_ascii().eq_ignore_ascii_case(b"cookie"))
}

/// Counts what a commit came to.
pub(crate) fn note(config: &Config, act: Act, committed: &Committed) {
    config.tally.conflicts(committed.conflicts);
    match (committed.outcome, act) {
        (Outcome::Written, Act::Create) => config.tally.created(),
        (Outcome::Written, _) => config.tally.written(),
        (Outcome::Merged, _) => {
            config.tally.written();
            config.tally.merged(committed.conflicts, committed.overwritten);
        }
        (Outcome::Touched, _) => config.tally.touched(),
        (Outcome::Ended, _) => config.tally.ended(),
        (Outcome::Dropped, _) => config.tally.dropped(),
    }
}
