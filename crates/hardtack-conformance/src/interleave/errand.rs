use std::fmt;

use crate::dice::Dice;
use crate::request::CSRF_KEY;

/// The operations that one task of a schedule runs, in order.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    /// Which of the user's browsers sends the requests.
    pub(crate) device: usize,
    pub(crate) errands: Vec<Errand>,
}

/// One operation.
#[derive(Debug, Clone)]
pub(crate) enum Errand {
    /// A request: it opens the session, changes it, settles, and commits.
    Visit(Visit),
    /// Ends a user's sessions: all of them, or all except the one whose id the browser has.
    Revoke { user: User, spares_own: bool },
    /// Sweeps expired records.
    Sweep,
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) cookie: Holds,
    pub(crate) deeds: Vec<Deed>,
    /// Whether its response is a server error.
    pub(crate) fails: bool,
}

/// Which id a request sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// The id that the browser has when the request starts.
    Newest,
    /// An id that was issued earlier, if there is one: the request is late, or comes from an attacker who planted or
    /// stole the id.
    Older(usize),
}

/// What a request does to its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
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
    pub(crate) fn random(dice: &mut Dice, devices: usize) -> Self {
        let errands = if dice.one_in(4) { 2 } else { 1 };
        let device = usize::from(devices > 1 && dice.one_in(3));
        Self { device, errands: (0..errands).map(|_| Errand::random(dice)).collect() }
    }
}

impl Errand {
    fn random(dice: &mut Dice) -> Self {
        match dice.below(14) {
            0 => Self::Revoke { user: User::random(dice), spares_own: dice.one_in(2) },
            1 if dice.one_in(2) => Self::Sweep,
            _ => Self::Visit(Visit::random(dice)),
        }
    }

    pub(crate) fn visit(deeds: &[Deed]) -> Self {
        Self::Visit(Visit { cookie: Holds::Newest, deeds: deeds.to_vec(), fails: false })
    }
}

impl Visit {
    fn random(dice: &mut Dice) -> Self {
        let cookie = if dice.one_in(5) { Holds::Older(dice.below(3)) } else { Holds::Newest };
        let key = [Key::Cart, Key::Csrf, Key::Note][dice.below(3)];
        let write = [Deed::Insert(key), Deed::Increment, Deed::Increment, Deed::Push][dice.below(4)];
        let turn = match dice.below(8) {
            0..3 => Deed::Renew,
            3..6 => Deed::LogIn(User::random(dice)),
            6 => Deed::LogOut,
            _ => Deed::Destroy,
        };
        let deeds = match dice.below(12) {
            0 => vec![],
            1..5 => vec![write],
            5 => vec![Deed::Clear],
            6 => vec![Deed::Clear, Deed::Insert(key)],
            7 => vec![write, turn],
            8 => vec![turn, write],
            _ => vec![turn],
        };
        Self { cookie, deeds, fails: dice.one_in(20) }
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

    fn random(dice: &mut Dice) -> Self {
        Self::ALL[dice.below(2)]
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ada => "ada",
            Self::Bob => "bob",
        }
    }
}

impl fmt::Display for Errand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Visit(visit) => {
                write!(f, "{:?}", visit.deeds)?;
                f.write_str(if visit.fails { ", answered by a server error" } else { "" })
            }
            Self::Revoke { user, spares_own } => {
                write!(f, "end all sessions of {user:?}")?;
                f.write_str(if *spares_own { " but the browser's own" } else { "" })
            }
            Self::Sweep => f.write_str("sweep"),
        }
    }
}
