//! What comes out of a jar's file, and what of it could not be used.

use std::time::SystemTime;

use hardtack_jar::{Error, ErrorKind, Format, Import, Imported, Jar, LeftOut};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::Input;
use crate::output;

/// Takes the cookies of a file into a jar; its form is found out, unless it is told.
pub(crate) fn read(
    jar: &mut Jar,
    input: &Input,
    format: Option<Format>,
    now: SystemTime,
) -> Result<Imported, Failure> {
    let text = input.read()?;
    let import = format.map_or_else(Import::new, |format| Import::new().format(format));
    jar.import_with(&import, text, now).map_err(|error| about(&input.to_string(), &error))
}

/// What is wrong with a jar's file.
pub(super) fn about(file: &str, error: &Error) -> Failure {
    let exit = if error.kind() == ErrorKind::Io { Exit::Unwritable } else { Exit::Unreadable };
    let failure = Failure::caused(exit, error);
    Failure::new(exit, format!("{file}: {failure}"))
}

/// Says which cookies were left out, and whether any were.
pub(crate) fn tell(file: &str, left_out: &[LeftOut]) -> Exit {
    for one in left_out {
        output::note(format_args!("{file}: left out: {one}"));
    }
    if left_out.is_empty() { Exit::Done } else { Exit::Judged }
}
