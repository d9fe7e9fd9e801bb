use std::borrow::Cow;
use std::ops::Range;

use super::{Encoding, WerkzeugParser};

impl WerkzeugParser {
    /// Returns the value of the first cookie with this name, as Flask's `request.cookies.get(name)` does, in UTF-8.
    ///
    /// The headers are parsed as by [`Cookies::werkzeug`](crate::cookie::Cookies::werkzeug), but no collection is
    /// built. With one header field, an ASCII value without escapes is borrowed. Multiple fields are read as one, so a
    /// quoted value may continue in the next field.
    ///
    /// ```
    /// use hardtack_core::cookie::WerkzeugParser;
    ///
    /// let parser = WerkzeugParser::default();
    /// assert_eq!(parser.first(["a=1; session=abc; session=def"], "session").as_deref(), Some(&b"abc"[..]));
    /// assert_eq!(parser.first([r#"session="a\142c""#], "session").as_deref(), Some(&b"abc"[..]));
    /// assert_eq!(parser.first(["session; session=abc"], "session").as_deref(), Some(&b""[..]));
    /// ```
    pub fn first<'h, H>(self, headers: impl IntoIterator<Item = &'h H>, name: &str) -> Option<Cow<'h, [u8]>>
    where
        H: AsRef<[u8]> + ?Sized + 'h,
    {
        let mut headers = headers.into_iter().map(AsRef::as_ref);
        let (header, second) = (headers.next()?, headers.next());
        let Some(second) = second else { return self.first_in(header, name) };
        let mut joined = [header, b";", second].concat();
        for header in headers {
            joined.push(b';');
            joined.extend_from_slice(header);
        }
        self.first_in(&joined, name).map(|value| Cow::Owned(value.into_owned()))
    }

    fn first_in<'w>(self, wire: &'w [u8], name: &str) -> Option<Cow<'w, [u8]>> {
        let name = latin1(name)?;
        let mut segments = self.segments(wire, Encoding::Latin1);
        let value = match self {
            Self::V3_1_9 => segments.first_strict(&name)?,
            Self::V3_1_8 => segments.find(|(found, _)| wire[found.clone()] == *name)?.1,
        };
        let (inner, is_quoted) = without_quotes(wire, value);
        let mut text = Vec::new();
        Some(match Encoding::Latin1.read_onto(&mut text, &wire[inner.clone()], is_quoted) {
            true => Cow::Owned(text),
            false => Cow::Borrowed(&wire[inner]),
        })
    }
}

/// Returns the range of a value without its quotes, and whether the value was quoted.
pub(crate) fn without_quotes(wire: &[u8], value: Range<usize>) -> (Range<usize>, bool) {
    match wire[value.clone()] {
        [b'"', .., b'"'] => (value.start + 1..value.end - 1, true),
        _ => (value, false),
    }
}

/// Returns the bytes of a name in a header that is read as Latin-1, or `None` if Latin-1 cannot represent the name.
fn latin1(name: &str) -> Option<Cow<'_, [u8]>> {
    if name.is_ascii() {
        return Some(Cow::Borrowed(name.as_bytes()));
    }
    name.chars().map(|c| u8::try_from(c).ok()).collect::<Option<Vec<u8>>>().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cookie::Cookies;

    #[test]
    fn it_finds_what_the_whole_parser_finds() {
        let alphabet = b"aab==  \t;;\"\"\\107\xE9\n";
        let mut state = 11_u64;
        let mut found = 0;
        for _ in 0..60_000 {
            let mut byte = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                alphabet[(state >> 33) as usize % alphabet.len()]
            };
            let header: Vec<u8> = (0..20).map(|_| byte()).collect();
            let (left, right) = header.split_at(header.len() / 2);
            for parser in [WerkzeugParser::V3_1_9, WerkzeugParser::V3_1_8] {
                for headers in [vec![&header[..]], vec![left, right]] {
                    let cookies = Cookies::werkzeug(parser, &headers);
                    for name in ["a", "b", "ab", "\u{e9}", "\u{20ac}", ""] {
                        let first = parser.first(headers.iter().copied(), name);
                        let shown = first.as_deref().map(String::from_utf8_lossy);
                        assert_eq!(shown.as_deref(), cookies.get(name), "{name:?} in {headers:?}");
                        found += usize::from(first.is_some());
                    }
                }
            }
        }
        assert!(found > 1000);
    }

    #[test]
    fn a_plain_value_is_borrowed() {
        let first = WerkzeugParser::V3_1_9.first(["a=\"b\"; c=d"], "a");
        assert!(matches!(first, Some(Cow::Borrowed(b"b"))));
    }
}
