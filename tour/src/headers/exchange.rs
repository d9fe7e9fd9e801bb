use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, header};
use hardtack::cookie::find;
use hardtack_minijinja::context;
use hardtack_minijinja::minijinja::Value;

use crate::sessions::SESSION_COOKIE_NAMES;

/// The request headers that concern state. Pages show no other request headers.
const REQUEST_HEADERS: [HeaderName; 6] = [
    header::HOST,
    header::COOKIE,
    header::ORIGIN,
    HeaderName::from_static("sec-fetch-site"),
    HeaderName::from_static("sec-purpose"),
    header::CONTENT_TYPE,
];
const RESPONSE_HEADERS: [HeaderName; 6] = [
    header::LOCATION,
    header::SET_COOKIE,
    header::VARY,
    header::CACHE_CONTROL,
    header::RETRY_AFTER,
    HeaderName::from_static("clear-site-data"),
];

/// The maximum number of characters of a session cookie that are shown. The complete value would grant access to the
/// session.
const MAX_SESSION_CHARS: usize = 8;

/// The number of characters after which a path, or a value other than a session cookie's, is cut off.
const MAX_VALUE_CHARS: usize = 120;

/// The maximum number of headers that are shown for a message, and of parts that are shown for each header. There is a
/// limit because a visitor can send very many.
const MAX_PARTS: usize = 60;

/// One request and its response, as a page shows them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Exchange {
    pub(crate) request: MessageHead,
    pub(crate) response: MessageHead,
}

/// The first line and some headers of a message.
#[derive(Debug, Clone, Default)]
pub(crate) struct MessageHead {
    first_line: String,
    lines: Vec<HeaderLine>,
    /// Whether the headers include `Cookie` or `Set-Cookie`.
    has_cookies: bool,
}

#[derive(Debug, Clone)]
struct HeaderLine {
    name: String,
    parts: Vec<HeaderPart>,
    /// The number of further parts that are omitted.
    omitted: usize,
}

/// A part of a header's value. In `Cookie` and `Set-Cookie`, semicolons separate the parts. Other headers have one
/// part.
#[derive(Debug, Clone)]
struct HeaderPart {
    /// The name of a cookie followed by `=`, or an empty string if the part is not a cookie.
    name: String,
    text: String,
    /// The number of characters cut from the end.
    cut: usize,
    is_session: bool,
}

impl Exchange {
    /// Converts the exchange to a template value.
    pub(crate) fn to_template(&self) -> Value {
        context! { request => self.request.to_template(), response => self.response.to_template() }
    }
}

impl MessageHead {
    pub(crate) fn of_request<B>(request: &Request<B>) -> Self {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let first_line =
            format!("{} {}", request.method(), cut(path, MAX_VALUE_CHARS).0);
        Self::new(first_line, request.headers(), &REQUEST_HEADERS)
    }

    pub(crate) fn of_response<B>(response: &Response<B>) -> Self {
        Self::new(response.status().to_string(), response.headers(), &RESPONSE_HEADERS)
    }

    fn new(first_line: String, headers: &HeaderMap, shown: &[HeaderName]) -> Self {
        let lines: Vec<_> = shown
            .iter()
            .flat_map(|name| {
                headers.get_all(name).iter().map(move |value| (name, value))
            })
            .take(MAX_PARTS)
            .map(|(name, value)| HeaderLine::new(name, value))
            .collect();
        let has_cookies = shown
            .iter()
            .any(|name| is_cookie_header(name) && headers.contains_key(name));
        Self { first_line, lines, has_cookies }
    }

    fn to_template(&self) -> Value {
        let lines: Value = self.lines.iter().map(HeaderLine::to_template).collect();
        context! { first_line => &self.first_line, lines, has_cookies => self.has_cookies }
    }
}

impl HeaderLine {
    fn new(name: &HeaderName, value: &HeaderValue) -> Self {
        let text = String::from_utf8_lossy(value.as_bytes());
        let parts = match is_cookie_header(name) {
            true => text
                .split(';')
                .enumerate()
                .take(MAX_PARTS)
                .map(|(at, part)| {
                    // After the first semicolon, a `Set-Cookie` contains attributes.
                    HeaderPart::new(part.trim(), name == header::COOKIE || at == 0)
                })
                .collect(),
            false => vec![HeaderPart::plain(&text)],
        };
        let omitted = match is_cookie_header(name) {
            true => text.split(';').count().saturating_sub(MAX_PARTS),
            false => 0,
        };
        Self { name: capitalized(name), parts, omitted }
    }

    fn to_template(&self) -> Value {
        let parts: Value = self.parts.iter().map(HeaderPart::to_template).collect();
        context! { name => &self.name, parts, omitted => self.omitted }
    }
}

impl HeaderPart {
    fn new(pair: &str, is_cookie: bool) -> Self {
        let Some((name, value)) = pair.split_once('=').filter(|_| is_cookie) else {
            return Self::plain(pair);
        };
        let is_session = SESSION_COOKIE_NAMES.contains(&name);
        let (text, cut) =
            cut(value, if is_session { MAX_SESSION_CHARS } else { MAX_VALUE_CHARS });
        Self {
            name: format!("{}=", self::cut(name, MAX_VALUE_CHARS).0),
            text,
            cut,
            is_session,
        }
    }

