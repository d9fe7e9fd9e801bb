use super::site::Site;

/// How a request relates to other sites, which decides which `SameSite` cookies are sent (RFC 6265bis, sections 5.2 and
/// 5.8.3).
///
/// | | sends |
/// |---|---|
/// | [`SameSite`](Self::SameSite) | all |
/// | [`Navigation`](Self::Navigation) | all except `Strict` |
/// | [`UnsafeNavigation`](Self::UnsafeNavigation) | `None` only (and stores all) |
/// | [`CrossSite`](Self::CrossSite) | `None` only |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SiteContext {
    /// A request by the site itself, or by the visitor: typed, from a bookmark, or reloaded.
    #[default]
    SameSite,
    /// The visitor follows a link from another site, or submits its form with a safe method (`GET`).
    Navigation,
    /// The visitor submits a form of another site with an unsafe method (`POST`).
    UnsafeNavigation,
    /// Another site's page embeds or fetches it.
    CrossSite,
}

impl SiteContext {
    /// Returns the context of a request to `target`. `client` is the site of the page that caused it; `None` if the
    /// visitor did.
    ///
    /// For a redirected request, `target` is the site of the URL it goes to now. A page in a frame is a client of its
    /// ancestors' site only if all of them are the same site; otherwise it belongs to no site, and only `kind` matters.
    ///
    /// ```
    /// # #[cfg(feature = "psl")] {
    /// use hardtack_jar::{BuiltInSuffixes, RequestKind, Site, SiteContext};
    ///
    /// # fn main() -> Result<(), hardtack_jar::Error> {
    /// let bank = Site::of(&BuiltInSuffixes, "https://bank.example.com/")?;
    /// let other = Site::of(&BuiltInSuffixes, "https://example.org/")?;
    /// let context = |client, kind| SiteContext::of(client, &bank, kind);
    /// assert_eq!(context(None, RequestKind::Form), SiteContext::SameSite);
    /// assert_eq!(context(Some(&bank), RequestKind::Embedded), SiteContext::SameSite);
    /// assert_eq!(context(Some(&other), RequestKind::Link), SiteContext::Navigation);
    /// assert_eq!(context(Some(&other), RequestKind::Form), SiteContext::UnsafeNavigation);
    /// # Ok(())
    /// # }
    /// # main().unwrap();
    /// # }
    /// ```
    pub fn of(client: Option<&Site>, target: &Site, kind: RequestKind) -> Self {
        match kind {
            _ if client.is_none_or(|client| client == target) => Self::SameSite,
            RequestKind::Link => Self::Navigation,
            RequestKind::Form => Self::UnsafeNavigation,
            RequestKind::Embedded => Self::CrossSite,
        }
    }
}

/// What a page does to make a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestKind {
    /// It navigates the whole tab with a safe method: `GET`, `HEAD`, `OPTIONS`, or `TRACE`.
    Link,
    /// It navigates the whole tab with an unsafe method, such as `POST`.
    Form,
    /// Anything else: an image, a script, a frame, or `fetch`.
    Embedded,
}
