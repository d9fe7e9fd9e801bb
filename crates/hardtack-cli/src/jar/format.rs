use clap::ValueEnum;
use hardtack_jar::Format;

/// The form of a jar's file, as the command line names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FormatName {
    /// All that a jar knows: hardtack's own
    Whole,
    /// cookies.txt: curl, wget, yt-dlp, Python
    Netscape,
    /// JSON of the DevTools protocol and of Puppeteer
    Devtools,
    /// Playwright's storage state
    Playwright,
    /// A recording of requests (HTTP Archive); only read
    Har,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Whole => Self::Whole,
            FormatName::Netscape => Self::Netscape,
            FormatName::Devtools => Self::DevTools,
            FormatName::Playwright => Self::Playwright,
            FormatName::Har => Self::Har,
        }
    }
}
