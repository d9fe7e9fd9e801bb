use std::time::Duration;

use crate::config::{Keep, Settings};
use crate::session_cookie::{Expiry, SessionCookie};

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

impl Portrait {
    pub(crate) fn of(settings: &Settings, cookie: &SessionCookie) -> Self {
        let line = cookie.set("", Expiry::Browser);
        let line = line.as_ref().and_then(|line| line.to_str().ok()).unwrap_or_default();
        let attributes = line.get(cookie.name.len() + 1..).unwrap_or_default();
        let (kind, keys, max_age, idle, absolute) = match &settings.keep {
            Keep::Signed { keys, max_age, .. } => (Kind::Signed, Some(keys), Some(*max_age), None, None),
            Keep::Encrypted { keys, max_age, absolute } => {
                (Kind::Encrypted, Some(keys), Some(*max_age), None, Some(*absolute))
            }
            Keep::Stored { lifetime, .. } => {
                let (idle, absolute) = (lifetime.idle_timeout(), lifetime.absolute_timeout());
                (Kind::Stored, None, None, Some(idle), Some(absolute))
            }
        };
        Self {
            kind,
            cookie_name: cookie.name.clone(),
            attributes: attributes.into(),
            is_like_flask: settings.flask.is_some(),
            key_lengths: keys.map(|keys| keys.lengths().collect()).unwrap_or_default(),
            max_age,
            idle,
            absolute,
        }
    }
}
