//! The library's messages, with the command's options in place of its functions.

use std::error::Error as _;
use std::fmt;
use std::io;

use hardtack_jar::{ErrorKind, LeftOut};

use crate::exit::Exit;
use crate::failure::{Failure, describe};

/// The library's sentences about import options, with the command's equivalents.
const OPTIONS: [(&str, &str); 3] = [
    ("with `Import::origin`", "with --url"),
    ("set the browser's key", "set the browser's key with --key file:PATH"),
    ("cannot be decrypted with this key", "cannot be decrypted with the key from --key"),
];

impl Failure {
    /// Describes a file of cookies that cannot be read or written.
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

/// Returns the reason why a cookie was left out, naming the option instead of the library function.
pub(super) fn message(left_out: &LeftOut) -> String {
    with_options(left_out.to_string())
}

/// Replaces the library's functions in a message with options.
fn with_options(message: String) -> String {
    OPTIONS.iter().fold(message, |message, (library, command)| message.replace(library, command))
}

/// Returns whether another option would have included the cookie. There are at most a few such reasons.
pub(super) fn has_option(left_out: &LeftOut) -> bool {
    let reason = left_out.reason().to_string();
    OPTIONS.iter().any(|(library, _)| reason.contains(library))
}
