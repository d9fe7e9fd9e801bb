use std::borrow::Cow;
use std::fmt;

use super::adjustment::Adjustment;
use crate::cookie::CookieRecord;
use crate::set_cookie::Refusal;

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

impl LeftOut {
    pub(super) fn new(place: Place, cookie: Option<Box<str>>, reason: Reason) -> Self {
        Self { place, cookie, reason }
    }

    pub(super) fn unwritable(place: usize, cookie: &CookieRecord<'_>, why: &'static str) -> Self {
        let cookie = Some(label(&cookie.name, &cookie.domain));
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

/// The reason why a cookie of Firefox's first-party isolation is left out: it would be sent from other pages, too.
#[cfg(any(feature = "json", feature = "sqlite"))]
pub(super) const ISOLATED: &str = "Firefox isolates it by the site of the page (`firstPartyDomain`)";

/// Returns a cookie's name and domain, to identify it in messages.
pub(super) fn label(name: &[u8], domain: &str) -> Box<str> {
    let (name, domain) = (shortened(name), shortened(domain.as_bytes()));
    match (&*name, &*domain) {
        ("", domain) => format!("without a name, of {domain}").into(),
        (name, "") => format!("`{name}`").into(),
        (name, domain) => format!("`{name}` of {domain}").into(),
    }
}

/// Shortens and escapes a name. Names in a file may be of any length, and contain characters that control a terminal or
/// change the text around them.
fn shortened(text: &[u8]) -> String {
    const MAX_BYTES: usize = 256;
    let mut shown = String::new();
    for char in String::from_utf8_lossy(text.get(..MAX_BYTES).unwrap_or(text)).chars() {
        match char {
            '\'' | '"' | '\\' => shown.push(char),
            char => shown.extend(char.escape_debug()),
        }
    }
    if text.len() > MAX_BYTES {
        shown.push('…');
    }
    shown
}
