use std::borrow::Cow;
use std::fmt;
use std::time::{Duration, SystemTime};

use super::attributes::Attributes;
use super::same_site::SameSite;
use super::{check, percent, werkzeug};
use crate::Error;

/// A `Set-Cookie` header, which asks the browser to store a cookie.
///
/// The default attributes are `Path=/; SameSite=Lax`.
///
/// ```
/// use std::time::Duration;
/// use hardtack_core::cookie::SetCookie;
///
/// # fn main() -> Result<(), hardtack_core::Error> {
/// let cookie = SetCookie::new("fav_color", "dark blue").max_age(Duration::from_secs(3600)).http_only();
/// assert_eq!(cookie.to_header()?, "fav_color=dark%20blue; Max-Age=3600; HttpOnly; Path=/; SameSite=Lax");
/// # Ok(())
/// # }
/// ```
///
/// The attributes are always written in the order `Domain`, `Expires`, `Max-Age`, `Secure`, `HttpOnly`, `Path`,
/// `SameSite`, `Partitioned`, so that headers can be compared as text.
///
/// # Security
///
/// [`to_header`](Self::to_header) returns an error if [`check`](Self::check) does, so no name, value, path, or domain
/// can add an attribute or a header. `Debug` does not show the value.
#[derive(Clone, PartialEq, Eq)]
#[must_use = "a cookie does nothing until it is part of a response"]
pub struct SetCookie {
    pub(super) name: Cow<'static, str>,
    value: String,
    form: Form,
    pub(super) attributes: Attributes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A value that consists only of cookie-octets.
    Octets,
    /// A value in Werkzeug's form, which may be quoted.
    Werkzeug,
}

impl SetCookie {
    /// Creates a cookie with any string as its value. Characters that are not allowed in cookies are percent-encoded,
    /// and [`Cookies::get`](super::Cookies::get) returns the original string.
    pub fn new(name: impl Into<Cow<'static, str>>, value: impl AsRef<str>) -> Self {
        let value = percent::encode_value(value.as_ref()).into_owned();
        Self { name: name.into(), value, form: Form::Octets, attributes: Attributes::plain() }
    }

