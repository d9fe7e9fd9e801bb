/// A cookie name prefix. Browsers reject a cookie whose name begins with a prefix unless the cookie has the attributes
/// that the prefix requires (RFC 6265bis, section 4.1.3).
///
/// ```
/// use hardtack_core::cookie::Prefix;
///
/// assert_eq!(Prefix::of("__Host-session"), Some(Prefix::Host));
/// assert_eq!(Prefix::of("session"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Prefix {
    /// `__Secure-`: requires `Secure`.
    Secure,
    /// `__Host-`: requires `Secure` and `Path=/`, and forbids `Domain`.
    Host,
    /// `__Http-`: requires `Secure` and `HttpOnly`.
    Http,
    /// `__Host-Http-`: combines the requirements of `__Host-` and `__Http-`.
    HostHttp,
}

impl Prefix {
    /// Returns the prefix of a cookie's name, ignoring case as browsers do: `__host-` has the same effect as `__Host-`.
    pub fn of(name: impl AsRef<[u8]>) -> Option<Self> {
        let name = name.as_ref();
        // Check the longest prefix first, because `__Host-Http-` also begins with `__Host-`.
        [Self::HostHttp, Self::Host, Self::Http, Self::Secure].into_iter().find(|prefix| {
            let text = prefix.as_str();
            name.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text.as_bytes()))
        })
    }

    /// Returns the text of the prefix.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Secure => "__Secure-",
            Self::Host => "__Host-",
            Self::Http => "__Http-",
            Self::HostHttp => "__Host-Http-",
        }
    }

    /// Returns whether the prefix requires `Path=/` and forbids `Domain`.
    pub const fn is_host_bound(self) -> bool {
        matches!(self, Self::Host | Self::HostHttp)
    }

    /// Returns whether the prefix requires `HttpOnly`.
    pub const fn is_http_only(self) -> bool {
        matches!(self, Self::Http | Self::HostHttp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r10_prefixes_are_known_in_any_case() {
        assert_eq!(Prefix::of("__Secure-a"), Some(Prefix::Secure));
        assert_eq!(Prefix::of("__sEcUrE-"), Some(Prefix::Secure));
        assert_eq!(Prefix::of("__HOST-a"), Some(Prefix::Host));
        assert_eq!(Prefix::of("__http-a"), Some(Prefix::Http));
        assert_eq!(Prefix::of("__Host-http-a"), Some(Prefix::HostHttp));
        assert_eq!(Prefix::of("__Host-Httpa"), Some(Prefix::Host));
    }

    #[test]
    fn other_names_have_none() {
        for name in ["", "_", "__Host", "__Secure_a", "x__Host-a", "_Host-a", "__Höst-a", "__Hos\u{17f}-a"] {
            assert_eq!(Prefix::of(name), None, "{name}");
        }
    }
}
