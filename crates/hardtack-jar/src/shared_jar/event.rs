use std::fmt;

use crate::refusal::Refusal;

/// What became of a response's cookies, where that is not what the server meant: see
/// [`SharedJar::on_event`](crate::SharedJar::on_event).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum JarEvent<'a> {
    /// A cookie was not taken.
    #[non_exhaustive]
    Refused {
        /// Its name, empty if it has none; `None` if its line could not be read.
        name: Option<&'a str>,
        /// Why.
        refusal: Refusal,
    },
    /// Cookies that had not expired were removed to make room for the new ones.
    #[non_exhaustive]
    Evicted {
        /// How many.
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
