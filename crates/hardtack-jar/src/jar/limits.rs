/// The limits on the cookies in a jar (RFC 6265bis, section 6.1).
///
/// | limit | default, as in Chromium |
/// |---|---|
/// | [cookies of a domain](Self::per_domain), without those in partitions | 180 |
/// | [cookies of a domain in one partition](Self::per_partition) | 180 |
/// | [names and values of a domain in one partition](Self::per_partition_bytes) | 10,240 bytes |
/// | [all cookies](Self::total), including those in partitions | 3,300 |
///
/// The standard requires limits of at least 50 cookies per domain and 3,000 in total. If a limit is exceeded, cookies
/// are evicted in this order: expired cookies; cookies without `Secure`, of a domain that has too many cookies; other
/// cookies of that domain; and then any cookies. In each group, the least recently used cookies are evicted first.
///
/// A widget that is embedded in 400 sites has 400 partitions. The limits for a domain apply to each partition
/// separately, so that the partitions do not evict each other's cookies, or the widget's own login.
///
/// The limits apply when a server or a script sets a cookie. Restoring, merging, and importing cookies never evict any.
/// If a jar then exceeds its limits, it keeps its size, but servers and scripts cannot make it larger. [`Jar::evicted`]
/// returns the number of evicted cookies.
///
/// [`Jar::evicted`]: crate::Jar::evicted
///
/// ```
/// use hardtack_jar::{Jar, Limits};
///
/// let crawler = Jar::new().limits(Limits::default().total(1_000_000));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub(crate) per_domain: usize,
    pub(crate) per_partition: usize,
    pub(crate) per_partition_bytes: usize,
    pub(crate) total: usize,
}

impl Limits {
    /// Returns Chromium's limits, which are the default.
    pub const fn new() -> Self {
        Self { per_domain: 180, per_partition: 180, per_partition_bytes: 10_240, total: 3_300 }
    }

    /// Sets the maximum number of unpartitioned cookies of one domain.
    #[must_use]
    pub const fn per_domain(mut self, cookies: usize) -> Self {
        self.per_domain = cookies;
        self
    }

    /// Sets the maximum number of cookies of one domain in one partition.
    #[must_use]
    pub const fn per_partition(mut self, cookies: usize) -> Self {
        self.per_partition = cookies;
        self
    }

    /// Sets the maximum size, in bytes, of all names and values of one domain in one partition.
    #[must_use]
    pub const fn per_partition_bytes(mut self, bytes: usize) -> Self {
        self.per_partition_bytes = bytes;
        self
    }

    /// Sets the maximum number of cookies in total.
    #[must_use]
    pub const fn total(mut self, cookies: usize) -> Self {
        self.total = cookies;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}
