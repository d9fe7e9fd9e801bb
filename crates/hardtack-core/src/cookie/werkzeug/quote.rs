use std::borrow::Cow;

use crate::cookie::percent;

/// Writes a value as Werkzeug does: unchanged if possible, and otherwise in quotes with octal escapes.
pub(crate) fn quote_value(value: &str) -> Cow<'_, str> {
    if value.bytes().all(percent::is_cookie_octet) {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len() + 16);
    out.push('"');
    for byte in value.bytes() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            // Werkzeug does not escape 1A to 1F. This function does not either, and `SetCookie::check` rejects them.
            0x00..=0x19 | b',' | b';' | 0x7F..=0xFF => {
                let digit = |shift: u8| char::from(b'0' + (byte >> shift & 7));
                out.extend(['\\', digit(6), digit(3), digit(0)]);
            }
            _ => out.push(char::from(byte)),
        }
    }
    out.push('"');
    Cow::Owned(out)
}

/// Writes a path as Werkzeug does: percent-encoded if necessary, with every existing `%` kept.
pub(crate) fn quote_path(path: &str) -> String {
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-~%!$&'()*+,/:=@".contains(&byte);
    percent::encode(path.as_bytes(), kept).unwrap_or_else(|| path.to_owned())
}

/// Returns a cookie's value as Werkzeug reads it. A quoted value is returned without its quotes and with its escapes
/// read as UTF-8, and any other value is returned unchanged.
///
/// ```
/// use hardtack_core::cookie::werkzeug::unquote;
///
/// assert_eq!(unquote(r#""J\303\266rg""#), "J\u{f6}rg");
/// assert_eq!(unquote(r"J\303"), r"J\303");
/// ```
pub fn unquote(value: &str) -> Cow<'_, str> {
    let Some(inner) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Cow::Borrowed(value);
    };
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut out = Vec::with_capacity(inner.len());
    unquote_onto(&mut out, inner.as_bytes());
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}

/// Resolves the escapes in a quoted value, which is given without its quotes. `\` and three octal digits represent a
/// byte; `\` and any other byte represent that byte.
pub(super) fn unquote_onto(out: &mut Vec<u8>, inner: &[u8]) {
    let mut rest = inner;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        match rest {
            [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', tail @ ..] => {
                out.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest = tail;
            }
            [b'\n', ..] | [] => out.push(b'\\'),
            [byte, tail @ ..] => {
                out.push(*byte);
                rest = tail;
            }
        }
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_values_are_not_quoted() {
        assert_eq!(quote_value("a+b/c=='!"), "a+b/c=='!");
        assert_eq!(quote_value(""), "");
    }

    #[test]
    fn quoting_comes_back() {
        for value in ["a b", "\"\\\"", "é;,\r\n\0", "\\073", "😀 \u{1b}[31m", "\u{7f}"] {
            let quoted = quote_value(value);
            let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).expect("in quotes");
            let mut back = Vec::new();
            unquote_onto(&mut back, inner.as_bytes());
            assert_eq!(back, value.as_bytes(), "{quoted}");
        }
    }

    #[test]
    fn paths_keep_their_percent_signs() {
        assert_eq!(quote_path("/a;b?%20%é"), "/a%3Bb%3F%20%%C3%A9");
    }
}
