use std::time::Duration;

/// How a [`SessionLayer`](crate::SessionLayer) is set up, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Portrait {
    /// Where its sessions lie.
    pub kind: Kind,
    /// The name of the cookie.
    pub cookie_name: Box<str>,
    /// The attributes of the cookie as they are written, beginning with `; `, without an expiry.
    pub attributes: Box<str>,
    /// Whether it follows Flask's rules.
    pub is_like_flask: bool,
    /// The lengths of its keys in bytes, the current one's first; none if it has a store.
    pub key_lengths: Vec<usize>,
    /// How long a cookie is good after it was written, for sessions kept in cookies.
    pub max_age: Option<Duration>,
    /// How long a stored session lives without being used.
    pub idle: Option<Duration>,
    /// How long a session lives in any case.
    pub absolute: Option<Duration>,
}

/// Where the sessions of a layer lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// In the cookie, readable.
    Signed,
    /// In the cookie, unreadable.
    Encrypted,
    /// In a store.
    Stored,
}
