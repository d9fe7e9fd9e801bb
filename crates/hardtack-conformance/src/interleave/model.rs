use hardtack_core::protocol::{IdChange, Origin, SessionId};

use crate::interleave::history::{Data, Event, OperationResult, View};
use crate::interleave::operation::{Mutation, Operation, User, Visit};
use crate::request::{CSRF_KEY, Cookie, USER_KEY, number};

/// A model of the expected behavior of sessions. It is as simple as possible: it handles one request after the other,
/// each in a single step.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    pub(crate) sessions: Vec<Session>,
    /// Every id that leads to a session, with the index of the session.
    ids: Vec<(SessionId, usize)>,
}

/// A session, across all its renewals.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) state: SessionState,
    /// The session's newest id, to which the older ids forward.
    pub(crate) current: SessionId,
    pub(crate) data: Data,
    pub(crate) owner: Option<User>,
    /// Whether a request was answered as if the session had ended. An event that ends the session must then follow.
    must_end: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionState {
    Live,
    /// The session was ended by a login or a logout.
    Ended,
    Revoked,
}

/// A possible result of an operation: the state after it, and its answer.
pub(crate) type Transition = (Model, OperationResult);

/// The result of looking up an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lookup<'a> {
    Live(&'a Data, Option<User>, Origin),
    Ended,
    Nowhere,
}

