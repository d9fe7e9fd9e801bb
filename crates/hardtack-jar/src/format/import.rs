use std::time::SystemTime;

#[cfg(feature = "sqlite")]
use super::chromium_key::ChromiumKey;
use super::format::Format;
use crate::error::{Error, ErrorKind};
use crate::request::RequestContext;

/// Options for reading a cookie file with [`Jar::import_with`](crate::Jar::import_with).
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use hardtack_jar::{Format, Import, Jar};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let now = SystemTime::now();
/// let backup = "example.com\tFALSE\t/\tFALSE\t0\tid\told\n";
/// let import = Import::new().format(Format::Netscape).written(now - Duration::from_secs(3_600));
/// let mut jar = Jar::new();
/// jar.set(&hardtack_jar::RequestContext::http("https://example.com/")?, "id=new; Path=/", now)?;
/// assert_eq!(jar.import_with(&import, backup, now)?.outdated(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Import<'a> {
    format: Option<Format>,
    written: Option<SystemTime>,
    origin: Option<&'a RequestContext>,
    #[cfg(feature = "sqlite")]
    key: Option<&'a ChromiumKey>,
}

impl<'a> Import<'a> {
    /// Creates options with the defaults, which detect the format as [`Format::detect`] does.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the format of the text. Default: the format is detected.
    #[must_use]
    pub const fn format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    /// Sets the time at which the file was last written, so that cookies in the jar that are certainly newer are kept.
    /// Default: now.
    ///
    /// This time matters for formats that do not store when a cookie was set. It is an upper bound: the file's cookies
    /// were set at or before this time. If neither of two files stores when its cookies were set, the times at which
    /// the files were written do not decide which cookie is newer: see [`Jar::merge`](crate::Jar::merge).
    #[must_use]
    pub const fn written(mut self, written: SystemTime) -> Self {
        self.written = Some(written);
        self
    }

    /// Sets the URL of the request that set or sent the cookies. The formats of HTTP headers require this URL, and
    /// HTTPie sessions use it for cookies without a domain.
    #[must_use]
    pub const fn origin(mut self, request: &'a RequestContext) -> Self {
        self.origin = Some(request);
        self
    }

    /// Sets the key that decrypts the values of a [Chromium database](Format::Chromium). Default: no key, so cookies
    /// with encrypted values are left out.
    #[cfg(feature = "sqlite")]
    #[must_use]
    pub const fn chromium_key(mut self, key: &'a ChromiumKey) -> Self {
        self.key = Some(key);
        self
    }

    #[cfg(feature = "sqlite")]
    pub(super) fn key(&self) -> Option<&'a ChromiumKey> {
        self.key
    }

    pub(super) fn chosen(&self) -> Option<Format> {
        self.format
    }

    pub(super) fn written_at(&self, now: SystemTime) -> SystemTime {
        self.written.map_or(now, |written| written.min(now))
    }

    pub(super) fn origin_request(&self) -> Option<&'a RequestContext> {
        self.origin
    }

    /// Returns the origin, or an error if it is not set. The formats of HTTP headers require an origin.
    pub(super) fn required_origin(&self) -> Result<&'a RequestContext, Error> {
        self.origin_request().ok_or_else(|| {
            Error::new(
                ErrorKind::Format,
                "HTTP headers do not contain their URL: set it with `Import::origin`",
            )
        })
    }
}
