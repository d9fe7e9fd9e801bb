use std::fmt;

use crate::refusal::Refusal;

/// A refusal or an eviction caused by a response's cookies: see [`SharedJar::on_event`](crate::SharedJar::on_event).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum JarEvent<'a> {
    /// A cookie was refused.
    #[non_exhaustive]
    Refused {
        /// The cookie's name, empty if it has none; `None` if its line could not be parsed.
        name: Option<&'a str>,
        /// The reason.
        refusal: Refusal,
    },
    /// Unexpired cookies were evicted to make room for the new ones.
    #[non_exhaustive]
    Evicted {
        /// The number of evicted cookies.
        cookies: u64,
    },
}

impl fmt::Display for JarEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { name: Some(name), refusal } => write!(f, "cookie `{name}` is refused: {refusal}"),
            Self::Refused { name: None, refusal } => write!(f, "a cookie is refused: {refusal}"),
            Self::Evicted { cookies: 1 } => f.write_str("1 cookie was evicted to make room"),
            Self::Evicted { cookies } => write!(f, "{cookies} cookies were evicted to make room"),
        }
    }
}
