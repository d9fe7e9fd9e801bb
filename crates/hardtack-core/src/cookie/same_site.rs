use std::fmt;
use std::str::FromStr;

use crate::{Error, ErrorKind};

/// With which requests from other sites a browser sends a cookie (RFC 6265bis, section 5.2).
///
/// ```
/// use hardtack_core::cookie::SameSite;
///
/// # fn main() -> Result<(), hardtack_core::Error> {
/// assert_eq!("lax".parse::<SameSite>()?, SameSite::Lax);
/// assert_eq!(SameSite::Strict.to_string(), "Strict");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SameSite {
    /// Never with a request that another site caused, not even when the visitor follows a link.
    Strict,
    /// Also when the visitor follows a link from another site, but not with its forms, frames and scripts.
    Lax,
    /// With every request; browsers demand `Secure` beside it.
    None,
}

impl SameSite {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "Strict",
            Self::Lax => "Lax",
            Self::None => "None",
        }
    }
}

impl fmt::Display for SameSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Reads the word in any mixture of cases, as Flask's settings allow; nothing is trimmed.
impl FromStr for SameSite {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        [Self::Strict, Self::Lax, Self::None]
            .into_iter()
            .find(|same_site| same_site.as_str().eq_ignore_ascii_case(word))
            .ok_or_else(|| Error::new(ErrorKind::Cookie, "SameSite must be `Strict`, `Lax` or `None`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_comes_back_in_any_case() {
        for same_site in [SameSite::Strict, SameSite::Lax, SameSite::None] {
            for word in
                [same_site.to_string(), same_site.as_str().to_lowercase(), same_site.as_str().to_uppercase()]
            {
                assert_eq!(word.parse::<SameSite>().expect("a known word"), same_site);
            }
        }
    }

    #[test]
    fn other_words_are_refused() {
        for word in ["", "lax ", " Lax", "lax-x", "default", "láx"] {
            assert!(word.parse::<SameSite>().is_err(), "{word:?}");
        }
    }
}
