use std::time::Duration;

use hardtack_core::crypto::Times;
use hardtack_core::protocol::{
    CookieAction, FlaskFacts, IdChange, Settled, settle_in_cookie, settle_like_flask,
};
use http::{HeaderValue, StatusCode};

use crate::config::{Config, CookieMeta, Expiry, Rivals, unix_seconds};
use crate::observe::{EventKind, EventUser, Subject};
use crate::slot::{CookieSession, Ending, Headers, Slot, TOO_LARGE, TooLarge};

/// Settles a session, and returns what to do with the response.
pub(crate) fn close(slot: &Slot, session: Box<CookieSession>, status: StatusCode) -> Ending {
    match session.data.mistake {
        Some(mistake) => close_mistaken(slot, session, mistake),
        None => settle(slot, session, status),
    }
}

/// Closes a session after a developer's mistake. No changes are saved, because they are not what the developer
/// intended. Only a logout is still carried out.
#[cold]
fn close_mistaken(slot: &Slot, mut session: Box<CookieSession>, sentence: &'static str) -> Ending {
    slot.trace.mistake(sentence);
    if !session.data.keep_only_logout() {
        return Ending::mistake();
    }
    match settle(slot, session, StatusCode::INTERNAL_SERVER_ERROR) {
        Ending::Add(headers) => Ending::Mistake(headers),
        ending => ending,
    }
}

fn settle(slot: &Slot, session: Box<CookieSession>, status: StatusCode) -> Ending {
    let config = &*slot.config;
    let settled = session.settled(status);
    slot.trace.sealed(config, settled);
    let cookie = match settled.cookie {
        CookieAction::Nothing => {
            return Ending::Add(Headers::without_cookie(config, settled.vary, session.data.origin));
        }
        CookieAction::Remove => match session.rivals() {
            // If only the newest of several cookies were removed, an older cookie would be used again.
            Some(rivals) => session.cookie(slot, session.marker_times(config, rivals)),
            None => Ok(config.cookie.removal()),
        },
        CookieAction::Set => session.cookie(slot, session.times(config)),
    };
    match cookie {
        Ok(cookie) => {
            report(slot, &session, settled.cookie);
            Ending::Add(Headers::with_cookie(cookie, session.data.sent_bytes))
        }
        Err(Unwritten::TooLarge) => close_mistaken(slot, session, TOO_LARGE),
        Err(Unwritten::NoRandomNumbers) => Ending::Unavailable,
    }
}

/// Reports a login, a logout, or the end of the session.
fn report(slot: &Slot, session: &CookieSession, cookie: CookieAction) {
    let data = &session.data;
    match data.id_change {
        IdChange::LogIn => {
            if let Some(user) = data.named_user() {
                slot.emit(Subject::default(), EventKind::LoggedIn { user: EventUser(&user) });
            }
        }
        IdChange::LogOut => {
            if let Some(user) = data.user_before() {
                slot.emit(Subject::default(), EventKind::LoggedOut { user: EventUser(&user) });
            }
        }
        IdChange::Stay | IdChange::Renew => {}
    }
    if cookie == CookieAction::Remove {
        slot.emit(Subject::default(), EventKind::Ended);
    }
}

/// The reason why a session cannot be written to its cookie.
enum Unwritten {
    /// The cookie is larger than browsers accept. The log names the key that takes up most of it.
    TooLarge,
    /// The operating system did not provide random numbers. This has been logged.
    NoRandomNumbers,
}

/// Returns an error if a session's cookie is larger than browsers accept.
pub(crate) fn excess(config: &Config, session: &CookieSession) -> Option<TooLarge> {
    let times = session.backend.codec.times(unix_seconds(config.now()), session.meta);
    let text = session.data.changes.text(&session.data.base);
    let value = session.backend.codec.encode(times, &text, ["", ""]);
    TooLarge::for_cookie(&session.data, config.cookie.size(value.map_or(0, |value| value.len())))
}

impl CookieSession {
    fn settled(&self, status: StatusCode) -> Settled {
        let data = &self.data;
        match self.backend.flask {
            Some(flask) => {
                let mut facts = FlaskFacts::default();
                facts.modified = data.changes.wrote();
                facts.empty = data.changes.leaves_empty(&data.base);
                facts.refreshed = flask.refresh_each_request && data.is_permanent();
                facts.accessed = data.accessed || data.used;
                settle_like_flask(facts)
            }
            None => settle_in_cookie(data.facts(status)),
        }
    }

    /// Returns the older cookies that the browser sent in addition to the session's own. Under Flask's rules, there are
    /// none, because Flask reads only the first cookie.
    fn rivals(&self) -> Option<Rivals> {
        self.rivals.filter(|_| self.backend.flask.is_none())
    }

    /// Returns the times of a cookie that is written now.
    fn times(&self, config: &Config) -> Times {
        let before = match (self.data.id_change, self.rivals()) {
            // A login begins a new session with its own deadline.
            (IdChange::LogIn, _) => self.meta.map(CookieMeta::without_deadline),
            (IdChange::LogOut, Some(rivals)) => return self.marker_times(config, rivals),
            (IdChange::Stay | IdChange::Renew | IdChange::LogOut, _) => self.meta,
        };
        self.backend.codec.times(unix_seconds(config.now()), before)
    }

    fn marker_times(&self, config: &Config, rivals: Rivals) -> Times {
        self.backend.codec.times_of_marker(unix_seconds(config.now()), rivals, self.meta)
    }

    /// Returns whether the cookie is kept after the browser closes, as the cookie of a permanent session is.
    ///
    /// If there are rivals and no user is logged in, the cookie is kept too. If the browser dropped it, an older cookie
    /// from before a logout would be used again.
    fn outlives_browser(&self) -> bool {
        self.data.is_permanent() || (self.rivals().is_some() && self.data.named_user().is_none())
    }

    /// Encodes the session as a `Set-Cookie` header.
    fn cookie(&self, slot: &Slot, times: Times) -> Result<HeaderValue, Unwritten> {
        let config = &*slot.config;
        let age = Duration::from_secs(times.expires_at.saturating_sub(times.issued_at));
        let expiry = match (self.outlives_browser(), self.backend.flask) {
            (false, _) => Expiry::Browser,
            (true, None) => Expiry::After(age),
            (true, Some(_)) => Expiry::date(config.now(), age),
        };
        let [before, behind] = &config.cookie.around(expiry);
        let text = self.data.changes.text(&self.data.base);
        let line = self.backend.codec.encode(times, &text, [before, behind]);
        let line = line.ok_or(Unwritten::NoRandomNumbers)?;
        let size = config.cookie.size(line.len() - before.len() - behind.len());
        if let Some(excess) = TooLarge::for_cookie(&self.data, size) {
            excess.log();
            // Flask sends the cookie anyway, and the browser ignores it.
            if self.backend.flask.is_none() {
                return Err(Unwritten::TooLarge);
            }
        }
        if self.meta.is_none() {
            slot.emit(Subject::default(), EventKind::Created);
        } else {
            slot.emit(Subject::default(), EventKind::Written);
        }
        Ok(HeaderValue::try_from(line)
            .expect("the parts of the cookie were checked, and the value is base64url and dots"))
    }
}
