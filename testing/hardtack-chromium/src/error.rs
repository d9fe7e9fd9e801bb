use std::error::Error as StdError;
use std::{fmt, io};

/// The reason why a step in the browser failed.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
}

#[derive(Debug)]
enum ErrorKind {
    Launch(io::Error),
    Gone,
    TimedOut(String),
    Refused { method: String, message: String },
    Page(String),
    Unreadable { what: &'static str, source: Box<dyn StdError + Send + Sync> },
}

impl Error {
    pub(crate) fn launch(error: io::Error) -> Self {
        Self { kind: ErrorKind::Launch(error) }
    }

    /// Creates the error for a browser that has exited.
    pub(crate) fn gone() -> Self {
        Self { kind: ErrorKind::Gone }
    }

    /// Creates the error for a wait that timed out.
    pub(crate) fn timed_out(awaited: impl Into<String>) -> Self {
        Self { kind: ErrorKind::TimedOut(awaited.into()) }
    }

    /// Creates the error for a command that the browser refused.
    pub(crate) fn refused(method: &str, message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Refused { method: method.to_owned(), message: message.into() } }
    }

    /// Creates the error for a page that is not as expected.
    pub(crate) fn page(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Page(message.into()) }
    }

    pub(crate) fn unreadable(what: &'static str, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { kind: ErrorKind::Unreadable { what, source: source.into() } }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Launch(_) => f.write_str(
                "chromium cannot be started: install Debian's chromium, or set HARDTACK_CHROMIUM to another one",
            ),
            ErrorKind::Gone => f.write_str("chromium exited"),
            ErrorKind::TimedOut(awaited) => write!(f, "timed out waiting for {awaited}"),
            ErrorKind::Refused { method, message } => write!(f, "chromium refused {method}: {message}"),
            ErrorKind::Page(message) => f.write_str(message),
            ErrorKind::Unreadable { what, .. } => write!(f, "{what} cannot be read"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.kind {
            ErrorKind::Launch(error) => Some(error),
            ErrorKind::Unreadable { source, .. } => Some(source.as_ref()),
            ErrorKind::Gone | ErrorKind::TimedOut(_) | ErrorKind::Refused { .. } | ErrorKind::Page(_) => None,
        }
    }
}
