use std::fmt;

/// How bad something is about a cookie; they are ordered, the worst last.
///
/// ```
/// use hardtack_jar::Severity;
///
/// assert!(Severity::Notice < Severity::Warning && Severity::Warning < Severity::Error);
/// assert_eq!(Severity::Error.as_str(), "error");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know: it costs little to do better.
    Notice,
    /// A protection is missing, or part of the line does not count.
    Warning,
    /// A browser does not keep the cookie, or a stranger can come by a session.
    Error,
}

impl Severity {
    /// The word for it, in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
