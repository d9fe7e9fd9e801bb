use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};

use hardtack::inspect::SessionTrace;
use hardtack_core::protocol::SessionId;

use crate::redact::{MAX_SECRET_CHARS, RedactedValue, Redaction};

/// Redacts the values of cookies. At most the beginning of a session cookie's value is ever stored.
pub(crate) struct CookieRedactor {
    redaction: Redaction,
    /// The names of the layers' session cookies.
    session_names: BTreeSet<String>,
    /// A keyed hash that no other process can compute.
    hasher: RandomState,
}

impl CookieRedactor {
    pub(crate) fn new(redaction: Redaction) -> Self {
        Self { redaction, session_names: BTreeSet::new(), hasher: RandomState::new() }
    }

    pub(crate) fn redaction(&self) -> Redaction {
        self.redaction
    }

    /// Treats the cookies of these layers as session cookies from now on.
    pub(crate) fn add_session_names(&mut self, traces: &[SessionTrace]) {
        for layer in traces.iter().filter_map(|trace| trace.layer.as_ref()) {
            if !self.session_names.contains(&*layer.cookie_name) {
                self.session_names.insert(layer.cookie_name.to_string());
            }
        }
    }

    pub(crate) fn session_names(&self) -> impl Iterator<Item = &str> {
        self.session_names.iter().map(String::as_str)
    }

    /// Returns the value of a cookie, redacted as needed.
    pub(crate) fn redact(&self, name: &str, value: &[u8]) -> RedactedValue {
        let text = String::from_utf8_lossy(value);
        if self.is_secret(name, value) {
            return self.redaction.secret("session", &text);
        }
        self.redaction.text("text", &text)
    }

    /// Returns whether the value grants access to anyone who has it.
    pub(crate) fn is_secret(&self, name: &str, value: &[u8]) -> bool {
        const DEFAULT_NAMES: [&str; 3] = ["__Host-session", "__Secure-session", "session"];
        self.session_names.contains(name)
            || DEFAULT_NAMES.contains(&name)
            || SessionId::parse(value).is_some()
    }

    /// Returns a stand-in for a value that is not stored. It has the same length, and equal values have equal
    /// stand-ins.
    pub(crate) fn stand_in(&self, name: &str, value: &[u8]) -> Vec<u8> {
        let clear = match (self.redaction.shows_values(), self.is_secret(name, value)) {
            (true, false) => return value.to_vec(),
            (true, true) => value.len().min(MAX_SECRET_CHARS),
            (false, _) => 0,
        };
        let digest = self.digest(name.as_bytes(), value).to_be_bytes();
        let letters = digest.iter().map(|byte| b"abcdefghijklmnop"[usize::from(byte & 15)]);
        let filler = letters.cycle().take(value.len() - clear);
        value[..clear].iter().copied().chain(filler).collect()
    }

    /// Returns a digest of a name and a value, which has no meaning outside this process.
    pub(crate) fn digest(&self, name: &[u8], value: &[u8]) -> u64 {
        self.hasher.hash_one((name, value))
    }
}
