use std::borrow::Cow;
use std::fmt;

use super::{Role, Rule, Severity};

/// A problem with a cookie or a response, with its severity and a fix.
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
/// `Display` writes one line. A finding never contains the cookie's value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Finding {
    rule: Rule,
    severity: Severity,
    message: Cow<'static, str>,
    fix: &'static str,
    reference: &'static str,
}

impl Finding {
    /// Creates a finding about a session cookie that is sent over a network. In this case, each rule has its highest
    /// severity. An [`Advisor`](crate::Advisor) uses lower severities for some rules about other cookies, and for
    /// connections that stay on this machine.
    pub fn new(rule: Rule) -> Self {
        Self::of_cookie(rule, Role::Session, false)
    }

    /// Creates a finding about a cookie with this role. `loopback` is `true` if the connection stays on this machine.
    pub(super) fn of_cookie(rule: Rule, role: Role, loopback: bool) -> Self {
        let row = rule.row();
        let for_role = if role == Role::Session { None } else { row.for_others };
        let lower = if loopback { row.on_loopback.or(for_role) } else { for_role };
        let severity = lower.unwrap_or(row.severity);
        Self { rule, severity, message: row.message, fix: row.fix, reference: row.reference }
    }

    /// Returns the rule that the cookie or the response does not meet.
    pub const fn rule(&self) -> Rule {
        self.rule
    }

    /// Returns the severity, which depends on the cookie's role and on the connection.
    pub const fn severity(&self) -> Severity {
        self.severity
    }

    /// Returns a clause that describes the problem.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns an instruction for fixing the problem.
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
