use std::fmt;

/// A change that was made to a cookie or a comment when its file was read.
///
/// ```
/// use hardtack_jar::{Adjustment, Format, Jar};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let text = r#"[{"name": "id", "value": "1", "domain": "example.com", "sameSite": "None"}]"#;
/// let mut jar = Jar::new();
/// let imported = jar.import(Format::DevTools, text, std::time::SystemTime::now())?;
/// assert_eq!(imported.adjusted()[0].adjustment(), Adjustment::NoneWithoutSecure);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Adjustment {
    /// `SameSite=None` without `Secure`, which older browsers write for a cookie without `SameSite`, is ignored.
    NoneWithoutSecure,
    /// The domain is a public suffix: the cookie becomes host-only.
    PublicSuffix,
    /// The domain is, for example, `localhost.local` or `[::1].local`: the suffix `.local`, which Python adds to a host
    /// without a dot, is removed.
    PythonLocal,
    /// The domain begins with a dot, but the file marks the cookie as host-only: the dot is ignored.
    DotBeforeHost,
    /// The cookie has an expiration, but is marked as a session cookie: the expiration is ignored.
    SessionWithExpiration,
    /// The expiration is 0, which tools write for a session cookie: the cookie becomes one.
    ZeroExpiration,
    /// The expiration is more than 400 days away, which is the browsers' maximum: it is shortened to 400 days.
    LongLife,
    /// The `storeId` shows that the cookie is not one of the browser's ordinary cookies, but in a container or a
    /// private window: the `storeId` is dropped, because the jar does not distinguish these.
    Store,
    /// The `priority` is not `Medium`: it is dropped, because the jar has no priorities. Chromium uses them to decide
    /// which cookies to evict first.
    Priority,
    /// The comment is not UTF-8: each invalid sequence becomes U+FFFD, the replacement character.
    CommentNotUtf8,
}

impl Adjustment {
    /// Returns a clause that describes the change, for a list.
    pub const fn message(self) -> &'static str {
        match self {
            Self::NoneWithoutSecure => "its `SameSite=None` is ignored, because it has no `Secure`",
            Self::PublicSuffix => "its domain is a public suffix, so it becomes host-only",
            Self::PythonLocal => {
                "its domain is read without `.local`, which Python adds to a host without a dot"
            }
            Self::DotBeforeHost => "its domain begins with a dot, but the file marks it as host-only",
            Self::SessionWithExpiration => "it is marked as a session cookie, so its expiration is ignored",
            Self::ZeroExpiration => "its expiration is 0, so it becomes a session cookie",
            Self::LongLife => "its expiration is more than 400 days away, so it is shortened to 400 days",
            Self::Store => {
                "its `storeId` is dropped: it is in a container or a private window of the browser"
            }
            Self::Priority => "its `priority` is dropped",
            Self::CommentNotUtf8 => "this comment is not UTF-8, so its invalid bytes are replaced",
        }
    }
}

impl fmt::Display for Adjustment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}
