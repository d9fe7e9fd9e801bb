use std::borrow::Cow;

use hardtack::cookie::trim;
use hardtack::cookie::werkzeug::unquote;
use hardtack_jar::{SetCookieLine, canonical_host};
use url::Url;

use super::form::Form;
use super::transcript;
use crate::exit::Exit;
use crate::failure::Failure;

/// A cookie to inspect: a value alone, or a cookie from a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subject {
    /// The name, if it was given.
    pub(super) name: Option<String>,
    /// The value, without quotes.
    pub(super) value: String,
    /// The whole `Set-Cookie` field, if there is one.
    pub(super) line: Option<Vec<u8>>,
    /// The URL whose response set the cookie, if known.
    pub(super) url: Option<Url>,
}

/// Attributes that only a `Set-Cookie` field has after its pair.
const ATTRIBUTES: [&str; 9] =
    ["path", "domain", "expires", "max-age", "secure", "httponly", "samesite", "partitioned", "priority"];

impl Subject {
    /// Parses a value, a pair, a `Cookie` or `Set-Cookie` field with or without its name, or whole HTTP responses.
    pub(super) fn read(text: &[u8], url: Option<&Url>) -> Result<Vec<Self>, Failure> {
        if let Some(subjects) = transcript::read(text, url) {
            return Ok(subjects);
        }
        let unreadable = |why: &str| Failure::new(Exit::Unreadable, why);
        let text = str::from_utf8(text).map_err(|_| {
            unreadable("the input is not UTF-8 text: pass a cookie, or the output of `curl -i`")
        })?;
        if text.trim_start().starts_with('<') {
            return Err(unreadable(
                "the input is a page without its headers: cookies are in the headers, which `curl -i` prints",
            ));
        }
        let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        // A single line may be any value, but several lines are a list of fields.
        if lines.len() > 1
            && let Some(at) = lines.iter().position(|line| !line.contains('='))
        {
            let line = at + 1;
            return Err(unreadable(&format!(
                "line {line} is not a cookie: pass one cookie, or the output of `curl -i`"
            )));
        }
        Ok(lines.into_iter().flat_map(|line| Self::bare(line, url)).collect())
    }

    /// Parses a value, a pair, or a field without its name.
    fn bare(text: &str, url: Option<&Url>) -> Vec<Self> {
        let mut parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
        if parts.clone().skip(1).any(is_attribute) {
            return vec![Self::set(text.as_bytes()).at(url)];
        }
        match (parts.next(), parts.next()) {
            (Some(one), None) if !is_pair(one) => vec![Self::value(one)],
            _ => Self::sent(text),
        }
    }

    fn value(value: &str) -> Self {
        Self { name: None, value: unquoted(value).into_owned(), line: None, url: None }
    }

    fn pair(pair: &str) -> Self {
        match pair.split_once('=') {
            Some((name, value)) => Self { name: Some(name.trim().to_owned()), ..Self::value(value) },
            None => Self::value(pair),
        }
    }

    /// Parses the cookies of a `Cookie` field.
    pub(super) fn sent(pairs: &str) -> Vec<Self> {
        pairs.split(';').filter(|pair| !pair.trim().is_empty()).map(Self::pair).collect()
    }

    /// Parses the cookie of a `Set-Cookie` field.
    pub(super) fn set(line: &[u8]) -> Self {
        let pair = line.split(|&byte| byte == b';').next().unwrap_or_default();
        Self { line: Some(line.to_owned()), ..Self::pair(&String::from_utf8_lossy(pair)) }
    }

    /// Sets the URL whose response set the cookie.
    pub(super) fn at(self, url: Option<&Url>) -> Self {
        Self { url: url.cloned(), ..self }
    }

    /// Returns the URL whose response set the cookie, or a possible one derived from its `Domain`.
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

fn is_attribute(part: &str) -> bool {
    let name = part.split('=').next().unwrap_or_default().trim();
    ATTRIBUTES.iter().any(|attribute| name.eq_ignore_ascii_case(attribute))
}

/// Returns whether a text is a name and a value. An `=` may also be base64 padding.
fn is_pair(text: &str) -> bool {
    let Some((name, value)) = text.split_once('=') else { return false };
    if name.is_empty() || name.starts_with('"') || value.starts_with('=') || value.is_empty() {
        return false;
    }
    let is_session = |value: &str| !matches!(Form::of(&unquoted(value.trim())), Form::Unknown);
    is_session(value) || !is_session(text)
}

/// Returns the value as Flask reads it: without quotes, and with escapes decoded.
fn unquoted(value: &str) -> Cow<'_, str> {
    unquote(str::from_utf8(trim(value.as_bytes())).unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(Option<String>, String, bool)> {
        let subjects = Subject::read(text.as_bytes(), None).unwrap().into_iter();
        subjects.map(|subject| (subject.name, subject.value, subject.line.is_some())).collect()
    }

    fn one(name: Option<&str>, value: &str, is_line: bool) -> Vec<(Option<String>, String, bool)> {
        vec![(name.map(str::to_owned), value.to_owned(), is_line)]
    }

    #[test]
    fn every_way_to_give_a_cookie_is_understood() {
        for text in ["abc.def.ghi", " abc.def.ghi\n", "\"abc.def.ghi\""] {
            assert_eq!(read(text), one(None, "abc.def.ghi", false), "{text}");
        }
        for value in ["YWJj==", "eyJhIjoxMn0=.ZVPxAA.ptzVsubLbNYGbCNNHlHP", "eyJhIjoxfQ==.ZVPxAA.D3QXMI0Z"] {
            assert_eq!(read(value), one(None, value, false), "{value}");
        }
        let pair = "session=eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk";
        assert_eq!(read(pair), one(Some("session"), &pair["session=".len()..], false));
        for text in [
            "session=abc",
            "session = \"abc\"",
            "session=\"a\\142\\c\"",
            "Cookie: session=abc",
            "cookie:session=abc;",
        ] {
            assert_eq!(read(text), one(Some("session"), "abc", false), "{text}");
        }
        for text in ["session=abc; Path=/", "Set-Cookie: session=abc", "set-cookie:session=\"abc\"; secure"] {
            assert_eq!(read(text), one(Some("session"), "abc", true), "{text}");
        }
    }

    #[test]
    fn a_cookie_field_has_several() {
        let names: Vec<_> = read("a=1; b=2; c").into_iter().map(|(name, value, _)| (name, value)).collect();
        assert_eq!(names.len(), 3);
        assert_eq!(names[1], (Some("b".to_owned()), "2".to_owned()));
        assert_eq!(names[2], (None, "c".to_owned()));
        assert_eq!(read("Cookie: "), []);
        assert_eq!(read(""), []);
    }

    #[test]
    fn several_lines_are_several_fields() {
        let names: Vec<_> = read("a=1; Path=/\n\nb=2; Secure\n").into_iter().map(|(name, ..)| name).collect();
        assert_eq!(names, [Some("a".to_owned()), Some("b".to_owned())]);
    }

    #[test]
    fn what_is_no_cookie_is_named() {
        for (text, why) in [
            (&b"<!DOCTYPE html><p>"[..], "a page without its headers"),
            (b"\xe4", "not UTF-8"),
            (b"a=1\nb\n", "line 2 is not a cookie"),
        ] {
            let error = Subject::read(text, None).unwrap_err();
            assert!(error.exit() == Exit::Unreadable && error.to_string().contains(why), "{error}");
        }
    }

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
