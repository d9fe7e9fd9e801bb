//! Finds the cookies to send with a request (RFC 6265bis, section 5.8.3).

use std::cell::OnceCell;
use std::iter;

use hardtack_core::cookie::SameSite;

use super::set_context::is_secure;
use crate::cookie::{CookieList, CookieMap, DomainCookies, Micros, StoredCookie};
use crate::request::{
    Api, PartitionKey, RequestContext, SiteContext, SuffixList, path_match_bytes, with_parents,
};
use crate::set_cookie::Profile;

pub(crate) struct CookieQuery<'a> {
    request: &'a RequestContext,
    suffixes: &'a dyn SuffixList,
    profile: Profile,
    secure: bool,
    now: Micros,
    /// The key of the request's partition. It is computed only if there are partitioned cookies.
    partition: OnceCell<Option<PartitionKey>>,
}

impl<'a> CookieQuery<'a> {
    pub(crate) fn new(
        request: &'a RequestContext,
        suffixes: &'a dyn SuffixList,
        profile: Profile,
        now: Micros,
    ) -> Self {
        let secure = is_secure(request, profile);
        Self { request, suffixes, profile, secure, now, partition: OnceCell::new() }
    }

    /// Returns the cookies to send, in the order in which they are sent.
    pub(crate) fn run<'s>(&self, cookie_map: &'s CookieMap) -> Vec<&'s StoredCookie> {
        let mut found = Vec::new();
        let (mut lists, mut is_own_host) = (0, true);
        for name in with_parents(&self.request.host) {
            if let Some((_, domain)) = cookie_map.at(name) {
                for list in iter::once(&domain.unpartitioned).chain(self.partition(domain)) {
                    let before = found.len();
                    // `for_each` is faster than `extend`, because it uses `Iter::fold`.
                    let cookies = list.iter().filter(|cookie| self.takes(cookie, is_own_host));
                    cookies.for_each(|cookie| found.push(cookie));
                    lists += usize::from(found.len() > before);
                }
            }
            is_own_host = false;
        }
        // If all cookies are from one list, they are already in order.
        if lists > 1 {
            found.sort_by_key(|cookie| cookie.sending_order());
        }
        found
    }

    /// Returns the domain's cookies in the request's partition (CHIPS, section 2.2).
    fn partition<'s>(&self, domain: &'s DomainCookies) -> Option<&'s CookieList> {
        if domain.partitions.is_empty() {
            return None;
        }
        let own = self.partition.get_or_init(|| self.request.partition_key(self.suffixes));
        domain.partitions.get(own.as_ref()?)
    }

    fn takes(&self, cookie: &StoredCookie, is_own_host: bool) -> bool {
        (is_own_host || !cookie.host_only)
            && (self.secure || !cookie.secure)
            && (self.request.api == Api::Http || !cookie.http_only)
            && !cookie.is_expired(self.now)
            && path_match_bytes(self.request.path.as_bytes(), cookie.path_bytes())
            && self.fits_context(cookie)
    }

    fn fits_context(&self, cookie: &StoredCookie) -> bool {
        if self.request.context == SiteContext::SameSite || cookie.same_site == Some(SameSite::None) {
            return true;
        }
        if self.request.api == Api::Script {
            return false;
        }
        match self.request.context {
            SiteContext::SameSite => true,
            SiteContext::Navigation => cookie.same_site != Some(SameSite::Strict),
            SiteContext::UnsafeNavigation => self
                .profile
                .lax_allowing_unsafe_seconds(cookie.same_site)
                .is_some_and(|seconds| self.now.0.saturating_sub(cookie.created.0) <= seconds * 1_000_000),
            SiteContext::CrossSite => false,
        }
    }
}
