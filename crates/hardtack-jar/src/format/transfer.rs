use std::fmt;
use std::time::SystemTime;

use crate::jar::{Change, Jar};
use crate::record::CookieRecord;
use crate::refusal::Refusal;

/// What came into the jar from a file.
#[derive(Debug, Default)]
#[must_use = "it says which cookies were left out"]
pub struct Imported {
    taken: usize,
    expired: usize,
    left_out: Vec<LeftOut>,
    pub(super) rest: Option<Box<str>>,
}

/// A jar as a text, for a file.
#[must_use = "it is the text to be kept"]
pub struct Exported {
    pub(super) text: Vec<u8>,
    pub(super) left_out: Vec<LeftOut>,
}

/// A cookie that was left out, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    place: Place,
    reason: Reason,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Counted from 1.
    Line(usize),
    /// Counted from 1.
    Cookie(usize),
}

/// Why a cookie did not go from a file to a jar, or from a jar to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// No browser would have taken it.
    Refused(Refusal),
    /// The file does not say it in the form it should.
    Unreadable(&'static str),
    /// The format cannot hold it.
    Unwritable(&'static str),
}

impl Imported {
    /// How many cookies were taken.
    pub fn taken(&self) -> usize {
        self.taken
    }

    /// How many had expired, and were not taken.
    pub fn expired(&self) -> usize {
        self.expired
    }

    /// Those that could not be taken.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// What else there was in the file, as it was written: for [`Jar::export_with`].
    pub fn rest(&self) -> Option<&str> {
        self.rest.as_deref()
    }

    pub(super) fn restore(
        &mut self,
        jar: &mut Jar,
        place: Place,
        record: &CookieRecord<'_>,
        now: SystemTime,
    ) {
        self.count(place, jar.restore(record, now));
    }

    pub(super) fn count(&mut self, place: Place, outcome: Result<Change, Refusal>) {
        match outcome {
            Ok(Change::Nothing | Change::Removed) => self.expired += 1,
            Ok(_) => self.taken += 1,
            Err(refusal) => self.leave_out(place, Reason::Refused(refusal)),
        }
    }

    pub(super) fn leave_out(&mut self, place: Place, reason: Reason) {
        self.left_out.push(LeftOut { place, reason });
    }
}

impl Exported {
    /// The text. Most formats are UTF-8; `cookies.txt` may hold any bytes.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The cookies that the format cannot hold, by their place in [`Jar::iter`].
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl LeftOut {
    pub(super) fn unwritable(cookie: usize, why: &'static str) -> Self {
        Self { place: Place::Cookie(cookie), reason: Reason::Unwritable(why) }
    }

    /// Where it stands: the line or the number of the cookie, counted from 1.
    pub fn place(&self) -> usize {
        match self.place {
            Place::Line(number) | Place::Cookie(number) => number,
        }
    }

    /// Why.
    pub fn reason(&self) -> Reason {
        self.reason
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place::Line(number) => write!(f, "line {number}: {}", self.reason),
            Place::Cookie(number) => write!(f, "cookie {number}: {}", self.reason),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => f.write_str(refusal.sentence()),
            Self::Unreadable(why) | Self::Unwritable(why) => f.write_str(why),
        }
    }
}

impl fmt::Debug for Exported {
    /// Without the text, which is as good as a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exported").field("left_out", &self.left_out).finish_non_exhaustive()
    }
}

/// The cookies that have not expired, with their numbers from 1.
pub(super) fn live(jar: &Jar, now: SystemTime) -> impl Iterator<Item = (usize, CookieRecord<'_>)> {
    let live = jar.iter().filter(move |cookie| cookie.expires().is_none_or(|expires| expires > now));
    live.enumerate().map(|(index, cookie)| (index + 1, cookie.record()))
}
