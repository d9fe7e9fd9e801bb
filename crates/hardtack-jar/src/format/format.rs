use std::fmt;
use std::time::Duration;

use super::attribute::Attribute;

/// The format of a cookie file.
///
/// | format | written by and for | `HttpOnly` | `SameSite` | partition | created | updated | last access | precision |
/// |---|---|---|---|---|---|---|---|---|
/// | [`Whole`](Self::Whole) | this crate | yes | yes | yes | yes | yes | yes | 1 µs |
/// | [`Netscape`](Self::Netscape) | curl, extensions (`cookies.txt`) | yes | | | | | | 1 s |
/// | [`Wget`](Self::Wget) | wget (`cookies.txt`) | | | | | | | 1 s |
/// | [`Python`](Self::Python) | Python's `MozillaCookieJar`, yt-dlp (`cookies.txt`) | yes | | | | | | 1 s |
/// | [`DevTools`](Self::DevTools) | the DevTools protocol, Puppeteer | yes | yes | yes | | | | 1 µs |
/// | [`Playwright`](Self::Playwright) | Playwright (`storage_state`) | yes | yes | yes | | | | 1 µs |
/// | [`CookieEditor`](Self::CookieEditor) | Cookie-Editor and other extensions | yes | yes | yes | | | | 1 µs |
/// | [`Selenium`](Self::Selenium) | Selenium, WebDriver (`get_cookies`) | yes | yes | | | | | 1 s |
/// | [`CookieStore`](Self::CookieStore) | the `cookie_store` crate | yes | yes | | | | | 1 s |
/// | [`ToughCookie`](Self::ToughCookie) | tough-cookie for Node.js (`toJSON`) | yes | yes | | yes | | yes | 1 ms |
/// | [`Httpie`](Self::Httpie) | HTTPie's sessions | | | | | | | 1 s |
/// | [`Har`](Self::Har) | browsers' network panels; only read | | | | | | | |
/// | [`CookieHeader`](Self::CookieHeader) | a `Cookie` header; only read | | | | | | | |
/// | [`SetCookie`](Self::SetCookie) | `Set-Cookie` headers, `curl -i`; only read | | | | | | | |
/// | [`Firefox`](Self::Firefox) | Firefox (`cookies.sqlite`); only read | | | | | | | |
/// | [`Chromium`](Self::Chromium) | Chromium, Chrome, Edge (`Cookies`); only read | | | | | | | |
///
/// An empty cell means that the format cannot store the attribute. [`Exported::lost`](crate::Exported::lost) counts the
/// attributes that were dropped. A partitioned cookie is [left out](crate::Exported::left_out) if the format cannot
/// store its partition, because without the partition it would also be sent from pages on other sites. The expiration
/// and the other times are rounded down to the [precision](Self::precision). In addition:
///
/// - `cookies.txt` cannot store a cookie whose name, value, or path has a tab, or begins or ends with a space. Only
///   [`Python`](Self::Python) stores a cookie without a name.
/// - The JSON formats except [`Whole`](Self::Whole) cannot store a cookie whose name or value is not UTF-8.
/// - Playwright requires `SameSite`. A cookie without this attribute is written with `Lax`, and counted by
///   [`Exported::lost`](crate::Exported::lost).
/// - [`CookieStore`](Self::CookieStore) and [`Httpie`](Self::Httpie) cannot store a cookie without a name.
///   [`CookieStore`](Self::CookieStore) also cannot store a cookie with a space at the beginning or end of its name,
///   value, or path.
///
/// # Reading
///
/// Reading is lenient: each format is accepted in all variants that the versions of its tools actually write. Cookies
/// that cannot be read are [reported](crate::Imported::left_out) and do not affect the others. Cookies that are
/// adjusted when they are read are [reported](crate::Imported::adjusted), too. [`detect`](Self::detect) finds the
/// format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// This crate's own JSON, which stores all data about each cookie.
    #[cfg(feature = "json")]
    Whole,
    /// `cookies.txt` as curl writes and reads it: one line per cookie, with `#HttpOnly_` before `HttpOnly` cookies, and
    /// 0 as the expiration of a session cookie.
    ///
    /// [`Imported::rest`](crate::Imported::rest) keeps the user's comments, but not the lines that tools write into
    /// every file. An export writes the comments before the cookies. Bytes in a comment that are not UTF-8 become
    /// U+FFFD ([`Adjustment::CommentNotUtf8`](crate::Adjustment)).
    Netscape,
    /// `cookies.txt` as wget reads it: wget treats `#HttpOnly_` as a comment, so `HttpOnly` is dropped. wget loads
    /// session cookies, but drops them when it saves its own file, unless `--keep-session-cookies` is set.
    Wget,
    /// `cookies.txt` as Python's `MozillaCookieJar` reads it: session cookies have no expiration, since Python reads 0
    /// as 1970, and a host without a dot gets the suffix `.local`, as in `localhost.local`.
    ///
    /// Python loads session cookies only with `load(ignore_discard=True)`.
    Python,
    /// The JSON array of cookies that the DevTools protocol and Puppeteer's `browser.cookies()` return. `sourceScheme`,
    /// `sourcePort`, and `sameParty` are ignored: the browser determines the first two itself, and the last is
    /// obsolete.
    #[cfg(feature = "json")]
    DevTools,
    /// Playwright's storage state. [`Imported::rest`](crate::Imported::rest) keeps everything except the cookies.
    #[cfg(feature = "json")]
    Playwright,
    /// The JSON of browser extensions such as Cookie-Editor and EditThisCookie. It follows the API that the extensions
    /// use (`chrome.cookies`).
    #[cfg(feature = "json")]
    CookieEditor,
    /// The JSON array of cookies that WebDriver and Selenium's `get_cookies()` return.
    ///
    /// Before you call Selenium's `add_cookie()`, open a page on the cookie's site. If the cookie has a `domain`,
    /// `add_cookie()` adds it for subdomains, too, and refuses a name that begins with `__Host-`. A cookie whose
    /// `domain` does not begin with a dot is host-only. To keep it host-only, open a page on its host, and remove
    /// `domain` from the cookie.
    #[cfg(feature = "json")]
    Selenium,
    /// The JSON of the `cookie_store` crate, which `reqwest_cookie_store` and `ureq` use: the array that
    /// `cookie_store::serde::json` writes, or the lines that the deprecated `CookieStore::save_json` writes. Both can
    /// be read. An export writes the array.
    #[cfg(feature = "json")]
    CookieStore,
    /// The JSON of tough-cookie for Node.js: the object that `CookieJar.toJSON()` returns, or an array of cookies.
    /// [`Imported::rest`](crate::Imported::rest) keeps the settings in the object.
    #[cfg(feature = "json")]
    ToughCookie,
    /// A session file of HTTPie. Old versions of HTTPie write an object with the cookies by name, and new ones write a
    /// list. Both can be read. An export writes the list. A cookie without a domain belongs to the host of
    /// [`Import::origin`](crate::Import::origin).
    ///
    /// [`Imported::rest`](crate::Imported::rest) keeps the headers and the authentication.
    #[cfg(feature = "json")]
    Httpie,
    /// A recording of requests and responses (HTTP Archive 1.2). An import replays it in chronological order.
    /// Read-only.
    ///
    /// A cookie that a browser sent is added if no response in the recording set a cookie of the same name for the host
    /// or a parent domain.
    #[cfg(feature = "json")]
    Har,
    /// A `Cookie` header, with or without its name `Cookie:`, or a whole request as `curl -v` and DevTools show it.
    /// Read-only, and requires [`Import::origin`](crate::Import::origin).
    ///
    /// The header contains only names and values. If the jar already has a cookie with the same name for the host, that
    /// cookie gets the new value and keeps its attributes. A new cookie is host-only.
    CookieHeader,
    /// `Set-Cookie` headers, with or without `Set-Cookie:` before them, or whole responses printed by `curl -i` and
    /// `curl -D`. Read-only, and requires [`Import::origin`](crate::Import::origin), the URL of the first response. The
    /// URLs of later responses are taken from the redirects.
    ///
    /// A response is assumed to have been received at [`Import::written`](crate::Import::written), or at its `Date` if
    /// that is more than a day earlier. A smaller difference is treated as a difference between the
    /// [clocks](crate::RequestContext::date) of the server and the client.
    SetCookie,
    /// Firefox's `cookies.sqlite`. [`read_file`](crate::read_file) reads the database and its write-ahead log.
    /// Read-only.
    #[cfg(feature = "sqlite")]
    Firefox,
    /// The `Cookies` database of Chromium, Chrome, Edge, and other Chromium-based browsers. Most of the values are
    /// encrypted, and [`Import::chromium_key`](crate::Import::chromium_key) sets their key. Read-only.
    #[cfg(feature = "sqlite")]
    Chromium,
}

