use std::fmt;

use crate::request::CSRF_KEY;
use crate::rng::Rng;

/// The operations that one task of a schedule runs, in order.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    /// The browser that sends the requests, by its index.
    pub(crate) device: usize,
    pub(crate) operations: Vec<Operation>,
}

/// A step of a task.
#[derive(Debug, Clone)]
pub(crate) enum Operation {
    /// A request, which opens its session, changes it, settles, and commits.
    Visit(Visit),
    /// Ends all of a user's sessions, or all except the session in the browser.
    Revoke { user: User, spares_own: bool },
    /// A sweep of expired records.
    Sweep,
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) cookie: SentCookie,
    pub(crate) mutations: Vec<Mutation>,
    /// Whether the response is a server error.
    pub(crate) fails: bool,
}

/// The id that a request sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SentCookie {
    /// The id that the browser has when the request starts.
    Newest,
    /// An id that was issued earlier, if there is one. Such a request is late, or comes from an attacker who planted or
    /// stole the id.
    Older(usize),
}

/// A change that a request makes to its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mutation {
    Insert(Key),
    Increment,
    Push,
    Clear,
    Renew,
    LogIn(User),
    LogOut,
    Destroy,
}

/// A key to insert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Cart,
    Csrf,
    Note,
}

/// One of the two users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum User {
    Ada,
    Bob,
}

impl Task {
    pub(crate) fn random(rng: &mut Rng, devices: usize) -> Self {
        let operations = if rng.one_in(4) { 2 } else { 1 };
        let device = usize::from(devices > 1 && rng.one_in(3));
        Self { device, operations: (0..operations).map(|_| Operation::random(rng)).collect() }
    }
}

impl Operation {
    fn random(rng: &mut Rng) -> Self {
        match rng.below(14) {
            0 => Self::Revoke { user: User::random(rng), spares_own: rng.one_in(2) },
            1 if rng.one_in(2) => Self::Sweep,
            _ => Self::Visit(Visit::random(rng)),
        }
    }

    pub(crate) fn visit(mutations: &[Mutation]) -> Self {
        Self::Visit(Visit { cookie: SentCookie::Newest, mutations: mutations.to_vec(), fails: false })
    }
}

impl Visit {
    fn random(rng: &mut Rng) -> Self {
        let cookie = if rng.one_in(5) { SentCookie::Older(rng.below(3)) } else { SentCookie::Newest };
        let key = [Key::Cart, Key::Csrf, Key::Note][rng.below(3)];
        let write =
            [Mutation::Insert(key), Mutation::Increment, Mutation::Increment, Mutation::Push][rng.below(4)];
        let id_change = match rng.below(8) {
            0..3 => Mutation::Renew,
            3..6 => Mutation::LogIn(User::random(rng)),
            6 => Mutation::LogOut,
            _ => Mutation::Destroy,
        };
        let mutations = match rng.below(12) {
            0 => vec![],
            1..5 => vec![write],
            5 => vec![Mutation::Clear],
            6 => vec![Mutation::Clear, Mutation::Insert(key)],
            7 => vec![write, id_change],
            8 => vec![id_change, write],
            _ => vec![id_change],
        };
        Self { cookie, mutations, fails: rng.one_in(20) }
    }
}

impl Key {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cart => "cart",
            Self::Csrf => CSRF_KEY,
            Self::Note => "note",
        }
    }
}

impl User {
    pub(crate) const ALL: [Self; 2] = [Self::Ada, Self::Bob];

    fn random(rng: &mut Rng) -> Self {
        Self::ALL[rng.below(2)]
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ada => "ada",
            Self::Bob => "bob",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Visit(visit) => {
                write!(f, "{:?}", visit.mutations)?;
                f.write_str(if visit.fails { ", which gets a server error" } else { "" })
            }
            Self::Revoke { user, spares_own } => {
                write!(f, "end all sessions of {user:?}")?;
                f.write_str(if *spares_own { " except the browser's own" } else { "" })
            }
            Self::Sweep => f.write_str("sweep"),
        }
    }
}
