use std::fmt;
use std::time::SystemTime;

use super::domain::encode_domain;
use super::quote::{quote_path, quote_value};
use crate::cookie::SameSite;
use crate::http_date::HttpDate;
use crate::{Error, ErrorKind};

/// Werkzeug's `dump_cookie` with all of its arguments, reproduced byte for byte.
///
/// Use this type to replace Werkzeug, for example under its own tests, or for a program that depends on the arguments
/// that Werkzeug accepts. To send a cookie to a Flask application, use
/// [`SetCookie::werkzeug`](crate::cookie::SetCookie::werkzeug), which is checked.
///
/// ```
/// use std::time::SystemTime;
/// use hardtack_core::cookie::werkzeug::DumpCookie;
///
/// # fn main() -> Result<(), hardtack_core::Error> {
/// let cookie = DumpCookie::new("user", "a,b").max_age(60_i64, SystemTime::UNIX_EPOCH).secure(true).same_site("lax");
/// assert_eq!(
///     cookie.dump()?,
///     "user=\"a\\054b\"; Expires=Thu, 01 Jan 1970 00:01:00 GMT; Max-Age=60; Secure; Path=/; SameSite=Lax"
/// );
/// # Ok(())
/// # }
/// ```
///
/// # Security
///
/// As in `dump_cookie`, names, domains, and expiry strings can add attributes: `;` and even line ends pass through
/// [`dump`](Self::dump). Never pass it a name, domain, or expiry string that a visitor chose.
#[derive(Clone)]
#[must_use = "a cookie does nothing until it is dumped"]
pub struct DumpCookie {
    key: String,
    value: String,
    max_age: Argument,
    expires: Argument,
    synced_at: Option<SystemTime>,
    path: Option<String>,
    domain: Option<String>,
    secure: Argument,
    http_only: Argument,
    same_site: Option<String>,
    partitioned: Argument,
}

/// A Python value as an argument of `dump_cookie`, which writes any value that it receives.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Argument {
    /// `None`: the attribute is omitted.
    None,
    /// `True` writes the attribute without a value; `False` omits it.
    Bool(bool),
    /// An `int`. As an expiry, the number of seconds since 1970.
    Int(i64),
    /// A `float`. As an expiry, the number of seconds since 1970.
    Float(f64),
    /// A `str`, which is written unchanged.
    Text(String),
    /// A `datetime`, for use as an expiry.
    Time(SystemTime),
}

