use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use super::attributes::Attributes;
use super::check;
use super::same_site::SameSite;
use super::set_cookie::SetCookie;
use crate::Error;

/// A `Set-Cookie` header that removes a cookie from the browser, by setting an expiry in the past.
///
/// Browsers remove a cookie only if the path and domain of the header are the same as those with which the cookie was
/// set. [`RemoveCookie::new`] corresponds to [`SetCookie::new`]. For a cookie with other settings, repeat its path and
/// domain, or convert the cookie with [`From`]:
///
/// ```
/// use hardtack_core::cookie::{RemoveCookie, SetCookie};
///
/// # fn main() -> Result<(), hardtack_core::Error> {
/// let cart = SetCookie::new("cart", "3 apples").path("/shop");
/// assert_eq!(
///     RemoveCookie::from(&cart).to_header()?,
///     "cart=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/shop; SameSite=Lax"
/// );
/// assert_eq!(RemoveCookie::from(&cart), RemoveCookie::new("cart").path("/shop"));
/// # Ok(())
/// # }
/// ```
///
/// Except in Werkzeug's form, attributes that browsers require are added automatically. `Secure` is added for names
/// that begin with `__Secure-`, `__Host-`, or `__Http-`, and for cookies with `SameSite=None` or `Partitioned`.
/// `HttpOnly` is added for names that begin with `__Http-` or `__Host-Http-`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a cookie is not removed until this is part of a response"]
pub struct RemoveCookie {
    name: Cow<'static, str>,
    attributes: Attributes,
}

impl RemoveCookie {
    /// Creates the header that removes a cookie with this name, if it was set with `Path=/` and without a domain.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self::with(name.into(), Attributes::plain())
    }

    /// Creates the header with which Werkzeug's `delete_cookie` removes a cookie. Only `Path=/` is set by default, the
    /// path is percent-encoded, and the port and leading dots are removed from the domain. `Partitioned` also sets
    /// `Secure`. No other attribute is added, so [`check`](Self::check) may return an error that requires `Secure`.
    pub fn werkzeug(name: impl Into<Cow<'static, str>>) -> Self {
        Self::with(name.into(), Attributes::werkzeug())
    }

    /// Sets the path with which the cookie was set. The default is `/`.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.attributes.set_path(path.into());
        self
    }

    /// Omits the path, for a cookie that was set without a path. The browser then uses the directory of the page.
    pub fn no_path(mut self) -> Self {
        self.attributes.path = None;
        self
    }

    /// Sets the domain with which the cookie was set. By default, there is no domain.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.attributes.set_domain(domain.into());
        self
    }

    /// Adds `Secure`. Over HTTP, browsers do not let a cookie without `Secure` replace a cookie with `Secure`.
    pub fn secure(mut self) -> Self {
        self.attributes.secure = true;
        self
    }

    /// Adds `HttpOnly`.
    pub fn http_only(mut self) -> Self {
        self.attributes.http_only = true;
        self
    }

    /// Sets the `SameSite` attribute with which the cookie was set. While a page on another site embeds this one,
    /// browsers accept the header only with `SameSite=None`.
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.attributes.same_site = Some(same_site);
        self.attributes.add_what_is_demanded(&self.name);
        self
    }

    /// Omits `SameSite`.
    pub fn no_same_site(mut self) -> Self {
        self.attributes.same_site = None;
        self
    }

    /// Removes the cookie from the partition of the embedding site (CHIPS).
    pub fn partitioned(mut self) -> Self {
        self.attributes.set_partitioned();
        self.attributes.add_what_is_demanded(&self.name);
        self
    }

    /// Checks the rules by which browsers reject the header, as [`SetCookie::check`] does.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`SetCookie::check`] that do not concern the value.
    pub fn check(&self) -> Result<(), Error> {
        check::name(&self.name)?;
        check::size(&self.name, "")?;
        self.attributes.check(&self.name)
    }

    /// Returns the header's value, `name=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; …`, in ASCII.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`check`](Self::check).
    pub fn to_header(&self) -> Result<String, Error> {
        self.check()?;
        let mut header = String::with_capacity(self.name.len() + 1 + self.attributes.size_hint());
        header.push_str(&self.name);
        header.push('=');
        self.attributes.write(&mut header);
        Ok(header)
    }

    fn with(name: Cow<'static, str>, mut attributes: Attributes) -> Self {
        attributes.add_what_is_demanded(&name);
        attributes.expires = Some(SystemTime::UNIX_EPOCH);
        attributes.max_age = Some(Duration::ZERO);
        Self { name, attributes }
    }
}

/// Creates the header that removes exactly the cookie that `cookie` sets.
impl From<&SetCookie> for RemoveCookie {
    fn from(cookie: &SetCookie) -> Self {
        Self::with(cookie.name.clone(), cookie.attributes.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(cookie: RemoveCookie) -> String {
        cookie.to_header().expect("a cookie that browsers take")
    }

    #[test]
    fn a_removal_has_expired_in_both_ways() {
        assert_eq!(
            header(RemoveCookie::new("a")),
            "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax"
        );
        assert_eq!(
            header(RemoveCookie::werkzeug("a").no_path()),
            "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0"
        );
    }

    #[test]
    fn what_browsers_demand_is_added() {
        assert!(header(RemoveCookie::new("__Host-a")).contains("; Secure; Path=/"));
        assert!(header(RemoveCookie::new("__secure-a").domain("a.com")).contains("; Secure; Path=/"));
        assert!(header(RemoveCookie::new("__Host-Http-a")).contains("; Secure; HttpOnly; Path=/"));
        assert!(header(RemoveCookie::new("a").same_site(SameSite::None)).contains("; Secure; "));
        assert!(header(RemoveCookie::new("a").partitioned()).contains("; Secure; "));
    }

    #[test]
    fn a_removal_that_browsers_refuse_is_an_error() {
        assert!(RemoveCookie::new("__Host-a").domain("a.com").check().is_err());
        assert!(RemoveCookie::werkzeug("__Host-a").check().is_err());
        assert!(RemoveCookie::new("a;b").check().is_err());
        assert!(RemoveCookie::new("a").path("/;b").check().is_err());
    }

    #[test]
    fn r8_a_removal_repeats_what_was_set() {
        let cookie = SetCookie::new("a", "b")
            .domain("a.com")
            .path("/x")
            .secure()
            .http_only()
            .same_site(SameSite::None)
            .partitioned()
            .max_age(Duration::from_secs(60));
        assert_eq!(
            header(RemoveCookie::from(&cookie)),
            "a=; Domain=a.com; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; HttpOnly; Path=/x; \
             SameSite=None; Partitioned"
        );
        assert_eq!(RemoveCookie::from(&SetCookie::new("a", "b")), RemoveCookie::new("a"));
        assert_eq!(RemoveCookie::from(&SetCookie::werkzeug("a", "b")), RemoveCookie::werkzeug("a"));
    }
}
