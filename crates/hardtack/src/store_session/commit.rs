use std::sync::Arc;

use hardtack_core::session::{Act, Lineage, Login, SessionId, Turn};
use hardtack_core::store::Commit;
use http::HeaderValue;

use crate::config::{Config, jitter, random};
use crate::slot::StoreSession;

/// Makes the commit of a session, which takes its changes. `None` if there are no random numbers for a new id.
pub(crate) fn commit_of(config: &Config, session: Box<StoreSession>, act: Act) -> Option<Box<Commit>> {
    // A random id costs a call of the operating system, so it is made only where one is used.
    let id = match act {
        Act::Create | Act::Renew | Act::Sever => random()?,
        _ => [0; 32],
    };
    let login = match (session.data.turn, session.owner.clone()) {
        (Turn::LogIn, Some(owner)) => Some(Login { owner, lineage: Lineage::from_random(random()?) }),
        _ => None,
    };
    Some(commit_with(config, session, act, id, login))
}

/// Makes the commit that ends a session. Apart, so that the common commit is made in its place.
#[cold]
#[inline(never)]
pub(crate) fn end_of(config: &Config, session: Box<StoreSession>) -> Box<Commit> {
    commit_with(config, session, Act::End, [0; 32], None)
}

#[inline]
fn commit_with(
    config: &Config,
    session: Box<StoreSession>,
    act: Act,
    id: [u8; 32],
    login: Option<Login>,
) -> Box<Commit> {
    // Allocated first, so that it is made in its place and not copied there.
    let room = Box::new_uninit();
    let turn = session.data.turn;
    let is_unnamed = session.is_unnamed();
    let label = session.label.given.or_else(|| match turn {
        // Only a user's sessions are ever listed, so only they are called by their browser's name.
        Turn::LogIn if is_unnamed => session.label.agent.as_ref().and_then(agent_label),
        _ => None,
    });
    let commit = Commit {
        act,
        turn,
        purpose: config.purpose.clone(),
        place: session.place,
        base: session.data.base,
        changes: session.data.changes,
        fresh: SessionId::from_random(id),
        jitter: jitter(),
        login,
        label,
        now: config.now(),
        lifetime: session.backend.lifetime,
    };
    Box::write(room, commit)
}

/// A browser's name of itself, long enough to tell browsers apart: it is kept with the session.
fn agent_label(agent: &HeaderValue) -> Option<Arc<str>> {
    // What `to_str` lets through is ASCII, so that every byte is a boundary.
    agent.to_str().ok().map(|agent| agent.get(..120).unwrap_or(agent).into())
}
