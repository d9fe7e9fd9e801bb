use std::error::Error as StdError;
use std::{fmt, io};

/// Why the browser did not do what was requested.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Launch(io::Error),
    Gone,
    Late(String),
    Refused { method: String, message: String },
    Page(String),
    Unreadable { what: &'static str, source: Box<dyn StdError + Send + Sync> },
}

impl Error {
    pub(crate) fn launch(error: io::Error) -> Self {
        Self { kind: Kind::Launch(error) }
    }

    /// Returns the error for a browser that has ended.
    pub(crate) fn gone() -> Self {
        Self { kind: Kind::Gone }
    }

    /// Returns the error for a wait that timed out.
    pub(crate) fn late(awaited: impl Into<String>) -> Self {
        Self { kind: Kind::Late(awaited.into()) }
    }

    /// Returns the error for a command that the browser refused.
    pub(crate) fn refused(method: &str, message: impl Into<String>) -> Self {
        Self { kind: Kind::Refused { method: method.to_owned(), message: message.into() } }
    }

    /// Returns the error for a page that is not as expected.
    pub(crate) fn page(message: impl Into<String>) -> Self {
        Self { kind: Kind::Page(message.into()) }
    }

    pub(crate) fn unreadable(what: &'static str, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { kind: Kind::Unreadable { what, source: source.into() } }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Launch(_) => f.write_str(
                "chromium cannot be started: install Debian's chromium, or name another in HARDTACK_CHROMIUM",
            ),
            Kind::Gone => f.write_str("chromium has ended"),
            Kind::Late(awaited) => write!(f, "waited in vain for {awaited}"),
            Kind::Refused { method, message } => write!(f, "chromium refused {method}: {message}"),
            Kind::Page(message) => f.write_str(message),
            Kind::Unreadable { what, .. } => write!(f, "{what} cannot be read"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.kind {
            Kind::Launch(error) => Some(error),
            Kind::Unreadable { source, .. } => Some(source.as_ref()),
            Kind::Gone | Kind::Late(_) | Kind::Refused { .. } | Kind::Page(_) => None,
        }
    }
}
