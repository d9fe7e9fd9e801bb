use hardtack_core::cookie::SameSite;

use super::refusal::Refusal;
use super::set_cookie_line::SetCookieLine;

/// The browser whose rules a jar follows, where browsers differ from the standard and from each other.
///
/// ```
/// use hardtack_jar::{RequestContext, Jar, Profile, Refusal};
///
/// # fn main() -> Result<(), hardtack_jar::Error> {
/// let page = RequestContext::http("https://example.com/")?;
/// let check = |profile| Jar::new().profile(profile).check(&page, "nameless", std::time::SystemTime::now());
/// assert_eq!(check(Profile::Standard), Ok(()));
/// assert_eq!(check(Profile::Safari), Err(Refusal::Nameless));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Profile {
    /// RFC 6265bis, with what the Web Platform Tests of 2026 add to it: the default.
    #[default]
    Standard,
    /// Chromium: refuses a tab inside a name or a value, including those of attributes, and a nameless cookie with `=`
    /// in its value; for two minutes after its creation, sends a cookie without `SameSite` with another site's form
    /// (`POST`).
    Chromium,
    /// Safari: refuses nameless cookies, and does not treat `http://localhost` as a secure connection.
    Safari,
}

impl Profile {
    pub(crate) fn check(self, line: &SetCookieLine<'_>) -> Result<(), Refusal> {
        let nameless = line.name().is_empty();
        match self {
            Self::Chromium if line.has_inner_tab() => Err(Refusal::InnerTab),
            Self::Chromium if nameless && line.value().contains(&b'=') => Err(Refusal::NamelessEquals),
            Self::Safari if nameless => Err(Refusal::Nameless),
            Self::Standard | Self::Chromium | Self::Safari => Ok(()),
        }
    }

    /// Returns whether a connection that does not leave the machine counts as encrypted.
    pub(crate) fn trusts_loopback(self) -> bool {
        self != Self::Safari
    }

    /// Returns the number of seconds for which a new cookie is also sent with unsafe navigations from other sites (RFC
    /// 6265bis, section 5.6.7.2, "lax-allowing-unsafe").
    pub(crate) fn lax_allowing_unsafe_seconds(self, same_site: Option<SameSite>) -> Option<i64> {
        (self == Self::Chromium && same_site.is_none()).then_some(120)
    }
}
