use std::str::FromStr;

use hardtack_jar::{StoredCookie, canonical_host, domain_match};

/// A host and its subdomains, as given by `--domain`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DomainFilter(String);

impl DomainFilter {
    /// Returns whether a cookie belongs to this host or one of its subdomains.
    pub(super) fn has(&self, cookie: &StoredCookie) -> bool {
        domain_match(cookie.domain(), &self.0)
    }
}

impl FromStr for DomainFilter {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let host = canonical_host(text.trim_start_matches('.'));
        host.map(Self).ok_or("not a host name: use a name such as `example.com`")
    }
}

impl std::fmt::Display for DomainFilter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
