use std::time::SystemTime;

/// What the corpus is run through.
///
/// `None` stands for what a library cannot be asked: the case then fails.
pub(crate) trait Subject: Sized {
    /// An empty jar that keeps so many cookies of a host, or as many as it does.
    fn new(most_per_host: Option<usize>) -> Option<Self>;

    /// Whether it has what a case requires.
    fn has(requirement: &str) -> bool;

    /// Takes one line, and says whether it was stored (or removed what it should).
    fn set(&mut self, exchange: &Exchange<'_>, line: &[u8]) -> Option<bool>;

    /// The `Cookie` header; empty where there is none.
    fn header(&mut self, exchange: &Exchange<'_>) -> Option<Vec<u8>>;

    /// What one line makes, or `Refused`.
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
    /// What a server reads.
    fn read_cookies(_headers: &[&str], _read: &Reading<'_>) -> Option<Vec<(String, String)>> {
        None
    }
    /// What a server writes; `Some(None)` where it refuses to.
    fn write_cookie(_cookie: &serde_json::Value) -> Option<Option<String>> {
        None
    }
}

/// One step's circumstances, as the case says them.
pub(crate) struct Exchange<'a> {
    pub(crate) url: &'a str,
    pub(crate) is_http: bool,
    /// `strict`, `lax`, `lax-unsafe` or `cross`.
    pub(crate) same_site: &'a str,
    pub(crate) now: SystemTime,
}

/// How a server should read.
pub(crate) struct Reading<'a> {
    pub(crate) decode: &'a str,
    pub(crate) duplicates: &'a str,
    pub(crate) quotes: &'a str,
}

/// A line as it was understood.
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
