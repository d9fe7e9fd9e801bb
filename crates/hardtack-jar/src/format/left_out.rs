use std::borrow::Cow;
use std::fmt;

use super::adjustment::Adjustment;
use crate::cookie::CookieRecord;
use crate::set_cookie::Refusal;

/// A cookie that was left out, and the reason. `Display` shows the reason and the cookie's position, name, and domain,
/// with control characters escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    position: Position,
    cookie: Option<Box<str>>,
    reason: Reason,
}

/// A cookie or a comment that was adjusted when it was read. `Display` shows the adjustment and the cookie's position,
/// name, and domain, with control characters escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjusted {
    position: Position,
    cookie: Option<Box<str>>,
    adjustment: Adjustment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    /// The number of a line, counted from 1.
    Line(usize),
    /// The number of a cookie, counted from 1.
    Cookie(usize),
    /// The number of an entry in a recording, counted from 1.
    #[cfg(feature = "json")]
    Entry(usize),
}

/// Why a cookie was left out of an import or an export.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// Every browser would refuse the cookie.
    Refused(Refusal),
    /// The cookie cannot be read, for example because it does not have the form that the file's format requires.
    Unreadable(Cow<'static, str>),
    /// The format cannot store the cookie.
    Unwritable(&'static str),
}

impl LeftOut {
    pub(super) fn new(position: Position, cookie: Option<Box<str>>, reason: Reason) -> Self {
        Self { position, cookie, reason }
    }

    pub(super) fn unwritable(position: usize, cookie: &CookieRecord<'_>, why: &'static str) -> Self {
        let cookie = Some(label(&cookie.name, &cookie.domain));
        Self::new(Position::Cookie(position), cookie, Reason::Unwritable(why))
    }

    /// Returns the number of the line, cookie, or entry, counted from 1.
    pub fn position(&self) -> usize {
        self.position.number()
    }

    /// Returns the reason.
    pub fn reason(&self) -> &Reason {
        &self.reason
    }
}

impl Adjusted {
    pub(super) fn new(position: Position, cookie: Option<Box<str>>, adjustment: Adjustment) -> Self {
        Self { position, cookie, adjustment }
    }

    /// Returns the number of the line, cookie, or entry, counted from 1.
    pub fn position(&self) -> usize {
        self.position.number()
    }

    /// Returns the adjustment that was made.
    pub fn adjustment(&self) -> Adjustment {
        self.adjustment
    }
}

impl Position {
    fn number(self) -> usize {
        match self {
            Self::Line(number) | Self::Cookie(number) => number,
            #[cfg(feature = "json")]
            Self::Entry(number) => number,
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(number) => write!(f, "line {number}"),
            Self::Cookie(number) => write!(f, "cookie {number}"),
            #[cfg(feature = "json")]
            Self::Entry(number) => write!(f, "entry {number}"),
        }
    }
}

/// Writes a line such as ``line 3 (`id` of example.com): why``.
fn write_at(
    f: &mut fmt::Formatter<'_>,
    position: Position,
    cookie: Option<&str>,
    why: &dyn fmt::Display,
) -> fmt::Result {
    match cookie {
        Some(cookie) => write!(f, "{position} ({cookie}): {why}"),
        None => write!(f, "{position}: {why}"),
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_at(f, self.position, self.cookie.as_deref(), &self.reason)
    }
}

impl fmt::Display for Adjusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_at(f, self.position, self.cookie.as_deref(), &self.adjustment)
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

/// The reason why a cookie with a `firstPartyDomain` is left out. A jar cannot isolate such a cookie, and would also
/// send it from pages on other sites.
#[cfg(any(feature = "json", feature = "sqlite"))]
pub(super) const ISOLATED: &str = "Firefox isolates it by the site of the page (`firstPartyDomain`)";

/// Returns a label with a cookie's name and domain, which identifies the cookie in messages.
pub(super) fn label(name: &[u8], domain: &str) -> Box<str> {
    let (name, domain) = (shortened(name), shortened(domain.as_bytes()));
    match (&*name, &*domain) {
        ("", domain) => format!("without a name, of {domain}").into(),
        (name, "") => format!("`{name}`").into(),
        (name, domain) => format!("`{name}` of {domain}").into(),
    }
}

/// Shortens and escapes a name or domain, which may have any length in a file, and may contain characters that control
/// a terminal or change the text around them.
fn shortened(text: &[u8]) -> String {
    const MAX_SHOWN_BYTES: usize = 256;
    let mut shown = String::new();
    for char in String::from_utf8_lossy(text.get(..MAX_SHOWN_BYTES).unwrap_or(text)).chars() {
        match char {
            '\'' | '"' | '\\' => shown.push(char),
            char => shown.extend(char.escape_debug()),
        }
    }
    if text.len() > MAX_SHOWN_BYTES {
        shown.push('…');
    }
    shown
}
