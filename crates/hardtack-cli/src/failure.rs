use std::error::Error as StdError;
use std::fmt;
use std::io;

use hardtack::store::StoreError;

use crate::exit::Exit;

/// The error with which a command fails: the exit status, and a message that says how to fix the problem.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    /// The message, or `None` if the reader of standard output closed the pipe.
    message: Option<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: Some(message.into()) }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Creates a failure whose message includes an error and its causes.
    pub(crate) fn caused(exit: Exit, error: &dyn StdError) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let cause_text = cause.to_string();
            // Some errors repeat the text of their causes.
            if !message.contains(&cause_text) {
                message = format!("{message}: {cause_text}");
            }
            source = cause.source();
        }
        Self::new(exit, message)
    }

    /// Creates a failure for an error from a store: the store did not respond, or a record cannot be read.
    pub(crate) fn of_store(error: &StoreError) -> Self {
        Self::caused(if error.is_unreadable() { Exit::Unreadable } else { Exit::Unreachable }, error)
    }

    /// Creates a failure for a file that cannot be read.
    pub(crate) fn reading(what: &str, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => {
                Self::new(Exit::NotFound, format!("{what} does not exist: check the path"))
            }
            _ => Self::new(Exit::Unreadable, format!("{what} cannot be read: {}", describe(error))),
        }
    }

    /// Creates a failure for a file or a folder that cannot be written.
    pub(crate) fn writing(what: &str, error: &io::Error) -> Self {
        Self::new(Exit::Unwritable, format!("{what} cannot be written: {}", describe(error)))
    }

    /// Returns the exit status.
    pub(crate) const fn exit(&self) -> Exit {
        self.exit
    }

    /// Returns the message, or `None` if the reader of standard output closed the pipe.
    pub(crate) fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }
}

/// Converts an error from writing to standard output.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // The reader closed the pipe, as in `hardtack sessions list | head`.
            io::ErrorKind::BrokenPipe => Self { exit: Exit::Done, message: None },
            _ => Self::writing("standard output", &error),
        }
    }
}

/// Describes an I/O error and how to fix its cause.
pub(crate) fn describe(error: &io::Error) -> String {
    use io::ErrorKind::{
        IsADirectory, NotADirectory, NotFound, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem,
        ResourceBusy, StorageFull, TimedOut,
    };
    let advice = match error.kind() {
        // Errors that do not come from the operating system are our own, and already say how to fix them.
        _ if error.raw_os_error().is_none() => return error.to_string(),
        NotFound => "create its folder first",
        PermissionDenied => "check its permissions, or run the command as its owner",
        IsADirectory => "choose a file in it",
        NotADirectory => "part of its path is a file: check the path",
        ResourceBusy => {
            "another program is using it, or it is a mount point: close the program, or choose another file"
        }
        ReadOnlyFilesystem => "choose a file on another file system",
        StorageFull | QuotaExceeded => "free some space, or choose a file on another disk",
        TimedOut => "try again",
        _ => return error.to_string(),
    };
    format!("{error}: {advice}")
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message().unwrap_or_default())
    }
}

impl StdError for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn system_errors_say_what_happened_and_what_to_do() {
        // The codes of EACCES, EBUSY, EISDIR, ENOSPC, and EROFS.
        for (code, what, advice) in [
            (13, "denied", "as its owner"),
            (16, "busy", "another file"),
            (21, "directory", "choose a file in it"),
            (28, "space", "free some space"),
            (30, "Read-only", "another file system"),
        ] {
            let message = Failure::writing("jar.json", &io::Error::from_raw_os_error(code)).to_string();
            assert!(message.starts_with("jar.json cannot be written: "), "{message}");
            assert!(message.contains(what) && message.contains(advice), "{message}");
        }
    }

    #[test]
    fn other_errors_are_unchanged() {
        let error = io::Error::other("its symbolic links form a loop");
        assert_eq!(
            Failure::writing("jar.json", &error).to_string(),
            "jar.json cannot be written: its symbolic links form a loop"
        );
    }
}
