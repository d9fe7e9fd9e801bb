use std::fmt::Display;

use hardtack_jar::{Attribute, Exported, Format, Imported, LeftOut};
use serde_json::{Map, Value as Json};

use super::messages::{has_option, message};
use crate::exit::Exit;
use crate::output;

/// Prints messages to standard error about cookies that were left out of files, and counts these cookies.
#[derive(Debug, Default)]
pub(crate) struct Warnings {
    left_out: usize,
}

/// The maximum number of lines in a list of messages about one file. If there are more messages, the last line counts
/// the rest.
const MAX_LINES: usize = 20;

impl Warnings {
    /// Reports the cookies that were left out or adjusted when a file was imported.
    pub(crate) fn imported(&mut self, file: &impl Display, imported: &Imported) {
        self.left_out(file, imported.left_out());
        lines(
            imported.adjusted(),
            |one| format!("{file}: {one}"),
            |count| format!("{file}: {count} more cookies were changed"),
        );
        if let Some(note) = imported.note() {
            output::note(format_args!("{file}: {note}"));
        }
    }

    /// Reports what the format cannot store: cookies, and attributes that may matter to a site. Lost times are not
    /// reported, because almost every format loses them.
    pub(crate) fn exported(&mut self, file: &impl Display, format: Format, exported: &Exported) {
        self.left_out(file, exported.left_out());
        for (attribute, count) in exported.lost() {
            if matches!(attribute, Attribute::HttpOnly | Attribute::SameSite | Attribute::Partition) {
                let cookies = if *count == 1 { "1 cookie" } else { &format!("{count} cookies") };
                output::note(format_args!(
                    "the format {format} cannot store {attribute}, which {cookies} had"
                ));
            }
        }
    }

    fn left_out(&mut self, file: &impl Display, left_out: &[LeftOut]) {
        self.left_out += left_out.len();
        // Cookies that another option would include are grouped by their reason, and each group has one line.
        let (same, others): (Vec<_>, Vec<_>) = left_out.iter().partition(|one| has_option(one));
        let mut reasons: Vec<(&LeftOut, usize)> = Vec::new();
        for one in same {
            match reasons.iter_mut().find(|(first, _)| first.reason() == one.reason()) {
                Some((_, count)) => *count += 1,
                None => reasons.push((one, 1)),
            }
        }
        for (first, count) in reasons {
            let first = message(first);
            output::note(match count {
                1 => format!("{file}: left out: {first}"),
                _ => format!("{file}: left out: {count} cookies for the same reason; the first is {first}"),
            });
        }
        lines(
            &others,
            |one| format!("{file}: left out: {}", message(one)),
            |count| format!("{file}: left out: {count} more"),
        );
    }

    /// Returns the number of cookies that were left out of all files.
    pub(crate) const fn count(&self) -> usize {
        self.left_out
    }

    /// Returns the exit status of a command that otherwise succeeded.
    pub(crate) const fn exit(&self) -> Exit {
        if self.left_out == 0 { Exit::Done } else { Exit::Negative }
    }
}

/// Returns the attributes that a format dropped, each with the number of cookies that had it.
pub(super) fn lost(exported: &Exported) -> Map<String, Json> {
    exported.lost().iter().map(|(attribute, count)| (attribute.name().to_owned(), (*count).into())).collect()
}

fn lines<T>(all: &[T], line: impl Fn(&T) -> String, rest: impl Fn(usize) -> String) {
    // The line that counts the rest takes the place of one message.
    let shown = if all.len() > MAX_LINES { MAX_LINES - 1 } else { all.len() };
    for one in &all[..shown] {
        output::note(line(one));
    }
    if shown < all.len() {
        output::note(rest(all.len() - shown));
    }
}
