use hardtack::inspect::KeyChange;
use serde::Serialize;

use crate::redact::{RedactedValue, Redaction};

/// A change to one key of a session, with its values redacted as needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RedactedChange {
    /// The key.
    pub key: String,
    /// One of `added`, `changed`, or `removed`.
    pub kind: &'static str,
    /// The value before the change.
    pub before: Option<RedactedValue>,
    /// The value after the change.
    pub after: Option<RedactedValue>,
}

impl RedactedChange {
    pub(super) fn new(change: &KeyChange, redaction: Redaction) -> Self {
        let kind = match (&change.before, &change.after) {
            (None, _) => "added",
            (_, None) => "removed",
            _ => "changed",
        };
        let redacted = |text: &Option<Box<str>>| text.as_deref().map(|text| redaction.wire_text(text));
        Self {
            key: change.key.chars().take(80).collect(),
            kind,
            before: redacted(&change.before),
            after: redacted(&change.after),
        }
    }

    pub(crate) fn estimated_bytes(&self) -> usize {
        let text_bytes = |value: &Option<RedactedValue>| {
            value.as_ref().and_then(|value| value.text.as_ref()).map_or(0, String::len)
        };
        size_of::<Self>() + self.key.len() + text_bytes(&self.before) + text_bytes(&self.after)
    }
}
