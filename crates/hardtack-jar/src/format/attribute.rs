use std::fmt;

use hardtack_core::cookie::Prefix;

/// A part of a cookie that some formats cannot store, as reported by [`Exported::lost`](crate::Exported::lost).
///
/// Every format stores the name, the value, the domain and whether it includes subdomains, the path, `Secure`, and the
/// expiration. The table in the documentation of [`Format`](crate::Format) shows the other attributes.
///
/// ```
/// use hardtack_jar::{RequestContext, Attribute, Format, Jar};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let now = std::time::SystemTime::now();
/// let mut jar = Jar::new();
/// jar.set(&RequestContext::http("https://example.com/")?, "id=1; HttpOnly", now)?;
/// let exported = jar.export(Format::Wget, now)?;
/// assert!(exported.lost().contains(&(Attribute::HttpOnly, 1)));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Attribute {
    /// `HttpOnly`: scripts cannot see the cookie.
    HttpOnly,
    /// `SameSite`.
    SameSite,
    /// The partition. A format that cannot store it leaves out partitioned cookies, because without their partition
    /// they would also be sent from pages on other sites.
    Partition,
    /// The time at which the cookie was first set.
    Created,
    /// The time at which the cookie was last set.
    Updated,
    /// The time at which the cookie was last set or sent.
    LastAccess,
}

impl Attribute {
    /// All attributes, in the order of the columns in [`Format`](crate::Format)'s table.
    pub const ALL: &[Self] =
        &[Self::HttpOnly, Self::SameSite, Self::Partition, Self::Created, Self::Updated, Self::LastAccess];

    /// Returns the human-readable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HttpOnly => "HttpOnly",
            Self::SameSite => "SameSite",
            Self::Partition => "the partition",
            Self::Created => "the creation time",
            Self::Updated => "the update time",
            Self::LastAccess => "the last access time",
        }
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Returns whether a name has a prefix that requires `HttpOnly`. Readers of formats that cannot store `HttpOnly` infer
/// it from such a name.
pub(super) fn implies_http_only(name: &[u8]) -> bool {
    Prefix::of(name).is_some_and(Prefix::is_http_only)
}
