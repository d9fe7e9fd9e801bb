use std::time::SystemTime;

/// A library that the corpus tests.
///
/// A method returns `None` if the library does not offer the function: the case then fails.
pub(crate) trait Subject: Sized {
    /// Creates an empty jar that keeps at most this many cookies of a host, or its default number.
    fn new(most_per_host: Option<usize>) -> Option<Self>;

    /// Returns whether it has what a case requires.
    fn has(requirement: &str) -> bool;

    /// Processes one line, and returns whether the cookie was stored (or removed another one, as it should).
    fn set(&mut self, exchange: &Exchange<'_>, line: &[u8]) -> Option<bool>;

    /// Returns the `Cookie` header; empty if there is none.
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
    /// Returns the cookies that a server reads.
    fn read_cookies(_headers: &[&str], _read: &Reading<'_>) -> Option<Vec<(String, String)>> {
        None
    }
    /// Returns what a server writes; `Some(None)` if it refuses to.
    fn write_cookie(_cookie: &serde_json::Value) -> Option<Option<String>> {
        None
    }
}

/// The set_context of one step, as the case specifies them.
pub(crate) struct Exchange<'a> {
    pub(crate) url: &'a str,
    pub(crate) is_http: bool,
    /// `strict`, `lax`, `lax-unsafe`, or `cross`.
    pub(crate) same_site: &'a str,
    pub(crate) now: SystemTime,
}

/// How a server should read.
pub(crate) struct Reading<'a> {
    pub(crate) decode: &'a str,
    pub(crate) duplicates: &'a str,
    pub(crate) quotes: &'a str,
}

/// A line as the library understood it.
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
