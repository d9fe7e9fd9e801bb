use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

/// What went wrong, as a sentence for whoever has to mend it.
///
/// A visitor's bad input never becomes an `Error`: it gives a fresh session and is counted. What arrives here is a
/// developer's mistake, or a value that does not have the type asked for.
///
/// ```
/// use hardtack_core::ErrorKind;
/// use hardtack_core::cookie::SetCookie;
///
/// let error = SetCookie::new("__Host-theme", "dark").to_header().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Cookie);
/// assert!(error.to_string().contains("add `.secure()`"));
/// ```
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: Cow<'static, str>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// Whose move it is, coarsely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A cookie that a browser would refuse, or that cannot be written at all.
    Cookie,
    /// A secret that is missing or too short.
    Key,
    /// A value that is not of the type asked for, or that the wire format cannot hold.
    Value,
    /// Settings that contradict each other.
    Config,
    /// A session that is used where or when it cannot be.
    Session,
}

impl Error {
    /// Makes an error of a kind; `message` is lower case, without a full stop, and names the fix.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    /// Keeps what caused it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The kind of this error.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
