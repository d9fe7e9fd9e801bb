use hardtack_jar::Severity;
use serde_json::{Value as Json, json};

/// A problem of a response that no single header line reveals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Finding {
    /// It redirects from https to http.
    Downgrade,
    /// Two new visitors received the same session.
    SameForAll { cookie: String },
    /// The site accepted a session id that it did not create: a visitor with that id received no new one, although a
    /// visitor without an id does.
    TakesPlanted { cookie: String },
}

impl Finding {
    pub(super) const fn severity(&self) -> Severity {
        match self {
            Self::Downgrade | Self::SameForAll { .. } => Severity::Error,
            // The site may issue a new id later, when the visitor logs in.
            Self::TakesPlanted { .. } => Severity::Warning,
        }
    }

    /// Returns the cookie that the finding concerns.
    pub(super) fn cookie(&self) -> Option<&str> {
        match self {
            Self::Downgrade => None,
            Self::SameForAll { cookie } | Self::TakesPlanted { cookie } => Some(cookie),
        }
    }

    pub(super) const fn sentence(&self) -> &'static str {
        match self {
            Self::Downgrade => {
                "the page redirects from https to http, where anyone on the network can read and set cookies"
            }
            Self::SameForAll { .. } => "two new visitors received the same session",
            Self::TakesPlanted { .. } => {
                "the site did not replace a session id that it had not created, so an attacker who plants one may share the session"
            }
        }
    }

    pub(super) const fn fix(&self) -> &'static str {
        match self {
            Self::Downgrade => "redirect only to https",
            Self::SameForAll { .. } => "generate a random id for each session",
            Self::TakesPlanted { .. } => {
                "reject ids that are not in the store, and issue a new id at each login"
            }
        }
    }

    pub(super) const fn section(&self) -> &'static str {
        match self {
            Self::Downgrade => "NIST SP 800-63B, session secrets",
            Self::SameForAll { .. } => "OWASP ASVS 5.0, 7.2.2",
            Self::TakesPlanted { .. } => "OWASP Session Management Cheat Sheet",
        }
    }

    pub(super) fn json(&self) -> Json {
        json!({
            "cookie": self.cookie(),
            "severity": self.severity().as_str(),
            "sentence": self.sentence(),
            "fix": self.fix(),
            "section": self.section(),
        })
    }
}