impl DumpCookie {
    /// Creates a cookie from the two positional arguments. All other arguments have Python's defaults.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
            max_age: Argument::None,
            expires: Argument::None,
            synced_at: None,
            path: Some("/".to_owned()),
            domain: None,
            secure: Argument::Bool(false),
            http_only: Argument::Bool(false),
            same_site: None,
            partitioned: Argument::Bool(false),
        }
    }

    /// Sets `max_age=…`. If no expiry is set, `Expires` is written as `now` plus that number of seconds.
    pub fn max_age(mut self, max_age: impl Into<Argument>, now: SystemTime) -> Self {
        self.max_age = max_age.into();
        self.synced_at = Some(now);
        self
    }

    /// Sets `max_age=…, sync_expires=False`.
    pub fn max_age_alone(mut self, max_age: impl Into<Argument>) -> Self {
        self.max_age = max_age.into();
        self.synced_at = None;
        self
    }

    /// Sets `expires=…`.
    pub fn expires(mut self, expires: impl Into<Argument>) -> Self {
        self.expires = expires.into();
        self
    }

    /// Sets `path=…`. `None` omits the path.
    pub fn path(mut self, path: Option<&str>) -> Self {
        self.path = path.map(str::to_owned);
        self
    }

    /// Sets `domain=…`.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// Sets `secure=…`.
    pub fn secure(mut self, secure: impl Into<Argument>) -> Self {
        self.secure = secure.into();
        self
    }

    /// Sets `httponly=…`.
    pub fn http_only(mut self, http_only: impl Into<Argument>) -> Self {
        self.http_only = http_only.into();
        self
    }

    /// Sets `samesite=…`, in any case.
    pub fn same_site(mut self, same_site: impl Into<String>) -> Self {
        self.same_site = Some(same_site.into());
        self
    }

    /// Sets `partitioned=…`. Any value that is true in Python also sets `Secure`.
    pub fn partitioned(mut self, partitioned: impl Into<Argument>) -> Self {
        self.partitioned = partitioned.into();
        self
    }

    /// Returns the string that `dump_cookie` returns. A non-ASCII name is written as UTF-8, as on the wire; Python
    /// shows these bytes as Latin-1.
    ///
    /// # Errors
    ///
    /// Returns an error if Python raises an exception: for an unknown `samesite`, a domain with an invalid label, or an
    /// expiry that is outside the years 1 to 9999 or is not a time. Also returns an error for a domain that needs
    /// Unicode's compatibility tables, which Python accepts.
    ///
    /// # Security
    ///
    /// `dump` does not reject strings that can add attributes or headers. [`to_header`](Self::to_header) rejects
    /// strings that add headers.
    pub fn dump(&self) -> Result<String, Error> {
        let domain = self.domain.as_deref().map(encode_domain).transpose()?;
        let expires = self.expiry()?;
        let same_site = self.same_site.as_deref().map(str::parse::<SameSite>).transpose()?;
        let secure = if self.partitioned.is_true() { &Argument::Bool(true) } else { &self.secure };
        let path = self.path.as_deref().map(quote_path);
        let mut out = format!("{}={}", self.key, quote_value(&self.value));
        Argument::from(domain).write("Domain", &mut out);
        expires.write("Expires", &mut out);
        self.max_age.write("Max-Age", &mut out);
        secure.write("Secure", &mut out);
        self.http_only.write("HttpOnly", &mut out);
        Argument::from(path).write("Path", &mut out);
        Argument::from(same_site.map(|same_site| same_site.to_string())).write("SameSite", &mut out);
        self.partitioned.write("Partitioned", &mut out);
        Ok(out)
    }

    /// Returns the header that `response.set_cookie` adds.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`dump`](Self::dump), and an error if the header contains a line end.
    ///
    /// # Security
    ///
    /// A `;` in a name, domain, or expiry string still adds attributes.
    pub fn to_header(&self) -> Result<String, Error> {
        let header = self.dump()?;
        if memchr::memchr2(b'\r', b'\n', header.as_bytes()).is_some() {
            return Err(Error::new(
                ErrorKind::Cookie,
                "a header must not contain line breaks: remove them from the cookie",
            ));
        }
        Ok(header)
    }

    fn expiry(&self) -> Result<Argument, Error> {
        let seconds = match (&self.expires, &self.max_age, self.synced_at) {
            (Argument::Text(_), ..) | (Argument::None, Argument::None, _) | (Argument::None, _, None) => {
                return Ok(self.expires.clone());
            }
            (Argument::None, max_age, Some(now)) => {
                let since = now.duration_since(SystemTime::UNIX_EPOCH).map(|since| since.as_secs_f64());
                let now = since.unwrap_or_else(|error| -error.duration().as_secs_f64());
                max_age.number().map(|seconds| now + seconds).and_then(whole_seconds)
            }
            (Argument::Time(time), ..) => {
                return HttpDate::from_time(*time).map(Argument::from).ok_or_else(no_time);
            }
            (expires, ..) => expires.number().and_then(whole_seconds),
        };
        seconds.and_then(HttpDate::from_unix).map(Argument::from).ok_or_else(no_time)
    }
}

impl Argument {
    fn write(&self, name: &str, out: &mut String) {
        if matches!(self, Self::None | Self::Bool(false)) {
            return;
        }
        out.push_str("; ");
        out.push_str(name);
        match self {
            Self::Int(int) => out.push_str(&format!("={int}")),
            Self::Float(float) => out.push_str(&format!("={}", PythonFloat(*float))),
            Self::Text(text) => {
                out.push('=');
                out.push_str(text);
            }
            Self::None | Self::Bool(_) | Self::Time(_) => {}
        }
    }

    /// Returns whether Python treats the value as true.
    fn is_true(&self) -> bool {
        match self {
            Self::None => false,
            Self::Bool(bool) => *bool,
            Self::Int(int) => *int != 0,
            Self::Float(float) => *float != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::Time(_) => true,
        }
    }

