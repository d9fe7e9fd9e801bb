use std::fmt;
use std::str::FromStr;

use crate::{Error, ErrorKind};

/// The cross-site requests with which a browser sends a cookie (RFC 6265bis, section 5.2).
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
    /// The cookie is not sent with any request that another site initiates, not even when the visitor follows a link.
    Strict,
    /// The cookie is also sent when the visitor follows a link from another site, but not with that site's `POST`
    /// forms, frames, and scripts.
    Lax,
    /// The cookie is sent with every request. Browsers require `Secure` in addition.
    None,
}

impl SameSite {
    /// Returns the attribute's value as it is written in the header.
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

/// Parses the value case-insensitively, because Flask's settings allow any case. White space is not trimmed.
impl FromStr for SameSite {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        [Self::Strict, Self::Lax, Self::None]
            .into_iter()
            .find(|same_site| same_site.as_str().eq_ignore_ascii_case(word))
            .ok_or_else(|| Error::new(ErrorKind::Cookie, "SameSite must be `Strict`, `Lax`, or `None`"))
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
