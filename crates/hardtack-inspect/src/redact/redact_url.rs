use axum::http::HeaderValue;

use crate::format::shorten;
use crate::redact::Redaction;

/// The maximum number of characters that the pages show of each part of a URL.
const MAX_CHARS: usize = 200;

/// Returns the value of a `Location` header without the fragment. If values are redacted, only the scheme, the host,
/// and the names in the query are kept.
pub(crate) fn redact_location(location: &HeaderValue, redaction: Redaction) -> String {
    let text = String::from_utf8_lossy(location.as_bytes());
    let text = text.split('#').next().unwrap_or_default();
    let (location, query) = match text.split_once('?') {
        Some((location, query)) => (location, Some(query)),
        None => (text, None),
    };
    let location = match redaction.shows_values() {
        true => shorten(location, MAX_CHARS),
        false => without_path(location),
    };
    match query {
        Some(query) => format!("{location}?{}", redact_query(query, redaction)),
        None => location,
    }
}

/// Returns a path in which everything that could be a token is redacted.
pub(crate) fn redact_path(path: &str) -> &'static str {
    match path {
        "" => "",
        "/" => "/",
        _ if path.starts_with('/') => "/…",
        _ => "…",
    }
}

/// Returns a query. If values are redacted, only the names in the query are kept.
pub(crate) fn redact_query(query: &str, redaction: Redaction) -> String {
    const MAX_PAIRS: usize = 20;
    if redaction.shows_values() {
        return shorten(query, MAX_CHARS);
    }
    let pairs = query.split('&').take(MAX_PAIRS).map(|pair| match pair.split_once('=') {
        Some((name, _)) => format!("{}=…", shorten(name, MAX_CHARS)),
        // A part without `=` is treated as a value.
        None => "…".to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// Returns a location without its path, which may contain a token, and without any credentials before its host.
fn without_path(location: &str) -> String {
    let Some((scheme, rest)) = location.split_once("//") else { return redact_path(location).to_owned() };
    if !matches!(scheme, "" | "http:" | "https:") {
        return redact_path(location).to_owned();
    }
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}//{}{}", shorten(host, MAX_CHARS), redact_path(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn location_is_redacted_like_a_value() {
        for (location, shown) in [
            ("/to?code=abc#frag", "/…?code=…"),
            ("/reset/abc", "/…"),
            ("abc", "…"),
            ("/", "/"),
            ("https://jane:abc@a.example:8/b/abc?c=abc", "https://a.example:8/…?c=…"),
            ("//a.example/abc", "//a.example/…"),
            ("mailto:abc@a.example", "…"),
        ] {
            assert_eq!(redact_location(&HeaderValue::from_static(location), Redaction::All), shown);
        }
        let location = HeaderValue::from_static("/to?code=abc#frag");
        assert_eq!(redact_location(&location, Redaction::Secrets), "/to?code=abc");
    }
}
