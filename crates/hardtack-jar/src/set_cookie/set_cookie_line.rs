use std::time::{Duration, SystemTime};

use hardtack_core::cookie::{MAX_ATTRIBUTE_SIZE, MAX_COOKIE_SIZE, SameSite, has_control, trim};

use super::cookie_date::unix_seconds;
use super::refusal::Refusal;

/// A `Set-Cookie` line as a browser parses it, before the browser decides whether to accept the cookie (RFC 6265bis,
/// section 5.6).
///
/// ```
/// use hardtack_jar::SetCookieLine;
///
/// # fn main() -> Result<(), hardtack_jar::Refusal> {
/// let line = SetCookieLine::parse("id=a3fWa; Max-Age=2592000; Secure; HttpOnly; Path=/shop")?;
/// assert_eq!((line.name(), line.value()), (&b"id"[..], &b"a3fWa"[..]));
/// assert!(line.is_secure() && line.is_http_only() && line.is_persistent());
/// assert_eq!(line.path(), Some(&b"/shop"[..]));
/// # Ok(())
/// # }
/// ```
///
/// All parts are bytes that are borrowed from the line. Nothing is decoded or unquoted. Unknown attributes are ignored,
/// and so are attribute values of over 1024 bytes, and a `Max-Age` or `Expires` that cannot be parsed. If an attribute
/// occurs more than once, the last one is used.
#[derive(Clone, Copy)]
pub struct SetCookieLine<'a> {
    whole: &'a [u8],
    name: &'a [u8],
    value: &'a [u8],
    max_age: Option<u32>,
    expires: Option<i64>,
    domain: DomainAttribute<'a>,
    path: Option<&'a [u8]>,
    same_site: Option<SameSite>,
    secure: bool,
    http_only: bool,
    partitioned: bool,
}

/// The value of the last `Domain`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum DomainAttribute<'a> {
    /// No `Domain`, or an empty one, so the cookie is host-only.
    Absent,
    /// A single dot, which is not a domain (Web Platform Tests, `cookies/attributes/domain.sub.html`).
    Dot,
    /// A name, without a leading dot.
    Named(&'a [u8]),
}

/// The maximum lifetime of a cookie in seconds: 400 days (RFC 6265bis, section 5.5).
pub(crate) const MAX_LIFETIME_SECONDS: u32 = 400 * 86_400;

impl<'a> SetCookieLine<'a> {
    /// Parses the value of one `Set-Cookie` field.
    ///
    /// # Errors
    ///
    /// Fails if browsers ignore the whole line, because the line has a control character, a name and value of over 4096
    /// bytes in total, or neither a name nor a value.
    pub fn parse(line: &'a (impl AsRef<[u8]> + ?Sized)) -> Result<Self, Refusal> {
        Self::read(line.as_ref())
    }

    fn read(line: &'a [u8]) -> Result<Self, Refusal> {
        if has_control(line) {
            return Err(Refusal::ControlCharacter);
        }
        let mut parts = line.split(|&byte| byte == b';');
        // A line without `=` is a value without a name.
        let (name, value) = match split_at_equals(parts.next().unwrap_or_default()) {
            (value, None) => (&b""[..], value),
            (name, Some(value)) => (name, value),
        };
        if name.len() + value.len() > MAX_COOKIE_SIZE {
            return Err(Refusal::TooLarge);
        }
        if name.is_empty() && value.is_empty() {
            return Err(Refusal::Empty);
        }
        let mut line = Self {
            whole: line,
            name,
            value,
            max_age: None,
            expires: None,
            domain: DomainAttribute::Absent,
            path: None,
            same_site: None,
            secure: false,
            http_only: false,
            partitioned: false,
        };
        for part in parts {
            let (name, value) = split_at_equals(part);
            let value = value.unwrap_or_default();
            if value.len() <= MAX_ATTRIBUTE_SIZE {
                line.attribute(name, value);
            }
        }
        Ok(line)
    }

