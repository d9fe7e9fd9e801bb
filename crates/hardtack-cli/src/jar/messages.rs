//! Converts messages of the jar library for the command, so that they name options instead of functions.

use std::error::Error as _;
use std::fmt;
use std::io;

use hardtack_jar::{ErrorKind, LeftOut};

use crate::exit::Exit;
use crate::failure::{Failure, describe};

/// Phrases in the library's messages, each with the phrase that replaces it.
const OPTIONS: [(&str, &str); 3] = [
    ("with `Import::origin`", "with --url"),
    ("set the browser's key", "set the browser's key with --key file:PATH"),
    ("cannot be decrypted with this key", "cannot be decrypted with the key from --key"),
];

impl Failure {
    /// Creates a failure for a cookie file that cannot be read or written.
    pub(crate) fn of_jar(file: &impl fmt::Display, error: &hardtack_jar::Error) -> Self {
        match error.kind() {
            ErrorKind::Io => {
                let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
                let cause = cause.map(|cause| format!(": {}", describe(cause))).unwrap_or_default();
                Self::new(Exit::Unwritable, format!("{error}{cause}"))
            }
            ErrorKind::Unread => {
                let message = with_options(error.to_string());
                Self::new(Exit::Unreadable, format!("{message} with --force"))
            }
            _ => Self::new(Exit::Unreadable, format!("{file}: {}", Self::caused(Exit::Unreadable, error))),
        }
    }
}

/// Returns the cookie and the reason why it was left out, with the name of the option instead of the library's
/// function.
pub(super) fn message(left_out: &LeftOut) -> String {
    with_options(left_out.to_string())
}

/// Replaces the names of library functions in a message with options.
fn with_options(message: String) -> String {
    OPTIONS.iter().fold(message, |message, (library, command)| message.replace(library, command))
}

/// Returns whether the cookie was left out for a reason that an option of the command can remove.
pub(super) fn has_option(left_out: &LeftOut) -> bool {
    let reason = left_out.reason().to_string();
    OPTIONS.iter().any(|(library, _)| reason.contains(library))
}
