use std::borrow::Cow;
use std::fmt;

use super::{Role, Rule, Severity};

/// A problem of a cookie or a response, with its severity and a fix.
///
/// ```
/// use hardtack_jar::{Finding, Rule, Severity};
///
/// let finding = Finding::new(Rule::NoHttpOnly);
/// assert_eq!(finding.severity(), Severity::Error);
/// assert_eq!(finding.message(), "scripts in the page can read it and send it elsewhere");
/// assert_eq!(finding.fix(), "add `HttpOnly`");
/// assert_eq!(finding.reference(), "OWASP ASVS 5.0, 3.3.4");
/// ```
///
/// `Display` writes one line. No text contains the value of the cookie.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Finding {
    rule: Rule,
    severity: Severity,
    message: Cow<'static, str>,
    fix: &'static str,
    reference: &'static str,
}

impl Finding {
    /// Creates a finding with the severity for a session cookie that is sent over a network. This is the highest
    /// severity of a rule; an [`Advisor`](crate::Advisor) lowers it for other cookies.
    pub fn new(rule: Rule) -> Self {
        Self::of_cookie(rule, Role::Session, false)
    }

    /// Creates a finding about a cookie with this role. `loopback` is whether its connection stays on this machine.
    pub(super) fn of_cookie(rule: Rule, role: Role, loopback: bool) -> Self {
        let row = rule.row();
        let for_role = if role == Role::Session { None } else { row.for_others };
        let lower = if loopback { row.on_loopback.or(for_role) } else { for_role };
        let severity = lower.unwrap_or(row.severity);
        Self { rule, severity, message: row.message, fix: row.fix, reference: row.reference }
    }

    /// Returns the rule that is not met.
    pub const fn rule(&self) -> Rule {
        self.rule
    }

    /// Returns the severity, for the role of the cookie.
    pub const fn severity(&self) -> Severity {
        self.severity
    }

    /// Returns what is wrong, as a clause about the cookie or the response.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns how to fix it.
    pub const fn fix(&self) -> &'static str {
        self.fix
    }

    /// Returns the document and section that the rule comes from.
    pub const fn reference(&self) -> &'static str {
        self.reference
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.severity, self.message, self.fix)
    }
}
