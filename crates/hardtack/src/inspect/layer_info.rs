use std::time::Duration;

/// The settings of a [`SessionLayer`](crate::SessionLayer), without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LayerInfo {
    /// The kind of the layer's backend.
    pub kind: BackendKind,
    /// The name of the cookie.
    pub cookie_name: Box<str>,
    /// The attributes of the cookie as they appear in the header, starting with `; ` and without an expiry.
    pub attributes: Box<str>,
    /// Whether the layer follows Flask's rules.
    pub is_like_flask: bool,
    /// The lengths of the keys in bytes, starting with the current key; empty for stored sessions.
    pub key_lengths: Vec<usize>,
    /// How long a cookie is valid after it was written; `None` for stored sessions.
    pub max_age: Option<Duration>,
    /// How long a stored session lives without being used; `None` for sessions in cookies.
    pub idle: Option<Duration>,
    /// How long a session lives in total; `None` for signed sessions.
    pub absolute: Option<Duration>,
}

/// The kind of a layer's backend, which determines where its sessions are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BackendKind {
    /// In signed cookies, which the visitor can read.
    Signed,
    /// In encrypted cookies.
    Encrypted,
    /// In a store.
    Stored,
}
