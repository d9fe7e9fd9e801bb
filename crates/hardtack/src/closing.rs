use std::sync::Arc;
use std::time::Duration;

use hardtack_core::crypto::Times;
use hardtack_core::session::{
    Act, CookieAct, Facts, FlaskFacts, Lifetime, Lineage, Login, Origin, SessionId, Settled, Turn, settle,
    settle_in_cookie, settle_like_flask,
};
use hardtack_core::store::{Commit, Committed, Outcome, StoreError};
use http::{HeaderValue, StatusCode};

use crate::config::{Config, Kind};
use crate::headers::Headers;
use crate::intent::unmerged;
use crate::opening::open_sealed;
use crate::random::{jitter, random};
use crate::sealed::{Rivals, Seal, seal, times, times_of_marker};
use crate::session_cookie::Expiry;
use crate::size::{TOO_LARGE, excess, excess_of_cookie, writes_data};
use crate::slot::{Open, Slot, Standing, State};
use crate::underway::Underway;
use crate::vault::Vault;

/// What the end of a request comes to.
pub(crate) enum Closing {
    /// This, at once.
    Done(Ending),
    /// First something is written.
    After(Underway, Pending),
}

/// What becomes of the response.
pub(crate) enum Ending {
    /// These headers are added.
    Say(Headers),
    /// A write was lost, or may have been: it must not be a success.
    Unavailable,
    /// A developer's mistake: the log has the sentence.
    Mistake(Headers),
}

/// What is to be said once the write has succeeded.
pub(crate) struct Pending {
    settled: Settled,
    /// What an early save left to be said, if this write leaves it standing.
    unsaid: CookieAct,
    id: Option<SessionId>,
    expiry: Expiry,
    /// Whether the response is a 500 all the same.
    is_mistake: bool,
    origin: Origin,
    /// The bytes of all cookies that the browser sent.
    sent_bytes: usize,
}

/// Closes a slot: from here on nothing can be written, and what was written is settled.
pub(crate) fn close(slot: &Arc<Slot>, status: StatusCode) -> Closing {
    let config = &slot.config;
    let open = match slot.close() {
        State::Open(open) => open,
        State::Unopened if !slot.cookies.is_empty() => open_sealed(slot, slot.cookies.iter()),
        State::Unopened | State::Closed(_) => return Closing::Done(Ending::Say(Headers::default())),
    };
    slot.notes.closing(&open);
    if open.unsure {
        return Closing::Done(Ending::Unavailable);
    }
    if let Some(mistake) = open.mistake {
        return close_mistaken(slot, open, mistake);
    }
    match &config.kind {
        Kind::Stored { vault, .. } => close_stored(slot, vault, open, status),
        Kind::Signed { .. } | Kind::Encrypted { .. } => close_sealed(slot, open, status),
    }
}

/// Closes a slot after a developer's mistake: nothing is stored, because what the request did to its session is not what
/// it was meant to do. A logout goes through nevertheless.
#[cold]
fn close_mistaken(slot: &Arc<Slot>, mut open: Box<Open>, sentence: &'static str) -> Closing {
    slot.notes.mistake(sentence);
    if open.turn != Turn::LogOut || !open.changes.forgets() {
        return Closing::Done(mistake());
    }
    // What was written after it is left out.
    open.changes.forget();
    let Kind::Stored { vault, .. } = &slot.config.kind else {
        return match close_sealed(slot, open, StatusCode::INTERNAL_SERVER_ERROR) {
            Closing::Done(Ending::Say(headers)) => Closing::Done(Ending::Mistake(headers)),
            closing => closing,
        };
    };
    match close_stored(slot, vault, open, StatusCode::INTERNAL_SERVER_ERROR) {
        Closing::After(commit, pending) => Closing::After(commit, Pending { is_mistake: true, ..pending }),
        Closing::Done(_) => Closing::Done(mistake()),
    }
}

