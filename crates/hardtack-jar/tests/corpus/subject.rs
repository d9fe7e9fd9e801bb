use std::time::SystemTime;

/// A library that the corpus tests.
///
/// A method returns `None` if the library does not have the function. The case then fails.
pub(crate) trait Subject: Sized {
    /// Creates an empty jar that stores at most this many cookies per host, or the library's default number.
    fn new(most_per_host: Option<usize>) -> Option<Self>;

    /// Returns whether the library meets a requirement of a case.
    fn has(requirement: &str) -> bool;

    /// Processes a line. Returns whether it had its intended effect: it stored a cookie, or removed one.
    fn set(&mut self, exchange: &Exchange<'_>, line: &[u8]) -> Option<bool>;

    /// Returns the value of the `Cookie` header, or an empty value if there is none.
    fn header(&mut self, exchange: &Exchange<'_>) -> Option<Vec<u8>>;

    /// Returns the cookie that one line creates, or `Refused`.
    fn parse(url: &str, line: &[u8], now: SystemTime) -> Option<Parsed>;

    fn date(_text: &str) -> Option<Option<SystemTime>> {
        None
    }
    fn path_match(_request_path: &str, _cookie_path: &str) -> Option<bool> {
        None
    }
    fn default_path(_path: &str) -> Option<String> {
        None
    }
    fn domain_match(_host: &str, _domain: &str) -> Option<bool> {
        None
    }
    fn cookie_domain_match(_host: &str, _domain: &str, _host_only: bool) -> Option<bool> {
        None
    }
    fn canonical_host(_host: &str) -> Option<String> {
        None
    }
    fn registrable_domain(_host: &str) -> Option<Option<String>> {
        None
    }
    /// Returns the cookies that a server reads from `Cookie` headers.
    fn read_cookies(_headers: &[&str], _read: &Reading<'_>) -> Option<Vec<(String, String)>> {
        None
    }
    /// Returns the line that a server writes for a cookie, or `Some(None)` if it refuses the cookie.
    fn write_cookie(_cookie: &serde_json::Value) -> Option<Option<String>> {
        None
    }
}

/// The context of a step, as the case specifies it.
pub(crate) struct Exchange<'a> {
    pub(crate) url: &'a str,
    pub(crate) is_http: bool,
    /// `strict`, `lax`, `lax-unsafe`, or `cross`.
    pub(crate) same_site: &'a str,
    pub(crate) now: SystemTime,
}

/// The settings with which a server reads cookies.
pub(crate) struct Reading<'a> {
    pub(crate) decode: &'a str,
    pub(crate) duplicates: &'a str,
    pub(crate) quotes: &'a str,
}

/// The result of parsing a line.
pub(crate) enum Parsed {
    Refused,
    Cookie {
        name: Vec<u8>,
        value: Vec<u8>,
        secure: bool,
        http_only: bool,
        same_site: Option<&'static str>,
        path: Option<String>,
        partitioned: bool,
        persistent: bool,
    },
}
