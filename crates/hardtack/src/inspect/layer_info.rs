use std::time::Duration;

/// The settings of a [`SessionLayer`](crate::SessionLayer), without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LayerInfo {
    /// Where the sessions are kept.
    pub kind: BackendKind,
    /// The name of the cookie.
    pub cookie_name: Box<str>,
    /// The attributes of the cookie as they are written, beginning with `; `, without an expiry.
    pub attributes: Box<str>,
    /// Whether the layer follows Flask's rules.
    pub is_like_flask: bool,
    /// The lengths of the keys in bytes, the current key first; empty for a stored session.
    pub key_lengths: Vec<usize>,
    /// How long a cookie is valid after it was written, for sessions kept in cookies.
    pub max_age: Option<Duration>,
    /// How long a stored session lives without being used.
    pub idle: Option<Duration>,
    /// How long a session lives in total.
    pub absolute: Option<Duration>,
}

/// Where the sessions of a layer are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BackendKind {
    /// In the cookie, readable.
    Signed,
    /// In the cookie, unreadable.
    Encrypted,
    /// In a store.
    Stored,
}