impl Format {
    /// All formats, in the order of the table.
    pub const ALL: &[Self] = &[
        #[cfg(feature = "json")]
        Self::Whole,
        Self::Netscape,
        Self::Wget,
        Self::Python,
        #[cfg(feature = "json")]
        Self::DevTools,
        #[cfg(feature = "json")]
        Self::Playwright,
        #[cfg(feature = "json")]
        Self::CookieEditor,
        #[cfg(feature = "json")]
        Self::Selenium,
        #[cfg(feature = "json")]
        Self::CookieStore,
        #[cfg(feature = "json")]
        Self::ToughCookie,
        #[cfg(feature = "json")]
        Self::Httpie,
        #[cfg(feature = "json")]
        Self::Har,
        Self::CookieHeader,
        Self::SetCookie,
        #[cfg(feature = "sqlite")]
        Self::Firefox,
        #[cfg(feature = "sqlite")]
        Self::Chromium,
    ];

    /// Returns the format's name in lower case, such as `cookie-editor`, for a command line or a log.
    pub const fn name(self) -> &'static str {
        match self {
            #[cfg(feature = "json")]
            Self::Whole => "whole",
            Self::Netscape => "netscape",
            Self::Wget => "wget",
            Self::Python => "python",
            #[cfg(feature = "json")]
            Self::DevTools => "devtools",
            #[cfg(feature = "json")]
            Self::Playwright => "playwright",
            #[cfg(feature = "json")]
            Self::CookieEditor => "cookie-editor",
            #[cfg(feature = "json")]
            Self::Selenium => "selenium",
            #[cfg(feature = "json")]
            Self::CookieStore => "cookie-store",
            #[cfg(feature = "json")]
            Self::ToughCookie => "tough-cookie",
            #[cfg(feature = "json")]
            Self::Httpie => "httpie",
            #[cfg(feature = "json")]
            Self::Har => "har",
            Self::CookieHeader => "cookie-header",
            Self::SetCookie => "set-cookie",
            #[cfg(feature = "sqlite")]
            Self::Firefox => "firefox",
            #[cfg(feature = "sqlite")]
            Self::Chromium => "chromium",
        }
    }

    /// Returns whether a jar can be [exported](crate::Jar::export) in this format.
    pub const fn is_writable(self) -> bool {
        match self {
            #[cfg(feature = "json")]
            Self::Har => false,
            #[cfg(feature = "sqlite")]
            Self::Firefox | Self::Chromium => false,
            Self::CookieHeader | Self::SetCookie => false,
            _ => true,
        }
    }

    /// Returns whether an import in this format keeps the file's contents other than cookies.
    /// [`Imported::rest`](crate::Imported::rest) returns them, and [`Jar::export_with`](crate::Jar::export_with) writes
    /// them back.
    pub const fn keeps_rest(self) -> bool {
        match self {
            Self::Netscape | Self::Wget | Self::Python => true,
            #[cfg(feature = "json")]
            Self::Playwright | Self::ToughCookie | Self::Httpie => true,
            _ => false,
        }
    }

    /// Returns whether the format can store an attribute, as in the table above.
    pub const fn holds(self, attribute: Attribute) -> bool {
        match self {
            #[cfg(feature = "json")]
            Self::Whole => true,
            Self::Netscape | Self::Python => matches!(attribute, Attribute::HttpOnly),
            #[cfg(feature = "json")]
            Self::DevTools | Self::Playwright | Self::CookieEditor => {
                matches!(attribute, Attribute::HttpOnly | Attribute::SameSite | Attribute::Partition)
            }
            #[cfg(feature = "json")]
            Self::Selenium | Self::CookieStore => {
                matches!(attribute, Attribute::HttpOnly | Attribute::SameSite)
            }
            #[cfg(feature = "json")]
            Self::ToughCookie => !matches!(attribute, Attribute::Partition | Attribute::Updated),
            #[cfg(feature = "json")]
            Self::Httpie | Self::Har => false,
            #[cfg(feature = "sqlite")]
            Self::Firefox | Self::Chromium => false,
            Self::Wget | Self::CookieHeader | Self::SetCookie => false,
        }
    }

    /// Returns the precision to which expirations and other times are rounded down, as in the table above, or `None` if
    /// the format is read-only.
    pub const fn precision(self) -> Option<Duration> {
        match self {
            #[cfg(feature = "json")]
            Self::Whole | Self::DevTools | Self::Playwright | Self::CookieEditor => {
                Some(Duration::from_micros(1))
            }
            #[cfg(feature = "json")]
            Self::ToughCookie => Some(Duration::from_millis(1)),
            #[cfg(feature = "json")]
            Self::Selenium | Self::CookieStore | Self::Httpie => Some(Duration::from_secs(1)),
            Self::Netscape | Self::Wget | Self::Python => Some(Duration::from_secs(1)),
            #[cfg(feature = "json")]
            Self::Har => None,
            #[cfg(feature = "sqlite")]
            Self::Firefox | Self::Chromium => None,
            Self::CookieHeader | Self::SetCookie => None,
        }
    }

    /// Returns whether files in this format are binary.
    pub(super) const fn is_binary(self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Firefox | Self::Chromium => true,
            _ => false,
        }
    }

    /// Returns whether this format writes a `SameSite` even for a cookie that has none.
    pub(super) const fn always_names_same_site(self) -> bool {
        match self {
            #[cfg(feature = "json")]
            Self::Playwright => true,
            _ => false,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(all(test, feature = "json", feature = "sqlite"))]
mod tests {
    use super::*;

    #[test]
    fn the_documented_table_matches_the_code() {
        let rows: Vec<_> =
            include_str!("format.rs").lines().filter(|line| line.starts_with("/// | [`")).collect();
        assert_eq!(rows.len(), Format::ALL.len());
        for (row, format) in rows.iter().zip(Format::ALL) {
            assert!(row.contains(&format!("[`{format:?}`]")), "{row}");
            let cells: Vec<_> = row.split('|').skip(3).map(str::trim).collect();
            for (cell, attribute) in cells.iter().zip(Attribute::ALL) {
                assert_eq!(*cell == "yes", format.holds(*attribute), "{format}: {attribute}");
            }
            let precision = match format.precision().map(|precision| precision.as_micros()) {
                None => "",
                Some(1) => "1 µs",
                Some(1_000) => "1 ms",
                Some(1_000_000) => "1 s",
                other => panic!("{format}: {other:?}"),
            };
            assert_eq!(cells[Attribute::ALL.len()], precision, "{format}");
            assert_eq!(!row.contains("only read"), format.is_writable(), "{format}");
            assert_eq!(format.precision().is_some(), format.is_writable(), "{format}");
        }
    }
}
