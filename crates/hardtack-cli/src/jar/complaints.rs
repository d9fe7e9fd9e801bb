use std::fmt::Display;

use hardtack_jar::{Exported, Imported, LeftOut};

use crate::exit::Exit;
use crate::output;

/// Messages about the cookies of files, in addition to the output: how many were left out, and why.
#[derive(Debug, Default)]
pub(crate) struct Complaints {
    left_out: usize,
}

/// The maximum number of lines about one file; the rest is counted.
const MOST_LINES: usize = 20;

impl Complaints {
    /// Reports what was left out of a file or was adjusted.
    pub(crate) fn imported(&mut self, file: &impl Display, imported: &Imported) {
        self.left_out(file, imported.left_out());
        lines(
            imported.adjusted(),
            |one| format!("{file}: {one}"),
            |count| format!("{file}: {count} more were changed"),
        );
        if let Some(note) = imported.note() {
            output::note(format_args!("{file}: {note}"));
        }
    }

    /// Reports what a format cannot hold.
    pub(crate) fn exported(&mut self, file: &impl Display, exported: &Exported) {
        self.left_out(file, exported.left_out());
    }

    fn left_out(&mut self, file: &impl Display, left_out: &[LeftOut]) {
        self.left_out += left_out.len();
        lines(
            left_out,
            |one| format!("{file}: left out: {}", sentence(one)),
            |count| format!("{file}: left out: {count} more"),
        );
    }

    /// How many cookies were left out of all files.
    pub(crate) const fn count(&self) -> usize {
        self.left_out
    }

    /// The exit status of a command that has otherwise succeeded.
    pub(crate) const fn exit(&self) -> Exit {
        if self.left_out == 0 { Exit::Done } else { Exit::Judged }
    }
}

/// Why a cookie was left out, with the option instead of the library function.
pub(super) fn sentence(left_out: &LeftOut) -> String {
    left_out.to_string().replace("`Import::origin`", "--url")
}

fn lines<T>(all: &[T], line: impl Fn(&T) -> String, rest: impl Fn(usize) -> String) {
    // A line about the rest takes as much space as one more message.
    let shown = if all.len() > MOST_LINES { MOST_LINES - 1 } else { all.len() };
    for one in &all[..shown] {
        output::note(line(one));
    }
    if shown < all.len() {
        output::note(rest(all.len() - shown));
    }
}
