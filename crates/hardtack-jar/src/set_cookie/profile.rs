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
    /// RFC 6265bis, with the additions of the Web Platform Tests of 2026. This is the default.
    #[default]
    Standard,
    /// Chromium. It refuses a tab inside a name or a value, including those of attributes, and a nameless cookie with
    /// `=` in its value. For two minutes after the creation of a cookie without `SameSite`, it also sends this cookie
    /// with forms (`POST`) from other sites.
    Chromium,
    /// Safari. It refuses nameless cookies, and does not treat a connection to `http://localhost` as secure.
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

    /// Returns whether a connection that does not leave the machine is treated as encrypted.
    pub(crate) fn trusts_loopback(self) -> bool {
        self != Self::Safari
    }

    /// Returns for how many seconds after its creation a cookie is also sent with unsafe navigations from other sites
    /// (RFC 6265bis, section 5.6.7.2, "lax-allowing-unsafe"), or `None` if it is never sent with them.
    pub(crate) fn lax_allowing_unsafe_seconds(self, same_site: Option<SameSite>) -> Option<i64> {
        (self == Self::Chromium && same_site.is_none()).then_some(120)
    }
}
