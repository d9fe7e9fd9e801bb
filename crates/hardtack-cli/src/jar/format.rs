use clap::ValueEnum;
use hardtack_jar::Format;

/// The format of a file of cookies, as named on the command line.
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
    /// JSON of Puppeteer and the DevTools protocol
    Devtools,
    /// Playwright's storage state
    Playwright,
    /// JSON of Cookie-Editor and other browser extensions
    CookieEditor,
    /// JSON of Selenium and WebDriver
    Selenium,
    /// JSON of reqwest_cookie_store and ureq (the crate cookie_store)
    CookieStore,
    /// JSON of tough-cookie for Node.js
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

#[cfg(test)]
mod tests {
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
}