impl Model {
    pub(crate) fn look_up(&self, id: SessionId) -> Lookup<'_> {
        let Some(session) = self.session(Some(id)).map(|at| &self.sessions[at]) else {
            return Lookup::Nowhere;
        };
        match (session.state, session.current == id) {
            (SessionState::Live, true) => Lookup::Live(&session.data, session.owner, Origin::Live),
            (SessionState::Live, false) => Lookup::Live(&session.data, session.owner, Origin::Forwarded),
            (SessionState::Ended, _) | (SessionState::Revoked, false) => Lookup::Ended,
            (SessionState::Revoked, true) => Lookup::Nowhere,
        }
    }

    /// Checks whether a request with this cookie would have this view now.
    pub(crate) fn shows(&self, cookie: Option<SessionId>, view: &View) -> bool {
        match cookie.map_or(Lookup::Nowhere, |id| self.look_up(id)) {
            Lookup::Live(data, _, origin) => view.origin == origin && view.data == *data,
            Lookup::Ended => view.origin == Origin::Ended && view.data.is_empty(),
            Lookup::Nowhere => view.origin == Origin::New && view.data.is_empty(),
        }
    }

    /// Returns all possible results of an operation in this state. `concurrent` contains the operations that ran at the
    /// same time.
    pub(crate) fn transitions(&self, event: &Event, number: usize, concurrent: &[&Event]) -> Vec<Transition> {
        match (&event.operation, &event.saw) {
            (Operation::Sweep, _) => vec![(self.clone(), OperationResult::NOTHING)],
            (Operation::Revoke { user, spares_own }, _) => {
                let mut after = self.clone();
                after.revoke(*user, event.cookie.filter(|_| *spares_own));
                vec![(after, OperationResult::NOTHING)]
            }
            // The request was abandoned before it opened its session, so it had no effect.
            (Operation::Visit(_), None) => Vec::new(),
            (Operation::Visit(visit), Some((view, _))) => self.visit(event, visit, view, number, concurrent),
        }
    }

    /// Ends the grace period. From then on, only the newest id of each live session is known.
    pub(crate) fn pass_grace(&mut self) {
        let sessions = &self.sessions;
        self.ids.retain(|(id, at)| sessions[*at].state == SessionState::Live && sessions[*at].current == *id);
    }

    /// Checks that all sessions that must end have ended.
    pub(crate) fn is_settled(&self) -> bool {
        self.sessions.iter().all(|session| !session.must_end || session.state != SessionState::Live)
    }

    fn visit(
        &self,
        event: &Event,
        visit: &Visit,
        view: &View,
        number: usize,
        concurrent: &[&Event],
    ) -> Vec<Transition> {
        let mutations = VisitMutations { visit, view, number };
        let id_change = mutations.id_change();
        let after = mutations.onto(&view.data);
        let dirty = after != view.data || id_change == IdChange::LogIn;
        let severs = matches!(id_change, IdChange::LogIn | IdChange::LogOut);
        if visit.fails && !severs {
            return vec![(self.clone(), OperationResult::NOTHING)];
        }
        let nothing = Data::new();
        match (view.origin, id_change) {
            (Origin::New | Origin::Ended, IdChange::LogIn) => {
                vec![self.with_session(
                    event,
                    mutations.onto(&nothing),
                    mutations.user(),
                    OperationResult::set(event.fresh),
                )]
            }
            (Origin::New, _) if dirty && !after.is_empty() => {
                vec![self.with_session(event, after, None, OperationResult::set(event.fresh))]
            }
            (Origin::Ended, _) if dirty => vec![(self.clone(), OperationResult::DROPPED)],
            (Origin::New | Origin::Ended, _) => vec![(self.clone(), OperationResult::NOTHING)],
            (Origin::Live | Origin::Forwarded, _) => match self.session(event.cookie) {
                Some(at) => self.on_session(at, event, &mutations, dirty, after.is_empty(), concurrent),
                None => Vec::new(),
            },
        }
    }

    fn on_session(
        &self,
        at: usize,
        event: &Event,
        mutations: &VisitMutations<'_>,
        dirty: bool,
        empty: bool,
        concurrent: &[&Event],
    ) -> Vec<Transition> {
        let session = &self.sessions[at];
        let live = session.state == SessionState::Live;
        let origin = mutations.view.origin;
        let mut after = self.clone();
        let here = &mut after.sessions[at];
        match (origin, mutations.id_change()) {
            (_, IdChange::LogIn) => {
                let user = mutations.user();
                let kept = if live && (session.owner.is_none() || session.owner == user) {
                    &session.data
                } else {
                    &Data::new()
                };
                if live {
                    here.state = SessionState::Ended;
                }
                let mut transitions = vec![after.with_session(
                    event,
                    mutations.onto(kept),
                    user,
                    OperationResult::set(event.fresh),
                )];
                // The new session was revoked before its id was issued. The old session may or may not have ended by
                // then.
                if concurrent.iter().any(|other| revokes(other, user)) {
                    transitions.push((after, OperationResult::DROPPED));
                    transitions.push((self.clone(), OperationResult::DROPPED));
                }
                transitions
            }
            (_, IdChange::LogOut) if !live => vec![(after, OperationResult::DROPPED)],
            (Origin::Forwarded, IdChange::LogOut) => {
                here.state = SessionState::Ended;
                vec![(after, OperationResult::NOTHING)]
            }
            (_, IdChange::LogOut) if empty => {
                here.state = SessionState::Ended;
                vec![(after, OperationResult { cookie: Cookie::Remove, dropped: false })]
            }
            (_, IdChange::LogOut) => {
                here.state = SessionState::Ended;
                vec![after.with_session(
                    event,
                    mutations.onto(&session.data),
                    None,
                    OperationResult::set(event.fresh),
                )]
            }
            (Origin::Live, IdChange::Renew) if !live => vec![(after, OperationResult::DROPPED)],
            (Origin::Live, IdChange::Renew) if Some(session.current) == event.cookie => {
                here.data = mutations.onto(&session.data);
                here.current = event.fresh;
                after.ids.push((event.fresh, at));
                let mut transitions = vec![(after.clone(), OperationResult::set(event.fresh))];
                // The session was ended or revoked under its new id before that id was issued.
                if concurrent.iter().any(|other| severs(other) || revokes(other, session.owner)) {
                    let mut ended = after.clone();
                    ended.sessions[at].must_end = true;
                    transitions.push((ended, OperationResult::DROPPED));
                }
                // The session was revoked while it was stored under both ids.
                if concurrent.iter().any(|other| revokes(other, session.owner)) {
                    after.sessions[at].state = SessionState::Revoked;
                    transitions.push((after, OperationResult::DROPPED));
                    transitions.push((self.clone(), OperationResult::DROPPED));
                }
                transitions
            }
            (Origin::Live, IdChange::Renew) => {
                here.data = mutations.onto(&session.data);
                vec![(after, OperationResult::NOTHING)]
            }
            _ if !dirty => vec![(after, OperationResult::NOTHING)],
            _ if !live => vec![(after, OperationResult::DROPPED)],
            _ => {
                here.data = mutations.onto(&session.data);
                vec![(after, OperationResult::NOTHING)]
            }
        }
    }

    fn with_session(
        &self,
        event: &Event,
        data: Data,
        owner: Option<User>,
        answer: OperationResult,
    ) -> Transition {
        let mut after = self.clone();
        after.ids.push((event.fresh, after.sessions.len()));
        after.sessions.push(Session {
            state: SessionState::Live,
            current: event.fresh,
            data,
            owner,
            must_end: false,
        });
        (after, answer)
    }

    /// Revokes a user's sessions, except the session that has the id `spared`. `spared` may also be one of the
    /// session's older ids.
    fn revoke(&mut self, user: User, spared: Option<SessionId>) {
        let spared = self.session(spared);
        for (at, session) in self.sessions.iter_mut().enumerate() {
            if session.state == SessionState::Live && session.owner == Some(user) && Some(at) != spared {
                session.state = SessionState::Revoked;
            }
        }
    }

    fn session(&self, id: Option<SessionId>) -> Option<usize> {
        self.ids.iter().find(|(known, _)| Some(*known) == id).map(|(_, at)| *at)
    }
}

