use std::borrow::Cow;
use std::fmt;

use super::{Flaw, Severity};

/// A flaw of a cookie, with its severity and fix.
///
/// `Display` writes one line, without the cookie's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Advice {
    flaw: Flaw,
    severity: Severity,
}

impl Advice {
    pub(super) const fn new(flaw: Flaw, severity: Severity) -> Self {
        Self { flaw, severity }
    }

    /// Returns the flaw.
    pub const fn flaw(&self) -> Flaw {
        self.flaw
    }

    /// Returns the severity, for the role of the cookie.
    pub const fn severity(&self) -> Severity {
        self.severity
    }

    /// Returns what is wrong, as a clause about the cookie.
    pub fn sentence(&self) -> Cow<'static, str> {
        self.flaw.sentence()
    }

    /// Returns how to fix it.
    pub const fn fix(&self) -> &'static str {
        self.flaw.fix()
    }

    /// Returns the document and section of the rule.
    pub const fn section(&self) -> &'static str {
        self.flaw.section()
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.severity, self.sentence(), self.fix())
    }
}
