use super::site::Site;

/// The relation of a request to other sites. Together with a cookie's `SameSite`, it determines whether the cookie is
/// sent or stored (RFC 6265bis, sections 5.2, 5.7, and 5.8.3).
///
/// | context | cookies that are sent | cookies that are stored |
/// |---|---|---|
/// | [`SameSite`](Self::SameSite) | all | all |
/// | [`Navigation`](Self::Navigation) | all except `Strict` | all |
/// | [`UnsafeNavigation`](Self::UnsafeNavigation) | only `None` | all |
/// | [`CrossSite`](Self::CrossSite) | only `None` | only `None` |
///
/// With [`Profile::Chromium`](crate::Profile::Chromium), an unsafe navigation also sends cookies without `SameSite` for
/// two minutes after their creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SiteContext {
    /// The site itself makes the request, or the visitor does, by typing a URL, opening a bookmark, or reloading.
    #[default]
    SameSite,
    /// The visitor follows a link on another site, or submits a form on another site with a safe method (`GET`).
    Navigation,
    /// The visitor submits a form on another site with an unsafe method (`POST`).
    UnsafeNavigation,
    /// A page on another site embeds or fetches the response.
    CrossSite,
}

impl SiteContext {
    /// Returns the context of a request to `target`. `client` is the site of the page that caused the request, or
    /// `None` if the visitor caused it.
    ///
    /// For a redirected request, `target` is the site of the URL to which the request goes now. If the page is in a
    /// frame, and is not on the same site as all pages that contain the frame, the request is cross-site for every
    /// target. In this case, pass one of these pages' sites that differs from `target`.
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

/// The way in which a page makes a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestKind {
    /// The page navigates the whole tab with a safe method: `GET`, `HEAD`, `OPTIONS`, or `TRACE`.
    Link,
    /// The page navigates the whole tab with an unsafe method, such as `POST`.
    Form,
    /// The page makes any other request, such as for an image, a script, or a frame, or with `fetch`.
    Embedded,
}
