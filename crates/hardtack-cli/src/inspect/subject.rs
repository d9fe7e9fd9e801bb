use std::borrow::Cow;

use hardtack::cookie::trim;
use hardtack::cookie::werkzeug::unquote;
use hardtack_jar::{SetCookieLine, canonical_host};
use url::Url;

/// A cookie to inspect: a value alone, or a cookie from a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subject {
    /// The name, if the input contains it.
    pub(super) name: Option<String>,
    /// The value, without quotes.
    pub(super) value: String,
    /// The value of the `Set-Cookie` header, if the cookie comes from one.
    pub(super) line: Option<Vec<u8>>,
    /// The URL whose response set the cookie, if known.
    pub(super) url: Option<Url>,
}

impl Subject {
    pub(super) fn value(value: &str) -> Self {
        Self { name: None, value: unquoted(value).into_owned(), line: None, url: None }
    }

    fn pair(pair: &str) -> Self {
        match pair.split_once('=') {
            Some((name, value)) => Self { name: Some(name.trim().to_owned()), ..Self::value(value) },
            None => Self::value(pair),
        }
    }

    /// Parses the cookies in a `Cookie` header.
    pub(super) fn sent(pairs: &str) -> Vec<Self> {
        pairs.split(';').filter(|pair| !pair.trim().is_empty()).map(Self::pair).collect()
    }

    /// Parses the cookie in a `Set-Cookie` header.
    pub(super) fn set(line: &[u8]) -> Self {
        let pair = line.split(|&byte| byte == b';').next().unwrap_or_default();
        Self { line: Some(line.to_owned()), ..Self::pair(&String::from_utf8_lossy(pair)) }
    }

    /// Sets the URL whose response set the cookie.
    pub(super) fn at(self, url: Option<&Url>) -> Self {
        Self { url: url.cloned(), ..self }
    }

    /// Returns the URL whose response set the cookie. If the URL is unknown, returns one that can set the cookie: its
    /// host is the `Domain`, or `localhost` if there is no `Domain`.
    pub(super) fn origin(&self) -> String {
        if let Some(url) = &self.url {
            return url.to_string();
        }
        let line = self.line.as_deref().and_then(|line| SetCookieLine::parse(line).ok());
        let domain = line.and_then(|line| line.domain().map(<[u8]>::to_vec));
        let host =
            domain.and_then(|domain| canonical_host(str::from_utf8(&domain).ok()?.trim_start_matches('.')));
        format!("https://{}/", host.as_deref().unwrap_or("localhost"))
    }
}

/// Returns the value as Flask reads it: without quotes, and with escapes decoded.
pub(super) fn unquoted(value: &str) -> Cow<'_, str> {
    unquote(str::from_utf8(trim(value.as_bytes())).unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_with_a_domain_may_come_from_there() {
        for (line, origin) in [
            ("a=1; Path=/", "https://localhost/"),
            ("a=1; Domain=.Shop.example", "https://shop.example/"),
            ("a=1; Domain=a b", "https://localhost/"),
        ] {
            assert_eq!(Subject::set(line.as_bytes()).origin(), origin, "{line}");
        }
    }
}
