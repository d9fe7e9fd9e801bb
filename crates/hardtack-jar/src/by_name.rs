//! Finds and removes the cookies of a jar by name.

use std::time::SystemTime;

use crate::domain::canonical_host;
use crate::jar::Jar;
use crate::micros::Micros;
use crate::request_context::RequestContext;
use crate::retrieval::Query;
use crate::stored_cookie::StoredCookie;

impl Jar {
    /// Returns the cookie of this name that is sent with an access, or `None`. If there are several, returns the first
    /// one sent, which servers read. This does not count as a use of the cookie.
    ///
    /// ```
    /// use hardtack_jar::{RequestContext, Jar};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let now = std::time::SystemTime::now();
    /// let page = RequestContext::http("https://example.com/")?;
    /// let mut jar = Jar::new();
    /// jar.set(&page, "csrf=a3fWa", now)?;
    /// let token = jar.get(&page, "csrf", now).map(|cookie| cookie.value());
    /// assert_eq!(token, Some(&b"a3fWa"[..]));
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(
        &self,
        access: &RequestContext,
        name: impl AsRef<[u8]>,
        now: SystemTime,
    ) -> Option<&StoredCookie> {
        let found =
            Query::new(access, self.suffixes(), self.followed(), Micros::of(now)).run(self.cookie_map());
        found.into_iter().find(|cookie| cookie.name() == name.as_ref())
    }

    /// Removes the cookies with this domain, path, and name, and returns the number removed.
    ///
    /// The domain and the path are those of the cookie, not of a URL: `example.com` does not match `www.example.com`,
    /// and `/` does not match `/account`. A leading dot in the domain is ignored. Several cookies can match: a
    /// host-only cookie, a domain cookie, and others in partitions. All of them are removed.
    ///
    /// ```
    /// # use hardtack_jar::{RequestContext, Jar};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let now = std::time::SystemTime::now();
    /// # let page = RequestContext::http("https://www.example.com/")?;
    /// # let mut jar = Jar::new();
    /// jar.set(&page, "id=1; Domain=example.com; Path=/", now)?;
    /// assert_eq!(jar.remove("www.example.com", "/", "id"), 0);
    /// assert_eq!(jar.remove("example.com", "/", "id"), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn remove(&mut self, domain: &str, path: &str, name: impl AsRef<[u8]>) -> usize {
        let name = name.as_ref();
        self.remove_at(domain, |cookie| cookie.name() == name && cookie.path() == path)
    }

    /// Removes all cookies of a domain, and returns the number removed. Cookies of its subdomains stay.
    pub fn remove_domain(&mut self, domain: &str) -> usize {
        self.remove_at(domain, |_| true)
    }

    fn remove_at(&mut self, domain: &str, is_meant: impl Fn(&StoredCookie) -> bool) -> usize {
        let Some(domain) = canonical_host(domain.strip_prefix('.').unwrap_or(domain)) else { return 0 };
        let Some((_, at)) = self.cookie_map().at(&domain) else { return 0 };
        let places: Vec<_> = at.iter().filter(|cookie| is_meant(cookie)).map(StoredCookie::place).collect();
        for place in &places {
            self.take(place);
        }
        places.len()
    }
}
