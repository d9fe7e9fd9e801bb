use std::time::SystemTime;

#[cfg(feature = "sqlite")]
use super::database;
use super::import::Import;
use super::netscape;
use super::transfer::{Exported, Imported};
#[cfg(feature = "json")]
use super::{devtools, har, playwright, whole};
use crate::error::Error;
#[cfg(any(feature = "json", feature = "sqlite"))]
use crate::error::ErrorKind;
use crate::jar::Jar;

/// A form in which a jar is kept in a file.
///
/// | | read by | loses |
/// |---|---|---|
/// | [`Whole`](Self::Whole) | this crate | nothing |
/// | [`Netscape`](Self::Netscape) | curl, wget, yt-dlp, Python | `SameSite`, partitions, times; values with a tab |
/// | [`DevTools`](Self::DevTools) | Puppeteer, the DevTools protocol | the times of making and use; what is no UTF-8 |
/// | [`Playwright`](Self::Playwright) | Playwright (`storage_state`) | the same, and that a cookie said nothing of `SameSite` |
/// | [`Har`](Self::Har) | only read here | |
/// | [`Firefox`](Self::Firefox) | only read here | |
/// | [`Chromium`](Self::Chromium) | only read here | |
///
/// Reading is lenient: the JSON of browser extensions and of WebDriver is read as `DevTools`, and the dialects of
/// `cookies.txt` as `Netscape`. What cannot be read is told, and does not harm the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Everything that the jar knows, as JSON of our own.
    #[cfg(feature = "json")]
    Whole,
    /// `cookies.txt`: a line for each cookie, with `#HttpOnly_` before those that scripts cannot see.
    Netscape,
    /// The cookies of the DevTools protocol, as JSON: what Puppeteer's `browser.cookies()` gives.
    #[cfg(feature = "json")]
    DevTools,
    /// Playwright's storage state. What it holds besides cookies goes through [`Imported::rest`].
    #[cfg(feature = "json")]
    Playwright,
    /// A recording of requests and responses (HTTP Archive 1.2).
    #[cfg(feature = "json")]
    Har,
    /// Firefox's `cookies.sqlite`, which [`read_file`](crate::read_file) reads with its log.
    #[cfg(feature = "sqlite")]
    Firefox,
    /// The `Cookies` database of Chromium, Chrome, Edge, and their relatives. Most values in it are encrypted:
    /// [`Import::chromium_key`] opens them.
    #[cfg(feature = "sqlite")]
    Chromium,
}

impl Format {
    /// The format that a text is in; what is no JSON is taken for `cookies.txt`.
    pub fn detect(text: &[u8]) -> Self {
        #[cfg(feature = "json")]
        {
            let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text).trim_ascii_start();
            match text.first() {
                Some(b'[') => return Self::DevTools,
                Some(b'{') if whole::is_whole(text) => return Self::Whole,
                Some(b'{') if har::is_har(text) => return Self::Har,
                Some(b'{') => return Self::Playwright,
                _ => {}
            }
        }
        #[cfg(feature = "sqlite")]
        if database::is_database(text) {
            return database::identify(text).unwrap_or(Self::Firefox);
        }
        let _ = text;
        Self::Netscape
    }
}

impl Jar {
    /// Takes the cookies of a file that some browser or tool has written; those in the jar stay, unless one of the same
    /// place comes.
    ///
    /// ```
    /// use hardtack_jar::{Format, Jar};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let text = "# Netscape HTTP Cookie File\n\
    ///             #HttpOnly_.example.com\tTRUE\t/\tTRUE\t0\tid\ta3fWa\n\
    ///             three\tfields\tonly\n";
    /// let mut jar = Jar::new();
    /// let imported = jar.import(Format::Netscape, text, std::time::SystemTime::now())?;
    /// assert_eq!(imported.taken(), 1);
    /// assert_eq!(imported.left_out()[0].to_string(), "line 3: it has not the seven fields of a cookie");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the text as a whole is not in the format.
    pub fn import(
        &mut self,
        format: Format,
        text: impl AsRef<[u8]>,
        now: SystemTime,
    ) -> Result<Imported, Error> {
        self.import_with(&Import::new().format(format), text, now)
    }

    /// As [`import`](Self::import), and says more about the file.
    ///
    /// Nothing is evicted, whatever the jar's [limits](crate::Limits) are.
    ///
    /// # Errors
    ///
    /// If the text as a whole is not in the format.
    pub fn import_with(
        &mut self,
        import: &Import<'_>,
        text: impl AsRef<[u8]>,
        now: SystemTime,
    ) -> Result<Imported, Error> {
        let text = text.as_ref();
        let reading = match import.chosen().unwrap_or_else(|| Format::detect(text)) {
            Format::Netscape => netscape::read(text, now),
            #[cfg(feature = "json")]
            Format::Whole => whole::read(text)?,
            #[cfg(feature = "json")]
            Format::DevTools => devtools::read(text, now)?,
            #[cfg(feature = "json")]
            Format::Playwright => playwright::read(text, now)?,
            #[cfg(feature = "json")]
            Format::Har => har::read(text)?,
            #[cfg(feature = "sqlite")]
            Format::Firefox => database::read_firefox(text, now)?,
            #[cfg(feature = "sqlite")]
            Format::Chromium => database::read_chromium(text, import.key(), now)?,
        };
        Ok(reading.take(self, import, now))
    }

    /// Writes the cookies that have not expired.
    ///
    /// # Security
    ///
    /// Whoever reads the text is logged in wherever the jar's owner is; [`JarFile`](crate::JarFile) keeps it from others.
    ///
    /// # Errors
    ///
    /// If the format can only be read.
    pub fn export(&self, format: Format, now: SystemTime) -> Result<Exported, Error> {
        self.export_with(format, None, now)
    }

    /// As [`export`](Self::export), with what else there was in the file that the jar was [imported](Imported::rest) from.
    ///
    /// # Errors
    ///
    /// If the format can only be read.
    pub fn export_with(
        &self,
        format: Format,
        rest: Option<&str>,
        now: SystemTime,
    ) -> Result<Exported, Error> {
        let _ = rest;
        match format {
            Format::Netscape => Ok(netscape::write(self, now)),
            #[cfg(feature = "json")]
            Format::Whole => Ok(whole::write(self, now)),
            #[cfg(feature = "json")]
            Format::DevTools => Ok(devtools::write(self, now)),
            #[cfg(feature = "json")]
            Format::Playwright => playwright::write(self, rest, now),
            #[cfg(feature = "json")]
            Format::Har => {
                Err(Error::new(ErrorKind::Format, "a HAR is only read: write one of the other formats"))
            }
            #[cfg(feature = "sqlite")]
            Format::Firefox | Format::Chromium => Err(Error::new(
                ErrorKind::Format,
                "a browser's database is only read: write one of the other formats",
            )),
        }
    }
}