    /// Applies an attribute (RFC 6265bis, sections 5.6.1 to 5.6.7).
    fn attribute(&mut self, name: &[u8], value: &'a [u8]) {
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        // The length alone distinguishes most attributes.
        match name.len() {
            4 if is("path") => self.path = value.starts_with(b"/").then_some(value),
            6 if is("secure") => self.secure = true,
            6 if is("domain") => {
                self.domain = match value.strip_prefix(b".").unwrap_or(value) {
                    [] if value.is_empty() => DomainAttribute::Absent,
                    [] => DomainAttribute::Dot,
                    domain => DomainAttribute::Named(domain),
                }
            }
            7 if is("expires") => self.expires = unix_seconds(value).or(self.expires),
            7 if is("max-age") => self.max_age = read_max_age(value).or(self.max_age),
            8 if is("httponly") => self.http_only = true,
            8 if is("samesite") => {
                self.same_site = [SameSite::Strict, SameSite::Lax, SameSite::None]
                    .into_iter()
                    .find(|same_site| value.eq_ignore_ascii_case(same_site.as_str().as_bytes()));
            }
            // CHIPS, section 2.1.
            11 if is("partitioned") => self.partitioned = true,
            _ => {}
        }
    }

    /// Returns the name, which is empty if the line has none.
    pub const fn name(&self) -> &'a [u8] {
        self.name
    }

    /// Returns the value, including any quotes.
    pub const fn value(&self) -> &'a [u8] {
        self.value
    }

    /// Returns whether the cookie is kept after the browser closes, which requires a valid `Max-Age` or `Expires`.
    pub const fn is_persistent(&self) -> bool {
        self.max_age.is_some() || self.expires.is_some()
    }

    /// Returns when the cookie expires if it was received at `now`, or `None` if it is kept until the browser closes.
    /// `Max-Age` takes precedence over `Expires`, and the maximum is 400 days.
    pub fn expires(&self, now: SystemTime) -> Option<SystemTime> {
        self.expires_by(now, now)
    }

    /// Like [`expires`](Self::expires), if the server's clock showed `date` when the local clock showed `now`.
    pub(crate) fn expires_by(&self, date: SystemTime, now: SystemTime) -> Option<SystemTime> {
        let after = |seconds: u32| now.checked_add(Duration::from_secs(seconds.into()));
        if let Some(max_age) = self.max_age {
            // With zero, the cookie expires immediately. RFC 6265bis uses the earliest representable time.
            return if max_age == 0 { Some(SystemTime::UNIX_EPOCH) } else { after(max_age) };
        }
        let seconds = u64::try_from(self.expires?).unwrap_or(0);
        let expires = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
        let expires = expires.and_then(|expires| match now.duration_since(date) {
            Ok(behind) => expires.checked_add(behind),
            // If the subtraction underflows, the cookie has expired in any case.
            Err(ahead) => expires.checked_sub(ahead.duration()).or(Some(SystemTime::UNIX_EPOCH)),
        });
        match (expires, after(MAX_LIFETIME_SECONDS)) {
            (Some(expires), Some(latest)) => Some(expires.min(latest)),
            (expires, latest) => expires.or(latest),
        }
    }

    /// Returns the value of `Domain` without a leading dot, or `None` if it is missing, empty, or a single dot.
    pub const fn domain(&self) -> Option<&'a [u8]> {
        match self.domain {
            DomainAttribute::Named(domain) => Some(domain),
            DomainAttribute::Absent | DomainAttribute::Dot => None,
        }
    }

    /// Returns the value of `Path`, or `None` if there is none or the last one does not begin with `/`. The cookie then
    /// gets the [default path](crate::default_path) of its page.
    pub const fn path(&self) -> Option<&'a [u8]> {
        self.path
    }

    /// Returns whether the line has `Secure`.
    pub const fn is_secure(&self) -> bool {
        self.secure
    }

    /// Returns whether the line has `HttpOnly`.
    pub const fn is_http_only(&self) -> bool {
        self.http_only
    }

    /// Returns the value of `SameSite`, or `None` if it is missing or unknown.
    pub const fn same_site(&self) -> Option<SameSite> {
        self.same_site
    }

    /// Returns whether the line has `Partitioned`.
    pub const fn is_partitioned(&self) -> bool {
        self.partitioned
    }

    pub(crate) const fn domain_attribute(&self) -> DomainAttribute<'a> {
        self.domain
    }

    /// Returns whether there is a tab inside a name or a value, including those of attributes. Tabs at the ends are
    /// trimmed, so they are not inside.
    pub(crate) fn has_inner_tab(&self) -> bool {
        let has_tab = |text: &[u8]| text.contains(&b'\t');
        has_tab(self.whole)
            && self.whole.split(|&byte| byte == b';').any(|part| {
                let (name, value) = split_at_equals(part);
                has_tab(name) || value.is_some_and(has_tab)
            })
    }
}