    /// Returns the value as a number. In Python, a `bool` is also a number.
    fn number(&self) -> Option<f64> {
        match self {
            Self::Bool(bool) => Some(f64::from(u8::from(*bool))),
            Self::Int(int) => Some(*int as f64),
            Self::Float(float) => Some(*float),
            Self::None | Self::Text(_) | Self::Time(_) => None,
        }
    }
}

/// Rounds to microseconds and then down to seconds, as Python does with `datetime.fromtimestamp` and a format without
/// fractions.
fn whole_seconds(seconds: f64) -> Option<i64> {
    const MAX_SECONDS: f64 = 1e12;
    if !(-MAX_SECONDS..=MAX_SECONDS).contains(&seconds) {
        return None;
    }
    let micros = (seconds.fract() * 1e6).round_ties_even();
    let carry = if micros >= 1e6 { 1 } else { -i64::from(micros < 0.0) };
    Some(seconds.trunc() as i64 + carry)
}

/// A float in the form of Python's `repr`: in plain notation if its exponent is between -4 and 15, and always with a
/// decimal point.
struct PythonFloat(f64);

impl fmt::Display for PythonFloat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let float = self.0;
        if !float.is_finite() {
            return write!(f, "{}", float.to_string().to_lowercase());
        }
        let scientific = format!("{float:e}");
        let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
        match exponent.parse::<i32>() {
            Ok(exponent) if !(-4..16).contains(&exponent) => {
                let sign = if exponent < 0 { '-' } else { '+' };
                write!(f, "{digits}e{sign}{:02}", exponent.abs())
            }
            _ => write!(f, "{float:?}"),
        }
    }
}

fn no_time() -> Error {
    Error::new(
        ErrorKind::Cookie,
        "a cookie's expiry is not in the years 1 to 9999: pass a number, a time, or a string",
    )
}

impl From<bool> for Argument {
    fn from(bool: bool) -> Self {
        Self::Bool(bool)
    }
}

impl From<i64> for Argument {
    fn from(int: i64) -> Self {
        Self::Int(int)
    }
}

impl From<f64> for Argument {
    fn from(float: f64) -> Self {
        Self::Float(float)
    }
}

impl From<&str> for Argument {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<SystemTime> for Argument {
    fn from(time: SystemTime) -> Self {
        Self::Time(time)
    }
}

impl From<HttpDate> for Argument {
    fn from(date: HttpDate) -> Self {
        Self::Text(date.text())
    }
}

impl From<Option<String>> for Argument {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::None, Self::Text)
    }
}

/// Omits the value, which may be a secret.
impl fmt::Debug for DumpCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DumpCookie").field("key", &self.key).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_written_as_python_writes_them() {
        for (float, written) in [
            (1.5, "1.5"),
            (60.0, "60.0"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.25e100, "1.25e+100"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (-0.0, "-0.0"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(PythonFloat(float).to_string(), written);
        }
    }

    #[test]
    fn times_are_rounded_to_microseconds_first() {
        assert_eq!(whole_seconds(1.999_999_9), Some(2));
        assert_eq!(whole_seconds(1.999_999), Some(1));
        assert_eq!(whole_seconds(-0.5), Some(-1));
        assert_eq!(whole_seconds(-0.000_000_1), Some(0));
        assert_eq!(whole_seconds(f64::NAN), None);
        assert_eq!(whole_seconds(f64::INFINITY), None);
    }

    #[test]
    fn a_header_never_holds_a_line_end() {
        for cookie in [
            DumpCookie::new("a\r\nX: y", "v"),
            DumpCookie::new("a", "v").domain("b\nc"),
            DumpCookie::new("a", "v").expires("\r"),
            DumpCookie::new("a", "v").secure("\n"),
        ] {
            assert!(cookie.dump().is_ok());
            assert!(cookie.to_header().is_err());
        }
        let cookie = DumpCookie::new("a", "\r\n").path(Some("/\r\n"));
        assert_eq!(cookie.to_header().expect("escaped"), "a=\"\\015\\012\"; Path=/%0D%0A");
    }
}