    /// Creates a cookie whose value is written unchanged. [`check`](Self::check) rejects a value that is not allowed in
    /// cookies. [`Cookies::get_raw`](super::Cookies::get_raw) returns the same value.
    pub fn raw(name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), form: Form::Octets, attributes: Attributes::plain() }
    }

    /// Creates a cookie in the form that Werkzeug writes, for a Flask application to read.
    ///
    /// If necessary, the value is quoted, with octal escapes. The path is percent-encoded, and the port and leading
    /// dots are removed from the domain. `Partitioned` also sets `Secure`, and only `Path=/` is set by default.
    /// `dump_cookie` adds `Expires` to each `Max-Age`; [`expires_in`](Self::expires_in) does the same.
    ///
    /// ```
    /// use hardtack_core::cookie::SetCookie;
    ///
    /// # fn main() -> Result<(), hardtack_core::Error> {
    /// let cookie = SetCookie::werkzeug("user", "Jörg, again");
    /// assert_eq!(cookie.to_header()?, "user=\"J\\303\\266rg\\054 again\"; Path=/");
    /// # Ok(())
    /// # }
    /// ```
    pub fn werkzeug(name: impl Into<Cow<'static, str>>, value: impl AsRef<str>) -> Self {
        let value = werkzeug::quote_value(value.as_ref()).into_owned();
        Self { name: name.into(), value, form: Form::Werkzeug, attributes: Attributes::werkzeug() }
    }

    /// Restricts the cookie to this path and the paths below it. The path must start with `/`. The default is `/`,
    /// which is the entire site.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.attributes.set_path(path.into());
        self
    }

    /// Omits the path. The browser then uses the directory of the page that set the cookie.
    pub fn no_path(mut self) -> Self {
        self.attributes.path = None;
        self
    }

    /// Sets the domain, such as `example.com`: browsers send the cookie to this host and to all of its subdomains. A
    /// leading dot is removed. By default, the cookie is sent only to the host that set it.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.attributes.set_domain(domain.into());
        self
    }

    /// Sets the time when the cookie expires. By default, it expires when the browser is closed. Browsers limit the
    /// lifetime to 400 days. `Max-Age`, if also set, takes precedence.
    pub fn expires(mut self, expires: SystemTime) -> Self {
        self.attributes.expires = Some(expires);
        self
    }

    /// Sets how long the cookie lives, in whole seconds; fractions are truncated. If it is zero, the cookie expires
    /// immediately. Browsers limit the lifetime to 400 days.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.attributes.max_age = Some(max_age);
        self
    }

    /// Sets how long the cookie lives, as both `Max-Age` and `Expires`.
    pub fn expires_in(self, now: SystemTime, max_age: Duration) -> Self {
        let expires = now.checked_add(max_age);
        let mut cookie = self.max_age(max_age);
        cookie.attributes.expires = expires;
        cookie
    }

    /// Adds `Secure`: the cookie is sent only over HTTPS.
    pub fn secure(mut self) -> Self {
        self.attributes.secure = true;
        self
    }

    /// Adds `HttpOnly`: scripts in the page cannot read the cookie.
    pub fn http_only(mut self) -> Self {
        self.attributes.http_only = true;
        self
    }

    /// Sets the cross-site requests with which the cookie is sent. The default is [`SameSite::Lax`].
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.attributes.same_site = Some(same_site);
        self
    }

    /// Omits `SameSite`. Each browser then uses its own default, which in some browsers is [`SameSite::None`].
    pub fn no_same_site(mut self) -> Self {
        self.attributes.same_site = None;
        self
    }

    /// Adds `Partitioned`: the browser stores a separate cookie for each site that embeds this one (CHIPS).
    pub fn partitioned(mut self) -> Self {
        self.attributes.set_partitioned();
        self
    }

    /// Returns the size of the name and the value as they are written, in bytes. Browsers limit this size to 4096.
    pub fn size(&self) -> usize {
        self.name.len() + self.value.len()
    }

    /// Checks the rules by which browsers reject or change a cookie, except those that depend on the request, such as
    /// whether the domain matches the host.
    ///
    /// # Errors
    ///
    /// Returns an error that names the rule and the fix if one of the following holds:
    /// - The name is not a token.
    /// - The value, path, or domain contains something that is not allowed in cookies.
    /// - The path does not start with `/`, or the domain is not a host name.
    /// - The name and the value together are longer than 4096 bytes, or the path is longer than 1024 bytes.
    /// - The expiry is outside the years 1601 to 9999.
    /// - `SameSite=None` or `Partitioned` is set without `Secure`.
    /// - The name begins with `__Secure-`, `__Host-`, `__Http-`, or `__Host-Http-`, in any case, and the cookie does
    ///   not have the attributes that this prefix requires.
    pub fn check(&self) -> Result<(), Error> {
        check::name(&self.name)?;
        match self.form {
            Form::Octets => check::value(&self.name, &self.value)?,
            Form::Werkzeug => check::quoted_value(&self.name, &self.value)?,
        }
        check::size(&self.name, &self.value)?;
        self.attributes.check(&self.name)
    }

    /// Returns the header's value, `name=value; Path=/; …`, in ASCII.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`check`](Self::check).
    pub fn to_header(&self) -> Result<String, Error> {
        self.check()?;
        let mut header = String::with_capacity(self.size() + 1 + self.attributes.size_hint());
        header.push_str(&self.name);
        header.push('=');
        header.push_str(&self.value);
        self.attributes.write(&mut header);
        Ok(header)
    }

    /// Returns the part of the header after `name=value`, such as `; Path=/; …`. Use it to write the attributes once
    /// for many cookies that differ only in their values.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`check`](Self::check) that do not concern the value.
    pub fn attributes(&self) -> Result<String, Error> {
        check::name(&self.name)?;
        self.attributes.check(&self.name)?;
        let mut suffix = String::with_capacity(self.attributes.size_hint());
        self.attributes.write(&mut suffix);
        Ok(suffix)
    }
}

