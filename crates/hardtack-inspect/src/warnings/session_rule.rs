use hardtack::inspect::SessionTrace;
use hardtack_jar::Severity;

use crate::format::count;
use crate::warnings::Warning;

/// A rule about a session and its layer.
pub(crate) struct SessionRule {
    /// A stable identifier.
    id: &'static str,
    severity: Severity,
    /// A function that returns a clause that says what is wrong, or `None` if the rule is met.
    check: fn(&SessionFacts<'_>) -> Option<String>,
    /// A clause that says how to fix the problem.
    fix: &'static str,
    /// The document and section that the rule comes from.
    reference: &'static str,
}

/// The facts that the rules check.
pub(crate) struct SessionFacts<'a> {
    pub(crate) trace: &'a SessionTrace,
    /// The number of consecutive exchanges that wrote the session, including the current one.
    pub(crate) consecutive_writes: u32,
}

/// All rules about sessions. To add a rule, add a row to this table, and a function that checks the rule.
const SESSION_RULES: [SessionRule; 4] = [
    SessionRule {
        id: "Misconfigured",
        severity: Severity::Warning,
        check: misconfigured,
        fix: "follow the advice in the message",
        reference: "documentation of `hardtack::SessionLayer`",
    },
    SessionRule {
        id: "ShortKey",
        severity: Severity::Warning,
        check: short_key,
        fix: "generate one with `openssl rand -hex 32`, and keep the old one as a previous key until its sessions have ended",
        reference: "guide of `hardtack`, secret keys and rotation",
    },
    SessionRule {
        id: "SeveralCookies",
        severity: Severity::Warning,
        check: several_cookies,
        fix: "always set the cookie for the same path and domain, or use a name that begins with `__Host-`",
        reference: "RFC 6265bis, section 4.2.2",
    },
    SessionRule {
        id: "HabitualWrites",
        severity: Severity::Warning,
        check: habitual_writes,
        fix: "write only what has changed: a session that is only read costs neither a write nor a cookie",
        reference: "guide of `hardtack`, figures",
    },
];

/// The minimum length of a secret key in bytes.
const MIN_KEY_BYTES: usize = 32;

/// The number of consecutive exchanges that must write a session before the inspector warns.
const MIN_HABITUAL_WRITES: u32 = 5;

impl SessionRule {
    /// Checks all rules, and returns a warning for each rule that is not met. `cookie` is the name of the session
    /// cookie.
    pub(crate) fn check_all(cookie: &str, facts: &SessionFacts<'_>) -> impl Iterator<Item = Warning> {
        let broken = SESSION_RULES.iter().filter_map(|rule| Some((rule, (rule.check)(facts)?)));
        broken.map(|(rule, message)| {
            Warning::new(rule.id, rule.severity, cookie, &message, rule.fix, rule.reference)
        })
    }
}

fn misconfigured(facts: &SessionFacts<'_>) -> Option<String> {
    let mistake = facts.trace.mistake.as_ref()?;
    Some(format!("mistake: {mistake}"))
}

fn short_key(facts: &SessionFacts<'_>) -> Option<String> {
    let shortest = *facts.trace.layer.as_ref()?.key_lengths.iter().min()?;
    (shortest < MIN_KEY_BYTES).then(|| format!("a secret key has only {}", count(shortest, "byte")))
}

fn several_cookies(facts: &SessionFacts<'_>) -> Option<String> {
    let is_broken = facts.trace.candidates.len() > 1;
    is_broken.then(|| "a request sent several cookies with the session’s name".to_owned())
}

fn habitual_writes(facts: &SessionFacts<'_>) -> Option<String> {
    let is_broken = facts.consecutive_writes >= MIN_HABITUAL_WRITES;
    is_broken.then(|| {
        format!("the session was written by each of the last {MIN_HABITUAL_WRITES} exchanges that opened it")
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn rules_have_unique_identifiers_and_every_part() {
        let ids: BTreeSet<_> = SESSION_RULES.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), SESSION_RULES.len());
        assert!(SESSION_RULES.iter().all(|rule| !rule.fix.is_empty() && !rule.reference.is_empty()));
    }
}