fn close_stored(slot: &Arc<Slot>, vault: &Arc<dyn Vault>, open: Box<Open>, status: StatusCode) -> Closing {
    let config = &slot.config;
    let settled = settle(facts(config, &open, status));
    if writes_data(settled.act)
        && let Some(excess) = excess(config, &open)
    {
        excess.log();
        return close_mistaken(slot, open, TOO_LARGE);
    }
    slot.notes.settled(settled);
    let only_vary = Headers::without_cookie(config, settled.vary, open.origin);
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
    let pending = Pending {
        settled,
        unsaid: open.unsaid,
        id: open.id,
        expiry,
        origin: open.origin,
        sent_bytes: open.sent_bytes,
        is_mistake: false,
    };
    match settled.act {
        Act::Nothing => Closing::Done(Ending::Say(pending.headers(config, None))),
        act => match commit_of(config, open, act) {
            Some(commit) => Closing::After(Underway::new(slot, vault, commit), pending),
            None => Closing::Done(Ending::Unavailable),
        },
    }
}

/// What a commit of this session needs; its changes go with it. `None` if there are no random numbers for a new id.
pub(crate) fn commit_of(config: &Config, open: Box<Open>, act: Act) -> Option<Box<Commit>> {
    // A random id costs a call of the operating system, so it is made only where one is used.
    let id = match act {
        Act::Create | Act::Renew | Act::Sever => random()?,
        _ => [0; 32],
    };
    let login = match (open.turn, open.owner.clone()) {
        (Turn::LogIn, Some(owner)) => Some(Login { owner, lineage: Lineage::from_random(random()?) }),
        _ => None,
    };
    Some(commit_with(config, open, act, id, login))
}

/// The commit that ends this session. Apart, so that the common commit is made in its place.
#[cold]
#[inline(never)]
pub(crate) fn end_of(config: &Config, open: Box<Open>) -> Box<Commit> {
    commit_with(config, open, Act::End, [0; 32], None)
}

#[inline]
fn commit_with(
    config: &Config,
    open: Box<Open>,
    act: Act,
    id: [u8; 32],
    login: Option<Login>,
) -> Box<Commit> {
    // Allocated first, so that it is made in its place and not copied there.
    let room = Box::new_uninit();
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
    let lifetime = match &config.kind {
        Kind::Stored { lifetime, .. } => *lifetime,
        Kind::Signed { .. } | Kind::Encrypted { .. } => Lifetime::new(),
    };
    let commit = Commit {
        act,
        turn: open.turn,
        purpose: config.purpose.clone(),
        place,
        base: open.base,
        changes: open.changes,
        fresh: SessionId::from_random(id),
        jitter: jitter(),
        login,
        label,
        now: config.now(),
        lifetime,
    };
    Box::write(room, commit)
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
        failed: is_failure(status),
    }
}

