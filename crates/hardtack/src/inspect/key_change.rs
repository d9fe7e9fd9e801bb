use std::fmt;

/// What a request did to one key of its session.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyChange {
    /// The key.
    pub key: Box<str>,
    /// What was there, as Flask's tagged JSON.
    pub before: Option<Box<str>>,
    /// What is there now.
    pub after: Option<Box<str>>,
}

/// Only the key.
impl fmt::Debug for KeyChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyChange").field("key", &self.key).finish_non_exhaustive()
    }
}
