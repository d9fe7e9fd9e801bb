use std::fmt;

/// A change that a request made to one key of its session.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyChange {
    /// The key.
    pub key: Box<str>,
    /// The value before the change, as Flask's tagged JSON; `None` if the key was missing.
    pub before: Option<Box<str>>,
    /// The value after the change; `None` if the key was removed.
    pub after: Option<Box<str>>,
}

/// Redacted: shows only the key.
impl fmt::Debug for KeyChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyChange").field("key", &self.key).finish_non_exhaustive()
    }
}