/// Whether a response means that its handler was not finished: 408 is what a timeout layer inside answers.
fn is_failure(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT
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

fn close_sealed(slot: &Arc<Slot>, open: Box<Open>, status: StatusCode) -> Closing {
    let config = &slot.config;
    let settled = match config.flask {
        Some(flask) => settle_like_flask(FlaskFacts {
            modified: open.changes.wrote(),
            empty: open.changes.leaves_empty(&open.base),
            refreshed: flask.refresh_each_request && open.is_permanent(),
            accessed: open.accessed || open.used,
        }),
        None => settle_in_cookie(facts(config, &open, status)),
    };
    slot.notes.sealed(config, settled);
    let cookie = match settled.cookie {
        CookieAct::Nothing => {
            return Closing::Done(Ending::Say(Headers::without_cookie(config, settled.vary, open.origin)));
        }
        CookieAct::Remove => {
            config.tally.ended(None);
            match rivals(config, &open) {
                // To remove the newest of several would bring the one before it back.
                Some(rivals) => sealed_cookie(config, &open, times_of_marker(config, rivals, seal_of(&open))),
                None => Ok(config.cookie.removal()),
            }
        }
        CookieAct::Set => {
            let before = seal_of(&open);
            let times = match (open.turn, rivals(config, &open)) {
                // A login begins a new session, with a deadline of its own.
                (Turn::LogIn, _) => times(config, before.map(Seal::without_deadline)),
                (Turn::LogOut, Some(rivals)) => times_of_marker(config, rivals, before),
                (Turn::Stay | Turn::Renew | Turn::LogOut, _) => times(config, before),
            };
            sealed_cookie(config, &open, times)
        }
    };
    match cookie {
        Ok(cookie) => Closing::Done(Ending::Say(Headers::with_cookie(cookie, open.sent_bytes))),
        Err(Ending::Mistake(_)) => close_mistaken(slot, open, TOO_LARGE),
        Err(ending) => Closing::Done(ending),
    }
}

/// What the session's cookie carried besides its data.
fn seal_of(open: &Open) -> Option<Seal> {
    match &open.standing {
        Standing::Sealed(seal) => Some(*seal),
        Standing::Nowhere | Standing::Stored(_) => None,
    }
}

/// The older cookies that the browser sent beside the session's. Flask looks at the first cookie only, whichever that is.
fn rivals(config: &Config, open: &Open) -> Option<Rivals> {
    open.rivals.filter(|_| config.flask.is_none())
}

/// Whether the cookie of a session kept in it stays when the browser ends.
///
/// Beside rivals, one in which nobody is logged in does: if the browser dropped it, an older cookie from before a logout
/// would count again.
fn outlives_browser(config: &Config, open: &Open) -> bool {
    open.is_permanent() || (rivals(config, open).is_some() && open.user().is_none())
}

/// The cookie of a session kept in it.
///
/// # Errors
///
/// A developer's mistake, with a sentence in the log, if a browser would ignore it; unavailable without random numbers.
fn sealed_cookie(config: &Config, open: &Open, times: Option<Times>) -> Result<HeaderValue, Ending> {
    let times = times.ok_or_else(mistake)?;
    let age = Duration::from_secs(times.expires_at.saturating_sub(times.issued_at));
    let expiry = match (outlives_browser(config, open), config.flask) {
        (false, _) => Expiry::Browser,
        (true, None) => Expiry::After(age),
        (true, Some(_)) => Expiry::date(config.now(), age),
    };
    let [before, behind] = &config.cookie.around(expiry);
    let line = seal(config, times, &open.changes.text(&open.base), [before, behind]);
    let line = line.ok_or(Ending::Unavailable)?;
    let size = config.cookie.size(line.len() - before.len() - behind.len());
    if let Some(excess) = excess_of_cookie(open, size) {
        excess.log();
        // Flask sends it nevertheless, and the browser ignores it.
        config.flask.ok_or_else(mistake)?;
    }
    if matches!(open.standing, Standing::Nowhere) {
        config.tally.created(None);
    } else {
        config.tally.written(None);
    }
    HeaderValue::try_from(line).map_err(|_| mistake())
}

fn mistake() -> Ending {
    Ending::Mistake(Headers::default())
}

impl Pending {
    /// What goes out once the write has been answered.
    pub(crate) fn finish(self, config: &Config, committed: &Result<Committed, StoreError>) -> Ending {
        match committed {
            Ok(_) if self.is_mistake => mistake(),
            Ok(committed) => Ending::Say(self.headers(config, Some(committed))),
            // Nothing is lost: the session may end a little early, and its next use is noted again.
            Err(_) if self.settled.act == Act::Touch => Ending::Say(self.headers(config, None)),
            Err(error) if unmerged(error).is_some() => mistake(),
            Err(_) => Ending::Unavailable,
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
        match cookie {
            Some(cookie) => Headers::with_cookie(cookie, self.sent_bytes),
            None => Headers::without_cookie(config, self.settled.vary, self.origin),
        }
    }
}
