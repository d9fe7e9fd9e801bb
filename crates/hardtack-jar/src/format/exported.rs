use std::fmt;
use std::time::SystemTime;

use hardtack_core::cookie::trim;

use super::attribute::{Attribute, implies_http_only};
use super::format::Format;
use super::left_out::LeftOut;
use crate::cookie::CookieRecord;
use crate::jar::Jar;

/// The text of a jar in a file format, and a report of what the format cannot store.
#[must_use = "the text must be written to a file"]
pub struct Exported {
    text: Vec<u8>,
    left_out: Vec<LeftOut>,
    lost: Vec<(Attribute, usize)>,
}

/// The reason why a format cannot store a cookie without a name.
pub(super) const NAMELESS: &str = "it has no name, which tools that use this format require";

impl Exported {
    /// Calls `write` with each unexpired cookie, and counts the attributes that the format drops. If the format cannot
    /// store a cookie, records the reason.
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
                    Err("it is partitioned, and would also be sent from other pages")
                }
                _ => write(&cookie),
            };
            match outcome {
                Ok(one) => {
                    written.push(one);
                    for (attribute, count) in &mut lost {
                        *count += usize::from(is_lost(*attribute, format, &cookie));
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

    /// Returns the text to write to a file. It is UTF-8 in most formats, but a `cookies.txt` may contain any bytes.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Returns the cookies that the format cannot store, by their position among the unexpired cookies of
    /// [`Jar::iter`](crate::Jar::iter).
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Returns the attributes that the text does not preserve, each with the number of written cookies that are
    /// affected.
    ///
    /// Almost every format loses the times; see the table at [`Format`](crate::Format).
    pub fn lost(&self) -> &[(Attribute, usize)] {
        &self.lost
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

/// Checks a cookie for a format whose readers trim names, values, and paths. Returns an error if the readers would
/// remove white space.
pub(super) fn check_blanks(cookie: &CookieRecord<'_>) -> Result<(), &'static str> {
    let is_trimmed = |text: &[u8]| trim(text).len() < text.len();
    if is_trimmed(&cookie.name) || is_trimmed(&cookie.value) || is_trimmed(cookie.path.as_bytes()) {
        return Err(
            "its name, value, or path begins or ends with white space, which readers of this format remove",
        );
    }
    Ok(())
}

/// Returns whether the format does not preserve this attribute of a cookie.
fn is_lost(attribute: Attribute, format: Format, cookie: &CookieRecord<'_>) -> bool {
    if attribute == Attribute::SameSite && format.always_names_same_site() {
        return cookie.same_site.is_none();
    }
    let is_set = match attribute {
        // Readers infer `HttpOnly` from a name that requires it.
        Attribute::HttpOnly => cookie.http_only && !implies_http_only(&cookie.name),
        Attribute::SameSite => cookie.same_site.is_some(),
        Attribute::Partition => cookie.partition.is_some(),
        Attribute::Updated => cookie.updated.is_some(),
        Attribute::Created | Attribute::LastAccess => true,
    };
    is_set && !format.holds(attribute)
}

/// Returns the unexpired cookies, numbered from 1.
fn live(jar: &Jar, now: SystemTime) -> impl Iterator<Item = (usize, CookieRecord<'_>)> {
    let live = jar.iter().filter(move |cookie| cookie.expires().is_none_or(|expires| expires > now));
    live.enumerate().map(|(index, cookie)| (index + 1, cookie.record()))
}
