use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use hardtack_core::cookie::trim;

use super::adjustment::Adjustment;
use super::attribute::Attribute;
use super::kind::Format;
use crate::jar::{Change, Jar};
use crate::record::CookieRecord;
use crate::refusal::Refusal;

/// The reason why a format cannot store a cookie without a name.
pub(super) const NAMELESS: &str = "it has no name, which the tools of this format need";

/// Refuses a cookie for a format whose readers trim each part.
pub(super) fn check_blanks(cookie: &CookieRecord<'_>) -> Result<(), &'static str> {
    let is_trimmed = |text: &[u8]| trim(text).len() < text.len();
    if is_trimmed(&cookie.name) || is_trimmed(&cookie.value) || is_trimmed(cookie.path.as_bytes()) {
        return Err(
            "its name, value, or path begins or ends with a blank, which readers of this format remove",
        );
    }
    Ok(())
}

/// The result of an import. Each cookie of the file is counted once.
///
/// | | |
/// |---|---|
/// | [`taken`](Self::taken) | it is now in the jar |
/// | [`outdated`](Self::outdated) | the jar had a newer one, which stays |
/// | [`expired`](Self::expired) | it had expired |
/// | [`left_out`](Self::left_out) | it could not be read, or every browser would refuse it |
#[derive(Default)]
#[must_use = "it says which cookies were left out"]
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

/// A jar as text, to write to a file.
#[must_use = "it is the text to be kept"]
pub struct Exported {
    text: Vec<u8>,
    left_out: Vec<LeftOut>,
    lost: Vec<(Attribute, usize)>,
}

/// A cookie that was left out, and why. `Display` shows its place, name, and domain, with control characters escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    place: Place,
    cookie: Option<Box<str>>,
    reason: Reason,
}

/// A cookie or a comment that was adjusted when it was read. `Display` shows the same as for [`LeftOut`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjusted {
    place: Place,
    cookie: Option<Box<str>>,
    adjustment: Adjustment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Counted from 1.
    Line(usize),
    /// Counted from 1.
    Cookie(usize),
    /// An entry of a recording, counted from 1.
    #[cfg(feature = "json")]
    Entry(usize),
}

/// Why a cookie was left out of an import or an export.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// Every browser would refuse it.
    Refused(Refusal),
    /// It does not have the form that the format requires.
    Unreadable(Cow<'static, str>),
    /// The format cannot store it.
    Unwritable(&'static str),
}

impl Imported {
    /// Returns the number of cookies that were added.
    pub fn taken(&self) -> usize {
        self.taken
    }

    /// Returns the number of cookies that were skipped because the jar has a newer one.
    pub fn outdated(&self) -> usize {
        self.outdated
    }

    /// Returns the number of cookies that had expired, and were not added.
    pub fn expired(&self) -> usize {
        self.expired
    }

    /// Returns the number of expired cookies that deleted an older cookie in the jar.
    pub fn removed(&self) -> usize {
        self.removed
    }

    /// Returns the cookies that were left out.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Returns the cookies and comments that were adjusted when they were read.
    pub fn adjusted(&self) -> &[Adjusted] {
        &self.adjusted
    }

    /// Returns why the file lacks cookies that are expected: for example, because a recording was made without them. It
    /// is a sentence without a period.
    pub fn note(&self) -> Option<&'static str> {
        self.note
    }

    /// Returns the number of cookies in the file.
    pub fn total(&self) -> usize {
        self.taken + self.outdated + self.expired + self.left_out.len()
    }

    /// Returns everything in the file except cookies, for [`Jar::export_with`] in the same format: the comments of
    /// `cookies.txt`, and the other members of Playwright's, HTTPie's, and tough-cookie's files.
    ///
    /// # Security
    ///
    /// It may contain secrets: a storage state has the site's `localStorage`, and an HTTPie session has passwords.
    pub fn rest(&self) -> Option<&str> {
        self.rest.as_deref()
    }

    pub(super) fn count(&mut self, place: Place, cookie: Option<Box<str>>, outcome: Result<Change, Refusal>) {
        match outcome {
            Ok(Change::Nothing) => self.expired += 1,
            Ok(Change::Removed) => {
                self.expired += 1;
                self.removed += 1;
            }
            Ok(Change::Outdated) => self.outdated += 1,
            Ok(Change::Added | Change::Replaced | Change::Unchanged) => self.taken += 1,
            Err(refusal) => self.leave_out(LeftOut::new(place, cookie, Reason::Refused(refusal))),
        }
    }

    pub(super) fn leave_out(&mut self, left_out: LeftOut) {
        self.left_out.push(left_out);
    }

    pub(super) fn adjust(&mut self, adjusted: Adjusted) {
        self.adjusted.push(adjusted);
    }
}

