use std::fmt;

use super::left_out::{Adjusted, LeftOut, Position, Reason};
use crate::jar::JarChange;
use crate::set_cookie::Refusal;

/// The result of an import. Each cookie in the file is counted once:
///
/// | method | cookies |
/// |---|---|
/// | [`taken`](Self::taken) | now in the jar |
/// | [`outdated`](Self::outdated) | skipped, because the jar has a newer copy |
/// | [`expired`](Self::expired) | not added, because they had expired |
/// | [`left_out`](Self::left_out) | not readable, or refused by every browser |
#[derive(Default)]
#[must_use = "the result names the cookies that were left out"]
pub struct Imported {
    taken: usize,
    outdated: usize,
    expired: usize,
    removed: usize,
    left_out: Vec<LeftOut>,
    adjusted: Vec<Adjusted>,
    pub(super) note: Option<&'static str>,
    pub(super) rest: Option<Box<str>>,
}

impl Imported {
    /// Returns the number of cookies that are now in the jar, including those that the jar already had.
    pub fn taken(&self) -> usize {
        self.taken
    }

    /// Returns the number of cookies that were skipped because the jar has a newer copy.
    pub fn outdated(&self) -> usize {
        self.outdated
    }

    /// Returns the number of cookies that had expired, and were not added.
    pub fn expired(&self) -> usize {
        self.expired
    }

    /// Returns the number of expired cookies that removed an older copy from the jar.
    pub fn removed(&self) -> usize {
        self.removed
    }

    /// Returns the cookies that were left out, with the reasons.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Returns the cookies and comments that were adjusted when they were read.
    pub fn adjusted(&self) -> &[Adjusted] {
        &self.adjusted
    }

    /// Returns the reason why expected cookies are missing in the file, for example because a recording was made
    /// without them. The reason is a sentence without a period.
    pub fn note(&self) -> Option<&'static str> {
        self.note
    }

    /// Returns the number of cookies in the file.
    pub fn total(&self) -> usize {
        self.taken + self.outdated + self.expired + self.left_out.len()
    }

    /// Returns everything in the file except cookies, for [`Jar::export_with`](crate::Jar::export_with) in the same
    /// format: the user's comments in a `cookies.txt`, and the other members of Playwright's, HTTPie's, and
    /// tough-cookie's files. Returns `None` if there are none, and for other formats.
    ///
    /// # Security
    ///
    /// The returned contents may include secrets: a storage state has the site's `localStorage`, and an HTTPie session
    /// has passwords.
    pub fn rest(&self) -> Option<&str> {
        self.rest.as_deref()
    }

    pub(super) fn count(
        &mut self,
        position: Position,
        cookie: Option<Box<str>>,
        outcome: Result<JarChange, Refusal>,
    ) {
        match outcome {
            Ok(JarChange::Nothing) => self.expired += 1,
            Ok(JarChange::Removed) => {
                self.expired += 1;
                self.removed += 1;
            }
            Ok(JarChange::Outdated) => self.outdated += 1,
            Ok(JarChange::Added | JarChange::Replaced | JarChange::Unchanged) => self.taken += 1,
            Err(refusal) => self.leave_out(LeftOut::new(position, cookie, Reason::Refused(refusal))),
        }
    }

    pub(super) fn leave_out(&mut self, left_out: LeftOut) {
        self.left_out.push(left_out);
    }

    pub(super) fn adjust(&mut self, adjusted: Adjusted) {
        self.adjusted.push(adjusted);
    }
}

impl fmt::Debug for Imported {
    /// Omits the rest, which may contain secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Imported")
            .field("taken", &self.taken)
            .field("outdated", &self.outdated)
            .field("expired", &self.expired)
            .field("removed", &self.removed)
            .field("left_out", &self.left_out)
            .field("adjusted", &self.adjusted)
            .field("note", &self.note)
            .finish_non_exhaustive()
    }
}