impl fmt::Debug for SetCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetCookie")
            .field("name", &self.name)
            .field("value", &format_args!("[redacted]"))
            .field("attributes", &self.attributes)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(cookie: SetCookie) -> String {
        cookie.to_header().expect("a cookie that browsers take")
    }

    fn refusal(cookie: SetCookie) -> String {
        cookie.to_header().expect_err("a cookie that browsers refuse").to_string()
    }

    #[test]
    fn attributes_are_written_in_werkzeugs_order() {
        let cookie = SetCookie::new("a", "b")
            .partitioned()
            .same_site(SameSite::None)
            .path("/x")
            .http_only()
            .secure()
            .expires_in(SystemTime::UNIX_EPOCH, Duration::from_millis(60_900))
            .domain(".example.com");
        assert_eq!(
            header(cookie),
            "a=b; Domain=example.com; Expires=Thu, 01 Jan 1970 00:01:00 GMT; Max-Age=60; Secure; HttpOnly; Path=/x; \
             SameSite=None; Partitioned"
        );
    }

    #[test]
    fn attributes_can_be_left_out() {
        assert_eq!(header(SetCookie::new("a", "").no_path().no_same_site()), "a=");
    }

    #[test]
    fn the_suffix_is_what_follows_the_value() {
        let cookie = SetCookie::new("__Host-a", "b c").secure().http_only();
        let suffix = cookie.attributes().expect("good attributes");
        assert_eq!(header(cookie), format!("__Host-a=b%20c{suffix}"));
        assert!(SetCookie::new("__Host-a", "").attributes().is_err());
        assert!(SetCookie::new("a", "").path("/; Secure").attributes().is_err());
    }

    #[test]
    fn a24_name_and_value_have_at_most_4096_bytes_together() {
        for name in ["a", "__Host-session"] {
            let of = |bytes: usize| "x".repeat(bytes - name.len());
            // The size includes three bytes for each character that `new` encodes, and two bytes for the quotes.
            let encoded = |bytes: usize| format!("\u{1}{}", "x".repeat(bytes - name.len() - 3));
            let quoted = |bytes: usize| format!(" {}", "x".repeat(bytes - name.len() - 3));
            for bytes in [4095, 4096] {
                assert!(SetCookie::new(name, of(bytes)).secure().check().is_ok(), "{bytes}");
                assert!(SetCookie::raw(name, of(bytes)).secure().check().is_ok(), "{bytes}");
                assert!(SetCookie::new(name, encoded(bytes)).secure().check().is_ok(), "{bytes}");
                assert!(
                    SetCookie::werkzeug(name, quoted(bytes)).secure().path("/").check().is_ok(),
                    "{bytes}"
                );
            }
            for cookie in [
                SetCookie::new(name, of(4097)),
                SetCookie::raw(name, of(4097)),
                SetCookie::new(name, encoded(4097)),
                SetCookie::werkzeug(name, quoted(4097)).path("/"),
            ] {
                assert!(refusal(cookie.secure()).contains("4097 bytes"));
            }
        }
    }

    #[test]
    fn what_browsers_refuse_is_refused_with_the_fix() {
        let long = "x".repeat(4096);
        let table = [
            (SetCookie::new("", "b"), "no name"),
            (SetCookie::new("a b", "b"), "a space in its name"),
            (SetCookie::new("a=b", "b"), "`=` in its name"),
            (SetCookie::new("é", "b"), "not ASCII in its name"),
            (SetCookie::raw("a", "b c"), "SetCookie::new"),
            (SetCookie::raw("a", "b\"c"), "SetCookie::new"),
            (SetCookie::raw("a", "\""), "SetCookie::new"),
            (SetCookie::raw("a", "é"), "SetCookie::new"),
            (SetCookie::werkzeug("a", "\u{1b}"), "SetCookie::new"),
            (SetCookie::new("a", &long), "4097 bytes"),
            (SetCookie::new("a", "b").path("x"), "start with `/`"),
            (SetCookie::new("a", "b").path(""), "start with `/`"),
            (SetCookie::new("a", "b").path("/é"), "percent-encode"),
            (SetCookie::new("a", "b").path("/ "), "percent-encode"),
            (SetCookie::new("a", "b").path(format!("/{}", &long[..1024])), "1025 bytes"),
            (SetCookie::new("a", "b").domain(""), "empty domain"),
            (SetCookie::new("a", "b").domain("."), "empty domain"),
            (SetCookie::new("a", "b").domain("a..b"), "label"),
            (SetCookie::new("a", "b").domain("bücher.de"), "xn--"),
            (SetCookie::new("a", "b").domain("a.com:80"), "`:` in its domain"),
            (SetCookie::new("a", "b").domain("a.com/"), "`/` in its domain"),
            (
                SetCookie::new("a", "b")
                    .expires(SystemTime::UNIX_EPOCH - Duration::from_secs(11_644_473_601)),
                "1601",
            ),
            (
                SetCookie::new("a", "b")
                    .expires(SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_800)),
                "9999",
            ),
            (SetCookie::new("a", "b").same_site(SameSite::None), "SameSite=None"),
            (SetCookie::new("a", "b").partitioned(), "Partitioned"),
            (SetCookie::new("__Secure-a", "b"), ".secure()"),
            (SetCookie::new("__SECURE-a", "b"), ".secure()"),
            (SetCookie::new("__Host-a", "b"), ".secure()"),
            (SetCookie::new("__Host-a", "b").secure().domain("a.com"), "__Secure-"),
            (SetCookie::new("__host-a", "b").secure().path("/x"), "Path=/"),
            (SetCookie::new("__Host-a", "b").secure().no_path(), "Path=/"),
            (SetCookie::new("__Http-a", "b").secure(), ".http_only()"),
            (SetCookie::new("__Http-a", "b").http_only(), ".secure()"),
            (SetCookie::new("__Host-Http-a", "b").secure(), ".http_only()"),
            (SetCookie::new("__Host-Http-a", "b").secure().http_only().path("/x"), "Path=/"),
        ];
        for (cookie, expected) in table {
            let shown = format!("{cookie:?}");
            let refusal = refusal(cookie);
            assert!(refusal.contains(expected), "{refusal:?} for {shown}");
        }
    }

    #[test]
    fn what_browsers_take_is_taken() {
        let longest = "x".repeat(4095);
        let far = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799);
        for cookie in [
            SetCookie::raw("a", "\"b\""),
            SetCookie::raw("a", "\"\""),
            SetCookie::raw("a", longest),
            SetCookie::new("!#$%&'*+-.^_`|~", "b"),
            SetCookie::new("a", "b").path(format!("/{}", "x".repeat(1023))),
            SetCookie::new("a", "b").domain("a_b.example").expires(far).max_age(Duration::MAX),
            SetCookie::new("__Host-a", "b").secure(),
            SetCookie::new("__Secure-a", "b").secure().domain("a.com").path("/x"),
            SetCookie::new("__Host-Http-a", "b").secure().http_only(),
            SetCookie::werkzeug("a", "b c;\r\n").partitioned(),
        ] {
            assert!(cookie.check().is_ok(), "{cookie:?}");
        }
    }

    #[test]
    fn nothing_can_be_smuggled_in() {
        for evil in
            ["; Secure", "\r\nX: y", "x\ny", "x\ry", "x\0y", "é", ";", "a;b=c", "\u{7f}", "\t", "\u{2028}"]
        {
            let cookies = [
                SetCookie::new(evil, "v"),
                SetCookie::new("n", evil),
                SetCookie::raw(evil, "v"),
                SetCookie::raw("n", evil),
                SetCookie::werkzeug(evil, "v"),
                SetCookie::werkzeug("n", evil),
                SetCookie::new("n", "v").path(evil),
                SetCookie::new("n", "v").path(format!("/{evil}")),
                SetCookie::new("n", "v").domain(evil),
                SetCookie::new("n", "v").domain(format!("a.com{evil}")),
                SetCookie::werkzeug("n", "v").path(evil),
                SetCookie::werkzeug("n", "v").path(format!("/{evil}")),
                SetCookie::werkzeug("n", "v").domain(format!("a.com{evil}")),
            ];
            for cookie in cookies {
                let Ok(header) = cookie.to_header() else { continue };
                assert!(header.bytes().all(|byte| (0x20..0x7F).contains(&byte)), "{header:?}");
                let names: Vec<_> =
                    header.split(';').map(|part| part.trim().split('=').next().unwrap_or("")).collect();
                let usual = names.iter().all(|name| ["n", "Path", "SameSite", "Domain"].contains(name));
                assert!(usual && names.len() <= 4, "{header:?}");
            }
        }
    }

    #[test]
    fn a_refusal_shows_no_value() {
        for cookie in [
            SetCookie::raw("a", "hunter2 "),
            SetCookie::werkzeug("a", "hunter2\u{1b}"),
            SetCookie::new("a", "hunter2".repeat(700)),
            SetCookie::new("a b", "hunter2"),
        ] {
            assert!(!refusal(cookie).contains("hunter2"));
        }
    }

    #[test]
    fn debug_shows_no_value() {
        let shown = format!("{:?}", SetCookie::new("session", "hunter2"));
        assert!(shown.contains("session") && !shown.contains("hunter2"), "{shown}");
    }
}
