use std::sync::Arc;

use hardtack_core::protocol::{IdChange, Lineage, Login, SessionId, StoreAction};
use hardtack_core::store::Commit;
use http::HeaderValue;

use crate::config::{Config, jitter, random};
use crate::slot::StoreSession;

/// Creates the commit of a session, and moves the session's changes into the commit. Returns `None` if the commit needs
/// random numbers and the operating system has none.
pub(crate) fn commit_of(
    config: &Config,
    session: Box<StoreSession>,
    action: StoreAction,
) -> Option<Box<Commit>> {
    // A random id costs a system call, so it is generated only if it is used.
    let id = match action {
        StoreAction::Create | StoreAction::Renew | StoreAction::Sever => random()?,
        _ => [0; 32],
    };
    let login = match (session.data.id_change, session.owner.clone()) {
        (IdChange::LogIn, Some(owner)) => Some(Login::new(owner, Lineage::from_random(random()?))),
        _ => None,
    };
    Some(commit_with(config, session, action, id, login))
}

/// Creates the commit that ends a session. This function is not inlined, so that the common commit is built in place.
#[cold]
#[inline(never)]
pub(crate) fn end_of(config: &Config, session: Box<StoreSession>) -> Box<Commit> {
    commit_with(config, session, StoreAction::End, [0; 32], None)
}

#[inline]
fn commit_with(
    config: &Config,
    session: Box<StoreSession>,
    action: StoreAction,
    id: [u8; 32],
    login: Option<Login>,
) -> Box<Commit> {
    // The box is allocated first, so that the commit is built in place instead of being copied into it.
    let room = Box::new_uninit();
    let id_change = session.data.id_change;
    let is_unnamed = session.is_unnamed();
    let label = session.label.given.or_else(|| match id_change {
        // Only the sessions of logged-in users are ever listed, so only a login stores the name of the browser.
        IdChange::LogIn if is_unnamed => session.label.agent.as_ref().and_then(agent_label),
        _ => None,
    });
    let (jitter, now, fresh) = (jitter(), config.now(), SessionId::from_random(id));
    let commit = Commit::new(action, config.purpose.clone(), session.data.changes, fresh, now);
    let mut commit = Box::write(room, commit);
    commit.id_change = id_change;
    commit.located = session.located;
    commit.base = session.data.base;
    commit.jitter = jitter;
    commit.login = login;
    commit.label = label;
    commit.lifetime = session.backend.lifetime;
    commit
}

/// Returns the start of a browser's `User-Agent` as the name of the device. The start is enough to distinguish
/// browsers.
fn agent_label(agent: &HeaderValue) -> Option<Arc<str>> {
    // `to_str` accepts only ASCII characters, so every byte is a character boundary.
    agent.to_str().ok().map(|agent| agent.get(..120).unwrap_or(agent).into())
}
