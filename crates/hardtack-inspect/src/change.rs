use serde::Serialize;

use crate::veil::Shown;

/// A change to one key of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// The key.
    pub key: String,
    /// One of `added`, `changed`, or `removed`.
    pub sign: &'static str,
    /// The value before the change.
    pub before: Option<Shown>,
    /// The value after the change.
    pub after: Option<Shown>,
}

impl Change {
    pub(crate) fn weight(&self) -> usize {
        let shown = |shown: &Option<Shown>| {
            shown.as_ref().and_then(|shown| shown.text.as_ref()).map_or(0, String::len)
        };
        size_of::<Self>() + self.key.len() + shown(&self.before) + shown(&self.after)
    }
}
