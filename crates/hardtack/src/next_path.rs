use std::fmt;

use serde::{Deserialize, Deserializer};

/// The path to redirect to after a login, which is always on this site.
///
/// ```
/// use hardtack::NextPath;
///
/// assert_eq!(NextPath::parse("/cart?x=1").map(|next| next.to_string()), Some("/cart?x=1".to_owned()));
/// for elsewhere in ["https://evil.example", "//evil.example", "/\\evil.example", "/a\r\nSet-Cookie: x=1", ""] {
///     assert_eq!(NextPath::parse(elsewhere), None);
/// }
/// ```
///
/// When a `NextPath` is deserialized, for instance from a query, a string that is not a path on this site becomes `/`.
///
/// # Security
///
/// If a login page redirected to any URL in its query, an attacker could use a link to the login page to send visitors
/// to another site (open redirect; ASVS 5.0, 3.7.2). Browsers treat `\` as `/` and ignore tabs and line breaks, so a
/// path may contain only visible ASCII characters, and no `\`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextPath(Box<str>);

impl NextPath {
    /// Parses a path, or returns `None` if `text` is not a path on this site.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let is_local = bytes.first() == Some(&b'/') && bytes.get(1) != Some(&b'/');
        let is_plain = bytes.iter().all(|byte| matches!(byte, 0x21..=0x7e) && *byte != b'\\');
        (is_local && is_plain).then(|| Self(text.into()))
    }

    /// Returns the path as a string slice, for a `Location` header.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the path, percent-encoded as the value of a query parameter.
    #[cfg(feature = "axum08")]
    pub(crate) fn to_query(&self) -> String {
        let mut query = String::with_capacity(self.0.len() + 8);
        for byte in self.0.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                    query.push(byte.into())
                }
                byte => query.push_str(&format!("%{byte:02X}")),
            }
        }
        query
    }
}

/// The default is the root path, `/`.
impl Default for NextPath {
    fn default() -> Self {
        Self("/".into())
    }
}

impl fmt::Display for NextPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for NextPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Ok(Self::parse(&text).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_cannot_be_broken_out_of() {
        let next = NextPath::parse("/a?b=c&d=e#f%20").unwrap();
        assert_eq!(next.to_query(), "/a%3Fb%3Dc%26d%3De%23f%2520");
    }

    #[test]
    fn a27_only_paths_of_this_site_are_taken() {
        for path in ["/", "/x", "/x/../y", "/%2f%2fevil", "/x?next=//evil"] {
            assert!(NextPath::parse(path).is_some(), "{path}");
        }
        for path in [
            "x",
            "//",
            "/\\",
            "\\/",
            "/\t/evil",
            "/a b",
            "/\u{e9}",
            "javascript:alert(1)",
            "/a\\b",
            "/\u{7f}",
        ] {
            assert_eq!(NextPath::parse(path), None, "{path}");
        }
    }
}
