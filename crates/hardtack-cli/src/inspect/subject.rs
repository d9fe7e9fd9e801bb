use std::borrow::Cow;

use hardtack::cookie::trim;
use hardtack::cookie::werkzeug::unquote;

use super::form::Form;

/// A cookie as it was given: by its value alone, or out of a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subject {
    /// The name, if it was given.
    pub(super) name: Option<String>,
    /// The value, without quotes.
    pub(super) value: String,
    /// The whole `Set-Cookie` field, if it is one.
    pub(super) line: Option<String>,
}

/// What only a `Set-Cookie` field says behind its pair.
const ATTRIBUTES: [&str; 9] =
    ["path", "domain", "expires", "max-age", "secure", "httponly", "samesite", "partitioned", "priority"];

impl Subject {
    /// Reads a value, a pair, a `Cookie` field or a `Set-Cookie` field, with the field's name or without.
    pub(super) fn read(text: &str) -> Vec<Self> {
        let text = text.trim();
        if let Some(line) = without_field_name(text, "set-cookie") {
            return vec![Self::line(line)];
        }
        let (pairs, is_field) = match without_field_name(text, "cookie") {
            Some(pairs) => (pairs, true),
            None => (text, false),
        };
        let mut parts = pairs.split(';').map(str::trim).filter(|part| !part.is_empty());
        if !is_field && parts.clone().skip(1).any(is_attribute) {
            return vec![Self::line(pairs)];
        }
        match (parts.next(), parts.next()) {
            (Some(one), None) if !is_field && !is_pair(one) => vec![Self::value(one)],
            (None, _) => Vec::new(),
            _ => pairs.split(';').filter(|pair| !pair.trim().is_empty()).map(Self::pair).collect(),
        }
    }

    fn value(value: &str) -> Self {
        Self { name: None, value: unquoted(value).into_owned(), line: None }
    }

    fn pair(pair: &str) -> Self {
        match pair.split_once('=') {
            Some((name, value)) => {
                Self { name: Some(name.trim().to_owned()), value: unquoted(value).into_owned(), line: None }
            }
            None => Self::value(pair),
        }
    }

    fn line(line: &str) -> Self {
        let pair = line.split(';').next().unwrap_or_default();
        Self { line: Some(line.to_owned()), ..Self::pair(pair) }
    }
}

fn without_field_name<'a>(text: &'a str, field: &str) -> Option<&'a str> {
    let (name, rest) = text.split_once(':')?;
    name.trim().eq_ignore_ascii_case(field).then(|| rest.trim())
}

fn is_attribute(part: &str) -> bool {
    let name = part.split('=').next().unwrap_or_default().trim();
    ATTRIBUTES.iter().any(|attribute| name.eq_ignore_ascii_case(attribute))
}

/// Whether it is a name and a value: `=` is also what fills up base64.
fn is_pair(text: &str) -> bool {
    let Some((name, value)) = text.split_once('=') else { return false };
    if name.is_empty() || name.starts_with('"') || value.starts_with('=') || value.is_empty() {
        return false;
    }
    let is_session = |value: &str| !matches!(Form::of(&unquoted(value.trim())), Form::Unknown);
    is_session(value) || !is_session(text)
}

/// As Flask reads it: without quotes and the escapes between them.
fn unquoted(value: &str) -> Cow<'_, str> {
    unquote(str::from_utf8(trim(value.as_bytes())).unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(Option<String>, String, bool)> {
        let subjects = Subject::read(text).into_iter();
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
}
