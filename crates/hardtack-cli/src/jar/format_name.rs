use std::path::Path;

use clap::ValueEnum;
use hardtack_jar::Format;

use crate::arguments::Destination;
use crate::failure::Failure;

/// The format of a cookie file, as named on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FormatName {
    /// hardtack's own JSON, which is lossless
    Whole,
    /// cookies.txt for curl and browser extensions
    Netscape,
    /// cookies.txt for wget
    Wget,
    /// cookies.txt for Python's MozillaCookieJar and yt-dlp
    Python,
    /// JSON for Puppeteer and the DevTools protocol
    Devtools,
    /// Playwright's storage state
    Playwright,
    /// JSON for Cookie-Editor and other browser extensions
    CookieEditor,
    /// JSON for Selenium and WebDriver
    Selenium,
    /// JSON for reqwest_cookie_store and ureq (the crate cookie_store)
    CookieStore,
    /// JSON for tough-cookie in Node.js
    ToughCookie,
    /// An HTTPie session
    Httpie,
    /// A recording of requests (HTTP Archive); read-only
    Har,
    /// A `Cookie` header; read-only, needs --url
    CookieHeader,
    /// `Set-Cookie` headers or the output of `curl -i`; read-only, needs --url
    SetCookie,
    /// Firefox's cookies.sqlite; read-only
    Firefox,
    /// The `Cookies` database of Chromium, Chrome, and Edge; read-only
    Chromium,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Whole => Self::Whole,
            FormatName::Netscape => Self::Netscape,
            FormatName::Wget => Self::Wget,
            FormatName::Python => Self::Python,
            FormatName::Devtools => Self::DevTools,
            FormatName::Playwright => Self::Playwright,
            FormatName::CookieEditor => Self::CookieEditor,
            FormatName::Selenium => Self::Selenium,
            FormatName::CookieStore => Self::CookieStore,
            FormatName::ToughCookie => Self::ToughCookie,
            FormatName::Httpie => Self::Httpie,
            FormatName::Har => Self::Har,
            FormatName::CookieHeader => Self::CookieHeader,
            FormatName::SetCookie => Self::SetCookie,
            FormatName::Firefox => Self::Firefox,
            FormatName::Chromium => Self::Chromium,
        }
    }
}

/// Returns the format given by `--to`. Without `--to`, returns the format that the file's extension suggests, if any.
pub(super) fn format_of_new(to: Option<FormatName>, destination: &Destination) -> Option<Format> {
    to.map(Format::from).or_else(|| match destination {
        Destination::Stdout => None,
        Destination::File(path) => format_of_name(path),
    })
}

fn format_of_name(path: &Path) -> Option<Format> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    match extension.as_str() {
        "txt" => Some(Format::Netscape),
        "json" => Some(Format::Whole),
        "har" => Some(Format::Har),
        _ => None,
    }
}

/// Returns the format, or an error if it is read-only.
pub(super) fn check_writable(format: Format) -> Result<Format, Failure> {
    if format.is_writable() {
        return Ok(format);
    }
    let writable: Vec<_> =
        Format::ALL.iter().filter(|format| format.is_writable()).map(|one| one.name()).collect();
    Err(Failure::usage(format!("the format {format} is read-only: use one of {}", writable.join(", "))))
}

/// Returns whether two formats are dialects of each other. A file in one dialect can be written in another, because
/// both are read in the same way.
pub(super) fn is_dialect(one: Format, other: Format) -> bool {
    use Format::{CookieEditor, DevTools, Netscape, Python, Selenium, Wget};
    let dialects: [&[Format]; 2] = [&[Netscape, Wget, Python], &[DevTools, CookieEditor, Selenium]];
    one == other || dialects.iter().any(|dialects| dialects.contains(&one) && dialects.contains(&other))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    #[test]
    fn each_format_of_the_library_has_its_name() {
        let named: Vec<Format> = FormatName::value_variants().iter().map(|&name| name.into()).collect();
        for format in Format::ALL {
            assert!(named.contains(format), "{format}");
        }
        for &name in FormatName::value_variants() {
            let value = name.to_possible_value().unwrap();
            assert_eq!(value.get_name(), Format::from(name).name());
        }
    }

    #[test]
    fn a_new_file_has_the_format_of_its_name() {
        for (name, format) in [
            ("cookies.txt", Some(Format::Netscape)),
            ("JAR.JSON", Some(Format::Whole)),
            ("recording.har", Some(Format::Har)),
            ("jar", None),
            ("txt", None),
            ("-", None),
        ] {
            let destination = Destination::from(OsString::from(name));
            assert_eq!(format_of_new(None, &destination), format, "{name}");
            assert_eq!(format_of_new(Some(FormatName::Wget), &destination), Some(Format::Wget), "{name}");
        }
    }

    #[test]
    fn only_formats_that_are_written_are_accepted() {
        assert_eq!(check_writable(Format::Python).unwrap(), Format::Python);
        let message = check_writable(Format::Har).unwrap_err().to_string();
        assert!(message.starts_with("the format har is read-only: use one of whole, netscape"), "{message}");
    }
}
