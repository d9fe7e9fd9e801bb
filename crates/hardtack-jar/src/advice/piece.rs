use std::borrow::Cow;
use std::fmt;

use super::{Flaw, Severity};

/// Something about a cookie that could be better, and how.
///
/// `Display` says it in one line, without the cookie's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Advice {
    flaw: Flaw,
    severity: Severity,
}

impl Advice {
    pub(super) const fn new(flaw: Flaw, severity: Severity) -> Self {
        Self { flaw, severity }
    }

    /// What is wrong.
    pub const fn flaw(&self) -> Flaw {
        self.flaw
    }

    /// How bad it is, for a cookie of this kind.
    pub const fn severity(&self) -> Severity {
        self.severity
    }

    /// What is wrong, of "the cookie".
    pub fn sentence(&self) -> Cow<'static, str> {
        self.flaw.sentence()
    }

    /// What to do about it.
    pub const fn fix(&self) -> &'static str {
        self.flaw.fix()
    }

    /// Where it is written that it should be so.
    pub const fn section(&self) -> &'static str {
        self.flaw.section()
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.severity, self.sentence(), self.fix())
    }
}