impl std::fmt::Debug for SetCookieLine<'_> {
    /// Omits the value.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SetCookieLine")
            .field("name", &String::from_utf8_lossy(self.name))
            .finish_non_exhaustive()
    }
}

/// Splits at the first `=`, and trims both parts.
pub(crate) fn split_at_equals(part: &[u8]) -> (&[u8], Option<&[u8]>) {
    match part.iter().position(|&byte| byte == b'=') {
        Some(at) => (trim(&part[..at]), Some(trim(&part[at + 1..]))),
        None => (trim(part), None),
    }
}

/// Parses a `Max-Age` (RFC 6265bis, section 5.6.2): digits with an optional leading minus. A number may have any
/// length, because large numbers are capped at 400 days. Negative numbers become zero.
pub(crate) fn read_max_age(value: &[u8]) -> Option<u32> {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    if digits.len() < value.len() {
        return Some(0);
    }
    let number = |number: u32, digit: &u8| (number * 10 + u32::from(digit - b'0')).min(MAX_LIFETIME_SECONDS);
    Some(digits.iter().fold(0, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> SetCookieLine<'_> {
        SetCookieLine::parse(text).expect("a line that browsers take")
    }

    fn seconds(text: &str) -> Option<u64> {
        let expires = line(text).expires(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000))?;
        Some(expires.duration_since(SystemTime::UNIX_EPOCH).expect("not before 1970").as_secs())
    }

    #[test]
    fn u1_a_control_character_invalidates_the_line() {
        for byte in 0..=u8::MAX {
            let refused = matches!(byte, 0..=8 | 10..=31 | 127);
            for text in
                [[b"a=b".as_slice(), &[byte], b"c"].concat(), [b"a=b; x=".as_slice(), &[byte]].concat()]
            {
                let expected = refused.then_some(Refusal::ControlCharacter);
                assert_eq!(SetCookieLine::parse(&text).err(), expected, "{byte:#x}");
            }
        }
    }

    #[test]
    fn u4_name_and_value_are_split_once_and_trimmed() {
        for (text, name, value) in [
            ("a=b", "a", "b"),
            (" \ta\t = \tb c ; Path=/", "a", "b c"),
            ("a=b=c==", "a", "b=c=="),
            ("a", "", "a"),
            ("=a", "", "a"),
            ("==a", "", "=a"),
            ("a=", "a", ""),
            ("a=\" b \"", "a", "\" b \""),
            ("a=%20", "a", "%20"),
            ("a b=c", "a b", "c"),
            ("é=ü", "é", "ü"),
        ] {
            let line = line(text);
            assert_eq!((line.name(), line.value()), (name.as_bytes(), value.as_bytes()), "{text}");
        }
        for text in ["", ";", "=", " = ; Secure", "\t"] {
            assert_eq!(SetCookieLine::parse(text).err(), Some(Refusal::Empty), "{text:?}");
        }
    }

    #[test]
    fn u2_name_and_value_have_4096_bytes_at_most() {
        for (name, value, fits) in [(0, 4096, true), (1, 4095, true), (4096, 0, true), (1, 4096, false)] {
            let text = format!("{}={}; Path=/", "n".repeat(name), "v".repeat(value));
            assert_eq!(SetCookieLine::parse(&text).is_ok(), fits, "{name} {value}");
        }
    }

    #[test]
    fn u3_an_attribute_has_1024_bytes_at_most() {
        let path = |length: usize| format!("/{}", "p".repeat(length - 1));
        assert_eq!(line(&format!("a=b; Path={}", path(1024))).path().map(<[u8]>::len), Some(1024));
        assert_eq!(line(&format!("a=b; Path=/x; Path={}", path(1025))).path(), Some(&b"/x"[..]));
    }

    #[test]
    fn flags_count_by_their_presence_in_any_case() {
        let all = line("a=b;SECURE=false; httponly = no;partitioned");
        assert!(all.is_secure() && all.is_http_only() && all.is_partitioned());
        let none = line("a=b; Secured; Http-Only; x=Secure");
        assert!(!none.is_secure() && !none.is_http_only() && !none.is_partitioned());
    }

    #[test]
    fn u6_the_last_of_each_attribute_counts() {
        assert_eq!(line("a=b; Path=/x; Path=/y").path(), Some(&b"/y"[..]));
        assert_eq!(line("a=b; Path=/x; Path=y").path(), None);
        assert_eq!(line("a=b; Path=/x; Path").path(), None);
        assert_eq!(line("a=b; Domain=x.example; Domain=.y.example").domain(), Some(&b"y.example"[..]));
        assert!(line("a=b; Domain=x.example; Domain=").domain_attribute() == DomainAttribute::Absent);
        assert!(line("a=b; Domain=x.example; Domain=.").domain_attribute() == DomainAttribute::Dot);
        assert_eq!(line("a=b; SameSite=lax; SameSite=STRICT").same_site(), Some(SameSite::Strict));
        assert_eq!(line("a=b; SameSite=lax; SameSite=loose").same_site(), None);
    }

    #[test]
    fn a_tab_is_inside_where_it_is_not_trimmed() {
        for text in
            ["a\tb=c", "a=b\tc", "a=b; x\ty", "a=b; x=y\tz", "a=b; Secure\tx; Path=/", "a=b;\tx=y\t\tz"]
        {
            assert!(line(text).has_inner_tab(), "{text:?}");
        }
        for text in ["a=b", "\ta\t=\tb\t;\tPath\t=\t/\t", "a=b;\t;\t=\t", "a=b c; x y=z"] {
            assert!(!line(text).has_inner_tab(), "{text:?}");
        }
    }

    #[test]
    fn u6_max_age_counts_more_than_expires_and_bad_ones_not_at_all() {
        const NOW: u64 = 1_000_000_000;
        const DATE: &str = "Sun, 09 Sep 2001 02:46:40 GMT";
        for (text, expected) in [
            ("a=b".to_owned(), None),
            ("a=b; Max-Age=60".to_owned(), Some(NOW + 60)),
            (format!("a=b; Max-Age=60; Expires={DATE}"), Some(NOW + 60)),
            (format!("a=b; Expires={DATE}; Max-Age=60"), Some(NOW + 60)),
            (format!("a=b; Expires={DATE}"), Some(NOW + 3_600)),
            (format!("a=b; Expires={DATE}; Expires=soon"), Some(NOW + 3_600)),
            (format!("a=b; Expires={DATE}; Max-Age=1h"), Some(NOW + 3_600)),
            ("a=b; Max-Age=60; Max-Age=".to_owned(), Some(NOW + 60)),
            ("a=b; Max-Age=+60".to_owned(), None),
            ("a=b; Max-Age=-".to_owned(), None),
            ("a=b; Max-Age=6.0".to_owned(), None),
            ("a=b; Max-Age=0".to_owned(), Some(0)),
            ("a=b; Max-Age=-7".to_owned(), Some(0)),
            ("a=b; Max-Age=007".to_owned(), Some(NOW + 7)),
            ("a=b; Expires=Thu, 01 Jan 1601 00:00:00 GMT".to_owned(), Some(0)),
        ] {
            assert_eq!(seconds(&text), expected, "{text}");
        }
    }

    #[test]
    fn u7_nothing_is_kept_for_more_than_400_days() {
        const LATEST: u64 = 1_000_000_000 + 34_560_000;
        for text in [
            "a=b; Max-Age=34560000".to_owned(),
            "a=b; Max-Age=34560001".to_owned(),
            format!("a=b; Max-Age={}", "9".repeat(1024)),
            "a=b; Expires=Fri, 31 Dec 9999 23:59:59 GMT".to_owned(),
            "a=b; Expires=Mon, 14 Oct 2002 01:46:41 GMT".to_owned(),
        ] {
            assert_eq!(seconds(&text), Some(LATEST), "{text:.40}");
        }
        assert_eq!(seconds("a=b; Max-Age=34559999"), Some(LATEST - 1));
        assert_eq!(seconds("a=b; Expires=Mon, 14 Oct 2002 01:46:39 GMT"), Some(LATEST - 1));
    }
}
