//! Decides whether to accept a cookie, and what to store (RFC 6265bis, section 5.7). The decision is a function of the
//! line, the request, the jar, and the time.

use std::borrow::Cow;
use std::time::SystemTime;

use hardtack_core::cookie::{MAX_COOKIE_SIZE, Prefix, SameSite, has_control};

use crate::cookie::{CookieMap, CookieRecord, Micros};
use crate::request::{
    Api, PartitionKey, RequestContext, SiteContext, SuffixList, canonical_host, default_path, domain_match,
    is_ip, is_public_suffix,
};
use crate::set_cookie::{DomainAttribute, MAX_LIFETIME_SECONDS, Profile, Refusal, SetCookieLine};

/// Everything on which a decision depends, except the line.
pub(crate) struct SetContext<'a, 's> {
    pub(crate) request: &'a RequestContext,
    pub(crate) cookie_map: &'s CookieMap,
    pub(crate) suffixes: &'s dyn SuffixList,
    pub(crate) profile: Profile,
    pub(crate) ignores_prefixes: bool,
    pub(crate) now: SystemTime,
}

impl<'a> SetContext<'a, '_> {
    /// Returns the cookie that a line creates, or the reason to refuse it.
    pub(crate) fn decide(&self, line: &SetCookieLine<'a>) -> Result<CookieRecord<'a>, Refusal> {
        self.profile.check(line)?;
        let domain = self.domain(line)?;
        let path = self.path(line)?;
        let record = CookieRecord {
            name: line.name().into(),
            value: line.value().into(),
            host_only: domain.is_none(),
            domain: domain.unwrap_or(Cow::Borrowed(&self.request.host)),
            path: path.into(),
            secure: line.is_secure(),
            http_only: line.is_http_only(),
            same_site: line.same_site(),
            partition: self.partition(line)?,
            expires: line.expires_by(self.request.date.unwrap_or(self.now), self.now),
            created: self.now,
            updated: Some(self.now),
            last_access: self.now,
        };
        self.check_connection(&record)?;
        self.check_context(&record)?;
        check_attributes(&record, line.path(), self.ignores_prefixes)?;
        self.check_replaced(&record)?;
        Ok(record)
    }

    /// Returns the cookie's domain, or `None` for a host-only cookie.
    fn domain(&self, line: &SetCookieLine<'a>) -> Result<Option<Cow<'a, str>>, Refusal> {
        let domain = match line.domain_attribute() {
            DomainAttribute::Absent => return Ok(None),
            DomainAttribute::Dot => return Err(Refusal::DomainDot),
            DomainAttribute::Named(domain) => str::from_utf8(domain).map_err(|_| Refusal::DomainNotAscii)?,
        };
        if !domain.is_ascii() {
            return Err(Refusal::DomainNotAscii);
        }
        let domain = if domain.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(domain.to_ascii_lowercase())
        } else {
            Cow::Borrowed(domain)
        };
        if !domain_match(&self.request.host, &domain) {
            // If the domain is also a public suffix, that is the more useful reason.
            let public = is_public_suffix(self.suffixes, &domain);
            return Err(if public { Refusal::PublicSuffix } else { Refusal::ForeignDomain });
        }
        // A host may end with several dots, but then it is not a valid domain.
        if domain.contains("..") {
            return Err(Refusal::BadHost);
        }
        if is_public_suffix(self.suffixes, &domain) {
            return if *domain == *self.request.host { Ok(None) } else { Err(Refusal::PublicSuffix) };
        }
        // An IP address has no subdomains, so the cookie is host-only even if it has a `Domain`.
        Ok(if is_ip(&domain) { None } else { Some(domain) })
    }

    fn path(&self, line: &SetCookieLine<'a>) -> Result<&'a str, Refusal> {
        let Some(path) = line.path() else { return Ok(default_path(&self.request.path)) };
        match str::from_utf8(path) {
            Ok(path) if path.is_ascii() => Ok(path),
            _ => Err(Refusal::PathNotAscii),
        }
    }

    /// Determines the cookie's partition (CHIPS, section 2.1).
    fn partition(&self, line: &SetCookieLine<'_>) -> Result<Option<PartitionKey>, Refusal> {
        if !line.is_partitioned() {
            return Ok(None);
        }
        if !line.is_secure() {
            return Err(Refusal::PartitionedWithoutSecure);
        }
        self.request.partition_key(self.suffixes).map(Some).ok_or(Refusal::UnknownPartition)
    }

    /// Checks whether the connection and the API (HTTP or script) allow the cookie.
    fn check_connection(&self, record: &CookieRecord<'_>) -> Result<(), Refusal> {
        let secure = is_secure(self.request, self.profile);
        if record.secure && !secure {
            return Err(Refusal::InsecureSecure);
        }
        if record.http_only && self.request.api == Api::Script {
            return Err(Refusal::ScriptHttpOnly);
        }
        // "Leave secure cookies alone": the domains match in either direction, and the new path is at or below the old
        // one.
        if !record.secure && !secure && self.cookie_map.has_secure_near(record, Micros::of(self.now)) {
            return Err(Refusal::ShadowsSecure);
        }
        Ok(())
    }

    fn check_context(&self, record: &CookieRecord<'_>) -> Result<(), Refusal> {
        if record.same_site != Some(SameSite::None) && self.request.context == SiteContext::CrossSite {
            return Err(Refusal::CrossSite);
        }
        Ok(())
    }

    fn check_replaced(&self, new: &CookieRecord<'_>) -> Result<(), Refusal> {
        let replaced = if self.request.api == Api::Script { self.cookie_map.replaced_by(new) } else { None };
        let now = Micros::of(self.now);
        let replaces_hidden = replaced.is_some_and(|old| old.http_only && !old.is_expired(now));
        if replaces_hidden { Err(Refusal::ReplacesHttpOnly) } else { Ok(()) }
    }
}

/// Returns whether `Secure` cookies may be sent with the request, and set by its response.
pub(crate) fn is_secure(request: &RequestContext, profile: Profile) -> bool {
    request.encrypted || (request.loopback && profile.trusts_loopback())
}

/// Checks a cookie from a file, and returns it as the jar stores it. Refuses a cookie that no page could have set with
/// a `Set-Cookie` line.
pub(crate) fn check_record<'a>(
    record: &CookieRecord<'a>,
    suffixes: &dyn SuffixList,
    ignores_prefixes: bool,
    now: SystemTime,
) -> Result<CookieRecord<'a>, Refusal> {
    let CookieRecord { name, value, path, domain, .. } = record;
    if has_control(name) || has_control(value) {
        return Err(Refusal::ControlCharacter);
    }
    let separated = |text: &[u8], separators: &[u8]| text.iter().any(|byte| separators.contains(byte));
    if separated(name, b";=") || separated(value, b";") {
        return Err(Refusal::Separator);
    }
    if name.len() + value.len() > MAX_COOKIE_SIZE {
        return Err(Refusal::TooLarge);
    }
    if name.is_empty() && value.is_empty() {
        return Err(Refusal::Empty);
    }
    if !path.starts_with('/') || has_control(path.as_bytes()) {
        return Err(Refusal::BadPath);
    }
    if !path.is_ascii() {
        return Err(Refusal::PathNotAscii);
    }
    let mut record = record.clone();
    record.domain = canonical_host(domain).ok_or(Refusal::BadHost)?.into();
    record.host_only |= is_ip(&record.domain);
    // As for a line, a cookie whose domain is a public suffix becomes host-only.
    record.host_only |= is_public_suffix(suffixes, &record.domain);
    if record.partition.is_some() && !record.secure {
        return Err(Refusal::PartitionedWithoutSecure);
    }
    check_attributes(&record, Some(record.path.as_bytes()), ignores_prefixes)?;
    let latest = now.checked_add(std::time::Duration::from_secs(MAX_LIFETIME_SECONDS.into()));
    record.expires = record.expires.map(|expires| latest.map_or(expires, |latest| expires.min(latest)));
    Ok(record)
}

/// Checks `SameSite=None`, the name prefixes, and nameless values that look like prefixed names.
fn check_attributes(
    record: &CookieRecord<'_>,
    explicit_path: Option<&[u8]>,
    ignores_prefixes: bool,
) -> Result<(), Refusal> {
    if record.same_site == Some(SameSite::None) && !record.secure {
        return Err(Refusal::NoneWithoutSecure);
    }
    if ignores_prefixes {
        return Ok(());
    }
    if let Some(prefix) = Prefix::of(&record.name) {
        let kept = record.secure
            && (record.http_only || !prefix.is_http_only())
            && (record.host_only && explicit_path == Some(b"/") || !prefix.is_host_bound());
        if !kept {
            return Err(Refusal::Prefix(prefix));
        }
    }
    if record.name.is_empty() && Prefix::of(&record.value).is_some() {
        return Err(Refusal::NamelessPrefix);
    }
    Ok(())
}
