use url::Url;

use super::cookie_format::CookieFormat;
use super::subject::{Subject, unquoted};
use super::transcript;
use crate::exit::Exit;
use crate::failure::Failure;

/// The attributes of a `Set-Cookie` header. A line that contains one of them after its first pair is treated as such a
/// header.
const ATTRIBUTES: [&str; 9] =
    ["path", "domain", "expires", "max-age", "secure", "httponly", "samesite", "partitioned", "priority"];

/// Parses the input: a value, a `name=value` pair, a `Cookie` or `Set-Cookie` header with or without the header's name,
/// or whole HTTP messages.
pub(super) fn parse(text: &[u8], url: Option<&Url>) -> Result<Vec<Subject>, Failure> {
    if let Some(subjects) = transcript::read(text, url) {
        return Ok(subjects);
    }
    let unreadable = |why: &str| Failure::new(Exit::Unreadable, why);
    let text = str::from_utf8(text)
        .map_err(|_| unreadable("the input is not UTF-8 text: pass a cookie, or the output of `curl -i`"))?;
    if text.trim_start().starts_with('<') {
        return Err(unreadable(
            "the input is a page without its headers: cookies are in the headers, which `curl -i` prints",
        ));
    }
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    // A single line may be any value, but several lines must be headers.
    if lines.len() > 1
        && let Some(at) = lines.iter().position(|line| !line.contains('='))
    {
        let line = at + 1;
        return Err(unreadable(&format!(
            "line {line} is not a cookie: pass one cookie, or the output of `curl -i`"
        )));
    }
    Ok(lines.into_iter().flat_map(|line| parse_line(line, url)).collect())
}

/// Parses one line: a value, a pair, or a header without its name.
fn parse_line(text: &str, url: Option<&Url>) -> Vec<Subject> {
    let mut parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
    if parts.clone().skip(1).any(is_attribute) {
        return vec![Subject::set(text.as_bytes()).at(url)];
    }
    match (parts.next(), parts.next()) {
        (Some(one), None) if !is_pair(one) => vec![Subject::value(one)],
        _ => Subject::sent(text),
    }
}

fn is_attribute(part: &str) -> bool {
    let name = part.split('=').next().unwrap_or_default().trim();
    ATTRIBUTES.iter().any(|attribute| name.eq_ignore_ascii_case(attribute))
}

/// Returns whether a string is a `name=value` pair, and not a value with base64 padding.
fn is_pair(text: &str) -> bool {
    let Some((name, value)) = text.split_once('=') else { return false };
    if name.is_empty() || name.starts_with('"') || value.starts_with('=') || value.is_empty() {
        return false;
    }
    let is_session =
        |value: &str| !matches!(CookieFormat::of(&unquoted(value.trim())), CookieFormat::Unknown);
    is_session(value) || !is_session(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(Option<String>, String, bool)> {
        let subjects = parse(text.as_bytes(), None).unwrap().into_iter();
        subjects.map(|subject| (subject.name, subject.value, subject.line.is_some())).collect()
    }

    fn one(name: Option<&str>, value: &str, is_line: bool) -> Vec<(Option<String>, String, bool)> {
        vec![(name.map(str::to_owned), value.to_owned(), is_line)]
    }

    #[test]
    fn a_cookie_can_be_given_in_every_form() {
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
    fn other_inputs_are_named() {
        for (text, why) in [
            (&b"<!DOCTYPE html><p>"[..], "a page without its headers"),
            (b"\xe4", "not UTF-8"),
            (b"a=1\nb\n", "line 2 is not a cookie"),
        ] {
            let error = parse(text, None).unwrap_err();
            assert!(error.exit() == Exit::Unreadable && error.to_string().contains(why), "{error}");
        }
    }
}
