/// How many cookies a jar keeps (RFC 6265bis, section 6.1).
///
/// The default, 180 of one domain and 3,300 in all, is what Chromium keeps; the standard asks for 50 and 3,000 at least.
/// What is over goes in this order: what has expired, cookies without `Secure` of a domain that has too many, others of
/// that domain, and then any; always those first that were not used for longest.
///
/// The limits hold for what servers and scripts set. What is restored, merged, or imported is never evicted and evicts
/// nothing; a jar that holds more than its limits for that reason does not grow further. [`Jar::evicted`] counts.
///
/// [`Jar::evicted`]: crate::Jar::evicted
///
/// ```
/// use hardtack_jar::{Jar, Limits};
///
/// let crawler = Jar::new().limits(Limits::default().total(1_000_000));
/// ```
///
/// Finding a cookie's place costs a look at each cookie of its domain: raise `per_domain` with that in mind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub(crate) per_domain: usize,
    pub(crate) total: usize,
}

impl Limits {
    /// The most cookies of one domain.
    #[must_use]
    pub const fn per_domain(mut self, cookies: usize) -> Self {
        self.per_domain = cookies;
        self
    }

    /// The most cookies in all.
    #[must_use]
    pub const fn total(mut self, cookies: usize) -> Self {
        self.total = cookies;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_domain: 180, total: 3_300 }
    }
}