impl Exported {
    /// Writes each unexpired cookie, and counts what the format drops. Records the reason for each cookie that the
    /// format cannot store.
    pub(super) fn each<T>(
        jar: &Jar,
        format: Format,
        now: SystemTime,
        mut write: impl FnMut(&CookieRecord<'_>) -> Result<T, &'static str>,
    ) -> (Vec<T>, Self) {
        let (mut written, mut left_out) = (Vec::new(), Vec::new());
        let mut lost: Vec<_> = Attribute::ALL.iter().map(|&attribute| (attribute, 0)).collect();
        for (number, cookie) in live(jar, now) {
            let outcome = match cookie.partition {
                Some(_) if !format.holds(Attribute::Partition) => {
                    Err("it is partitioned, and would go to other pages too")
                }
                _ => write(&cookie),
            };
            match outcome {
                Ok(one) => {
                    written.push(one);
                    for (attribute, count) in &mut lost {
                        *count += usize::from(attribute.is_lost(format, &cookie));
                    }
                }
                Err(why) => left_out.push(LeftOut::unwritable(number, &cookie, why)),
            }
        }
        lost.retain(|(_, count)| *count > 0);
        (written, Self { text: Vec::new(), left_out, lost })
    }

    pub(super) fn with_text(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.text = text.into();
        self
    }

    /// Returns the text. Most formats are UTF-8; `cookies.txt` may contain any bytes.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Returns the cookies that the format cannot store, by their position among the unexpired cookies of
    /// [`Jar::iter`].
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Returns the attributes that the format cannot store, each with the number of written cookies that had it.
    ///
    /// Almost every format loses the times; see the table at [`Format`].
    pub fn lost(&self) -> &[(Attribute, usize)] {
        &self.lost
    }
}

impl LeftOut {
    pub(super) fn new(place: Place, cookie: Option<Box<str>>, reason: Reason) -> Self {
        Self { place, cookie, reason }
    }

    pub(super) fn unwritable(place: usize, cookie: &CookieRecord<'_>, why: &'static str) -> Self {
        let cookie = Some(super::reading::label(&cookie.name, &cookie.domain));
        Self::new(Place::Cookie(place), cookie, Reason::Unwritable(why))
    }

    /// Returns the number of the line, cookie, or entry, counted from 1.
    pub fn place(&self) -> usize {
        self.place.number()
    }

    /// Returns the reason.
    pub fn reason(&self) -> &Reason {
        &self.reason
    }
}

impl Adjusted {
    pub(super) fn new(place: Place, cookie: Option<Box<str>>, adjustment: Adjustment) -> Self {
        Self { place, cookie, adjustment }
    }

    /// Returns the number of the line, cookie, or entry, counted from 1.
    pub fn place(&self) -> usize {
        self.place.number()
    }

    /// Returns what was changed.
    pub fn adjustment(&self) -> Adjustment {
        self.adjustment
    }
}

impl Place {
    fn number(self) -> usize {
        match self {
            Self::Line(number) | Self::Cookie(number) => number,
            #[cfg(feature = "json")]
            Self::Entry(number) => number,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(number) => write!(f, "line {number}"),
            Self::Cookie(number) => write!(f, "cookie {number}"),
            #[cfg(feature = "json")]
            Self::Entry(number) => write!(f, "entry {number}"),
        }
    }
}

/// Writes `line 3 (`id` of example.com): why`.
fn write_at(
    f: &mut fmt::Formatter<'_>,
    place: Place,
    cookie: Option<&str>,
    why: &dyn fmt::Display,
) -> fmt::Result {
    match cookie {
        Some(cookie) => write!(f, "{place} ({cookie}): {why}"),
        None => write!(f, "{place}: {why}"),
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_at(f, self.place, self.cookie.as_deref(), &self.reason)
    }
}

impl fmt::Display for Adjusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_at(f, self.place, self.cookie.as_deref(), &self.adjustment)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => f.write_str(refusal.message()),
            Self::Unreadable(why) => f.write_str(why),
            Self::Unwritable(why) => f.write_str(why),
        }
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

impl fmt::Debug for Exported {
    /// Omits the text, which is as sensitive as a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exported")
            .field("left_out", &self.left_out)
            .field("lost", &self.lost)
            .finish_non_exhaustive()
    }
}

/// Returns the unexpired cookies, numbered from 1.
fn live(jar: &Jar, now: SystemTime) -> impl Iterator<Item = (usize, CookieRecord<'_>)> {
    let live = jar.iter().filter(move |cookie| cookie.expires().is_none_or(|expires| expires > now));
    live.enumerate().map(|(index, cookie)| (index + 1, cookie.record()))
}
