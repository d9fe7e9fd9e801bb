use std::sync::Arc;

use super::domain::is_ip;

/// A list of the domains under which anyone can register a name, such as `com`, `co.uk`, and `github.io`.
///
/// Browsers use the public suffix list of publicsuffix.org. With the feature `psl`, [`BuiltInSuffixes`] contains this
/// list.
///
/// ```
/// use hardtack_jar::{Jar, SuffixList};
///
/// /// A private network, with names under `lan` only.
/// struct Lan;
///
/// impl SuffixList for Lan {
///     fn suffix<'a>(&self, domain: &'a str) -> Option<&'a str> {
///         domain.rsplit('.').next()
///     }
/// }
///
/// let jar = Jar::with_suffixes(Lan);
/// assert!(jar.is_empty());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a public suffix list",
    note = "`hardtack_jar::BuiltInSuffixes`, with the feature `psl`, is the list of publicsuffix.org"
)]
pub trait SuffixList: Send + Sync + 'static {
    /// Returns the longest public suffix of a domain, or `None` if there is none.
    ///
    /// The domain is a host name in [canonical form](crate::canonical_host), without a trailing dot. In the algorithm
    /// of publicsuffix.org, the last label is a public suffix if no rule matches.
    fn suffix<'a>(&self, domain: &'a str) -> Option<&'a str>;
}

/// The public suffix list of publicsuffix.org, as contained in the `psl` crate. As in browsers, it includes the list's
/// private section.
#[cfg(feature = "psl")]
#[derive(Debug, Clone, Copy, Default)]
pub struct BuiltInSuffixes;

#[cfg(feature = "psl")]
impl SuffixList for BuiltInSuffixes {
    fn suffix<'a>(&self, domain: &'a str) -> Option<&'a str> {
        psl::suffix_str(domain)
    }
}

/// An empty list, which contains no public suffixes.
pub(crate) struct NoSuffixes;

impl SuffixList for NoSuffixes {
    fn suffix<'a>(&self, _domain: &'a str) -> Option<&'a str> {
        None
    }
}

impl<L: SuffixList> SuffixList for Arc<L> {
    fn suffix<'a>(&self, domain: &'a str) -> Option<&'a str> {
        (**self).suffix(domain)
    }
}

/// Returns whether a domain is itself a public suffix. An IP address is not.
pub(crate) fn is_public_suffix(list: &dyn SuffixList, domain: &str) -> bool {
    let name = domain.strip_suffix('.').unwrap_or(domain);
    !is_ip(name) && list.suffix(name).is_some_and(|suffix| suffix.len() == name.len())
}

/// Returns the registrable domain of a host: the public suffix and the label before it. The registrable domain and its
/// subdomains belong to one owner. Returns `None` for IP addresses, public suffixes, hosts without a public suffix, and
/// invalid host names.
///
/// ```
/// # #[cfg(feature = "psl")] {
/// use hardtack_jar::{BuiltInSuffixes, registrable_domain};
///
/// assert_eq!(registrable_domain(&BuiltInSuffixes, "a.shop.co.uk"), Some("shop.co.uk"));
/// assert_eq!(registrable_domain(&BuiltInSuffixes, "co.uk"), None);
/// # }
/// ```
pub fn registrable_domain<'a>(list: &dyn SuffixList, host: &'a str) -> Option<&'a str> {
    let name = host.strip_suffix('.').unwrap_or(host);
    if is_ip(name) || name.split('.').any(str::is_empty) {
        return None;
    }
    let above = name.strip_suffix(list.suffix(name)?)?.strip_suffix('.')?;
    let start = above.rfind('.').map_or(0, |dot| dot + 1);
    host.get(start..)
}

#[cfg(all(test, feature = "psl"))]
mod tests {
    use super::*;

    #[test]
    fn one_label_more_than_the_suffix_is_registered() {
        for (host, registered) in [
            ("example.com", Some("example.com")),
            ("a.b.example.com", Some("example.com")),
            ("a.example.co.uk.", Some("example.co.uk.")),
            ("com", None),
            ("co.uk", None),
            ("jane.github.io", Some("jane.github.io")),
            ("github.io", None),
            ("a.b.unlisted", Some("b.unlisted")),
            ("localhost", None),
            ("192.0.2.3", None),
            ("[::1]", None),
            (".com", None),
            ("", None),
        ] {
            assert_eq!(registrable_domain(&BuiltInSuffixes, host), registered, "{host}");
        }
    }

    #[test]
    fn a_trailing_dot_does_not_change_a_public_suffix() {
        for (domain, public) in [
            ("com", true),
            ("co.uk.", true),
            ("example.com", false),
            ("unlisted", true),
            ("192.0.2.3", false),
            ("www.ck", false),
            ("xn--fiqs8s", true),
        ] {
            assert_eq!(is_public_suffix(&BuiltInSuffixes, domain), public, "{domain}");
        }
    }
}