    fn plain(text: &str) -> Self {
        let (text, cut) = cut(text, MAX_VALUE_CHARS);
        Self { name: String::new(), text, cut, is_session: false }
    }

    fn to_template(&self) -> Value {
        context! { name => &self.name, text => &self.text, cut => self.cut, is_session => self.is_session }
    }
}

/// Returns the session cookie of a request, and a function that returns the session cookie that the browser has after
/// the given response.
pub(crate) fn session_before_and_after(
    request: &HeaderMap,
    name: &'static str,
) -> (Option<String>, impl FnOnce(&HeaderMap) -> Option<String> + use<>) {
    let headers = request.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes);
    // A longer value is not from the tour, and keeping it would waste memory.
    let before = find(headers, name)
        .next()
        .filter(|value| value.len() <= 4096)
        .map(|value| String::from_utf8_lossy(value).into_owned());
    let unchanged = before.clone();
    let after = move |response: &HeaderMap| {
        let mut set =
            response.get_all(header::SET_COOKIE).iter().filter_map(|cookie| {
                cookie
                    .to_str()
                    .ok()?
                    .strip_prefix(name)?
                    .strip_prefix('=')?
                    .split(';')
                    .next()
            });
        match set.next_back() {
            Some(value) => Some(value.to_owned()).filter(|value| !value.is_empty()),
            None => unchanged,
        }
    };
    (before, after)
}

fn is_cookie_header(name: &HeaderName) -> bool {
    [header::COOKIE, header::SET_COOKIE].contains(name)
}

/// Returns the beginning of a string, and the number of characters that were cut.
fn cut(text: &str, shown: usize) -> (String, usize) {
    let beginning: String = text.chars().take(shown).collect();
    let rest = text[beginning.len()..].chars().count();
    // Cutting only a few characters would not save space.
    if shown > MAX_SESSION_CHARS && rest < 20 {
        (text.to_owned(), 0)
    } else {
        (beginning, rest)
    }
}

/// Returns a header name in its usual capitalization, because a `HeaderName` is always lowercase.
fn capitalized(name: &HeaderName) -> String {
    let words = name.as_str().split('-').map(|word| match word.split_at_checked(1) {
        Some((first, rest)) => format!("{}{rest}", first.to_ascii_uppercase()),
        None => word.to_owned(),
    });
    words.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_cookie_is_cut_and_other_cookies_are_not() {
        let value = HeaderValue::from_static("a=1; session=0123456789; b=x=y");
        let line = HeaderLine::new(&header::COOKIE, &value);
        assert_eq!(line.name, "Cookie");
        let parts: Vec<_> = line
            .parts
            .iter()
            .map(|part| (part.name.as_str(), part.text.as_str(), part.cut))
            .collect();
        assert_eq!(
            parts,
            [("a=", "1", 0), ("session=", "01234567", 2), ("b=", "x=y", 0)]
        );
    }

    #[test]
    fn attributes_are_not_cookies() {
        let value = HeaderValue::from_static("a=1; Max-Age=60; session=0123456789");
        let line = HeaderLine::new(&header::SET_COOKIE, &value);
        assert_eq!(line.name, "Set-Cookie");
        assert_eq!(
            (line.parts[1].name.as_str(), line.parts[1].text.as_str()),
            ("", "Max-Age=60")
        );
        assert!(!line.parts[2].is_session);
    }

    #[test]
    fn cookies_beyond_the_limit_are_counted_and_not_shown() {
        let value = HeaderValue::from_str(&"a=b;".repeat(100_000)).unwrap();
        let line = HeaderLine::new(&header::COOKIE, &value);
        assert_eq!((line.parts.len(), line.omitted), (MAX_PARTS, 100_001 - MAX_PARTS));
        let many = (0..1000).map(|_| (header::COOKIE, HeaderValue::from_static("a=1")));
        let mut headers = HeaderMap::new();
        for (name, value) in many {
            headers.append(name, value);
        }
        assert_eq!(
            MessageHead::new(String::new(), &headers, &REQUEST_HEADERS).lines.len(),
            MAX_PARTS
        );
    }

    #[test]
    fn long_values_are_cut_between_characters() {
        let (text, rest) = cut(&"é".repeat(500), MAX_VALUE_CHARS);
        assert_eq!(
            (text.chars().count(), rest),
            (MAX_VALUE_CHARS, 500 - MAX_VALUE_CHARS)
        );
        assert_eq!(cut("short", MAX_VALUE_CHARS), ("short".to_owned(), 0));
    }

    #[test]
    fn the_browsers_session_is_followed_through_a_response() {
        let request = HeaderMap::from_iter([(
            header::COOKIE,
            HeaderValue::from_static("x=1; s=old"),
        )]);
        let with = |cookie: &'static str| {
            HeaderMap::from_iter([(
                header::SET_COOKIE,
                HeaderValue::from_static(cookie),
            )])
        };
        for (response, expected) in [
            (HeaderMap::new(), Some("old")),
            (with("s=new; Path=/"), Some("new")),
            (with("s=; Max-Age=0"), None),
            (with("sx=new"), Some("old")),
        ] {
            let (before, after) = session_before_and_after(&request, "s");
            assert_eq!(before.as_deref(), Some("old"));
            assert_eq!(after(&response).as_deref(), expected);
        }
    }
}
