use std::borrow::Cow;
use std::fmt;
use std::time::{Duration, SystemTime};

use super::attributes::Attributes;
use super::same_site::SameSite;
use super::{check, percent, werkzeug};
use crate::Error;

/// A cookie for the browser to keep: one `Set-Cookie` header.
///
/// It says `Path=/; SameSite=Lax`, and nothing else until told.
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
/// The attributes always come in the order `Domain`, `Expires`, `Max-Age`, `Secure`, `HttpOnly`, `Path`, `SameSite`,
/// `Partitioned`, so that headers can be compared as text.
///
/// # Security
///
/// [`to_header`](Self::to_header) refuses what browsers would, so nothing in a name, value, path or domain can add an
/// attribute or a header. `Debug` does not show the value.
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
    /// Cookie-octets only.
    Octets,
    /// Werkzeug's, which may be quoted.
    Werkzeug,
}

impl SetCookie {
    /// A cookie with any text as its value: what a cookie cannot hold is percent-encoded, and
    /// [`Cookies::get`](super::Cookies::get) gives the same text back.
    pub fn new(name: impl Into<Cow<'static, str>>, value: impl AsRef<str>) -> Self {
        let value = percent::encode_value(value.as_ref()).into_owned();
        Self { name: name.into(), value, form: Form::Octets, attributes: Attributes::plain() }
    }

    /// A cookie whose value is written as it is, and refused by [`check`](Self::check) if a cookie cannot hold it;
    /// [`Cookies::get_raw`](super::Cookies::get_raw) gives it back.
    pub fn raw(name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), form: Form::Octets, attributes: Attributes::plain() }
    }

    /// A cookie as Werkzeug writes it, for a Flask application to read.
    ///
    /// The value is put in quotes with octal escapes where it must be, the path is percent-encoded, port and leading dots
    /// are cut off the domain, `Partitioned` brings `Secure` with it, and only `Path=/` is there from the start.
    /// `dump_cookie` adds an `Expires` to each `Max-Age`: [`expires_in`](Self::expires_in) does the same.
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

    /// Sends the cookie only to this path and below it; it starts with `/`. Default: `/`, the whole site.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.attributes.set_path(path.into());
        self
    }

    /// Leaves the path out: the browser takes the folder of the page that set the cookie.
    pub fn no_path(mut self) -> Self {
        self.attributes.path = None;
        self
    }

    /// Sends the cookie to this host and all its subdomains, as `example.com`; a leading dot is cut off. Default: only to
    /// the host that set it.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.attributes.set_domain(domain.into());
        self
    }

    /// Ends the cookie at this moment. Default: when the browser is closed. Browsers keep no cookie for more than 400
    /// days and shorten what is longer; `Max-Age`, if given too, counts more.
    pub fn expires(mut self, expires: SystemTime) -> Self {
        self.attributes.expires = Some(expires);
        self
    }

    /// Ends the cookie after this time, in whole seconds; fractions are cut off. Zero ends it at once. Browsers keep no
    /// cookie for more than 400 days and shorten what is longer.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.attributes.max_age = Some(max_age);
        self
    }

    /// Ends the cookie after this time and says so in both ways, `Max-Age` and `Expires`.
    pub fn expires_in(self, now: SystemTime, max_age: Duration) -> Self {
        let expires = now.checked_add(max_age);
        let mut cookie = self.max_age(max_age);
        cookie.attributes.expires = expires;
        cookie
    }

    /// Sends the cookie only over https.
    pub fn secure(mut self) -> Self {
        self.attributes.secure = true;
        self
    }

    /// Hides the cookie from scripts in the page.
    pub fn http_only(mut self) -> Self {
        self.attributes.http_only = true;
        self
    }

    /// Says with which requests from other sites the cookie is sent. Default: [`SameSite::Lax`].
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.attributes.same_site = Some(same_site);
        self
    }

    /// Leaves `SameSite` out: each browser then follows its own default, which for some is [`SameSite::None`].
    pub fn no_same_site(mut self) -> Self {
        self.attributes.same_site = None;
        self
    }

    /// Keeps a separate cookie for each site that embeds this one (CHIPS).
    pub fn partitioned(mut self) -> Self {
        self.attributes.set_partitioned();
        self
    }

    /// How many bytes name and value have as written: what browsers limit to 4096.
    pub fn size(&self) -> usize {
        self.name.len() + self.value.len()
    }

    /// Whether a browser would take this cookie as it is.
    ///
    /// # Errors
    ///
    /// A sentence that names the rule and the fix: no token as the name, a value, path or domain that no cookie can hold,
    /// over 4096 bytes of name and value or 1024 of path, an expiry outside the years 1601 to 9999, `SameSite=None` or
    /// `Partitioned` without `Secure`, or a name beginning with `__Secure-`, `__Host-`, `__Http-` or `__Host-Http-`, in
    /// whatever case, without what that prefix demands.
    pub fn check(&self) -> Result<(), Error> {
        check::name(&self.name)?;
        match self.form {
            Form::Octets => check::value(&self.name, &self.value)?,
            Form::Werkzeug => check::quoted_value(&self.name, &self.value)?,
        }
        check::size(&self.name, &self.value)?;
        self.attributes.check(&self.name)
    }

    /// The header's value, `name=value; Path=/; …`, in ASCII.
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check).
    pub fn to_header(&self) -> Result<String, Error> {
        self.check()?;
        let mut header = String::with_capacity(self.size() + 1 + self.attributes.size_hint());
        header.push_str(&self.name);
        header.push('=');
        header.push_str(&self.value);
        self.attributes.write(&mut header);
        Ok(header)
    }

    /// What stands behind `name=value` in the header, `; Path=/; …`: to be written once for many cookies that differ in
    /// their value only.
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check) that do not concern the value.
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
            // What `new` encodes counts as it is sent, three bytes for one; so do quotes.
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
