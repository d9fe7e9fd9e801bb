use std::fmt;

/// The severity of a finding. Variants are ordered from least to most severe.
///
/// ```
/// use hardtack_jar::Severity;
///
/// assert!(Severity::Notice < Severity::Warning && Severity::Warning < Severity::Error);
/// assert_eq!(Severity::Error.as_str(), "error");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// An improvement that costs little.
    Notice,
    /// A protection is missing, or browsers ignore part of the line.
    Warning,
    /// Browsers refuse the cookie, or an attacker can obtain a session.
    Error,
}

impl Severity {
    /// Returns the severity's name in lower case.
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