/// The changes that a request makes to the session's data.
struct VisitMutations<'a> {
    visit: &'a Visit,
    /// The request's view of its session.
    view: &'a View,
    /// The request's number, so that no two requests insert the same value.
    number: usize,
}

impl VisitMutations<'_> {
    fn id_change(&self) -> IdChange {
        let mut turns = self.visit.mutations.iter().map(|mutation| match mutation {
            Mutation::Renew => IdChange::Renew,
            Mutation::LogIn(_) => IdChange::LogIn,
            Mutation::LogOut | Mutation::Destroy => IdChange::LogOut,
            Mutation::Insert(_) | Mutation::Increment | Mutation::Push | Mutation::Clear => IdChange::Stay,
        });
        turns.rfind(|id_change| *id_change != IdChange::Stay).unwrap_or(IdChange::Stay)
    }

    /// Returns the user who logs in, if the request is a login.
    fn user(&self) -> Option<User> {
        self.visit.mutations.iter().find_map(|mutation| match mutation {
            Mutation::LogIn(user) => Some(*user),
            _ => None,
        })
    }

    /// Applies the changes to data that may be newer than the request's view.
    fn onto(&self, data: &Data) -> Data {
        let mut data = data.clone();
        let mut user = self.view.data.get(USER_KEY).cloned();
        for mutation in &self.visit.mutations {
            match mutation {
                Mutation::Insert(key) => {
                    data.insert(key.name().to_owned(), inserted(user.as_deref(), self.number));
                }
                Mutation::Increment => {
                    let counted = number(data.get("n").map(String::as_str)) + 1;
                    data.insert("n".to_owned(), counted.to_string());
                }
                Mutation::Push => {
                    let list = data.entry("list".to_owned()).or_insert_with(|| "[]".to_owned());
                    list.pop();
                    *list += &format!("{}{}]", if list.len() > 1 { "," } else { "" }, self.number);
                }
                Mutation::Clear => data.retain(|key, _| !self.view.data.contains_key(key)),
                Mutation::Renew => {}
                Mutation::LogIn(new) => {
                    let text = format!("\"{}\"", new.name());
                    if user.is_some_and(|user| user != text) {
                        data.clear();
                    }
                    data.remove(CSRF_KEY);
                    data.insert(USER_KEY.to_owned(), text.clone());
                    user = Some(text);
                }
                Mutation::LogOut => {
                    if user.take().is_some() {
                        data.clear();
                    }
                }
                Mutation::Destroy => {
                    user = None;
                    data.clear();
                }
            }
            if matches!(mutation, Mutation::Clear) {
                user = None;
            }
        }
        data
    }
}

/// Returns the value that a request inserts, which names the user.
pub(crate) fn inserted(user: Option<&str>, number: usize) -> String {
    format!("\"{}:{number}\"", user.map_or("guest", |user| user.trim_matches('"')))
}

fn revokes(other: &Event, user: Option<User>) -> bool {
    matches!(&other.operation, Operation::Revoke { user: owner, .. } if Some(*owner) == user)
}

fn severs(other: &Event) -> bool {
    let Operation::Visit(visit) = &other.operation else { return false };
    visit
        .mutations
        .iter()
        .any(|mutation| matches!(mutation, Mutation::LogIn(_) | Mutation::LogOut | Mutation::Destroy))
}
