use std::ops::Range;

use super::quote::unquote_onto;
use crate::cookie::pair::{has_only_blanks, is_blank};
use crate::{Error, ErrorKind};

/// The version of Werkzeug's parser for the `Cookie` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum WerkzeugParser {
    /// The strict parser of Werkzeug 3.1.9, which drops cookies that contain a space, a tab, or an unpaired quote.
    #[default]
    V3_1_9,
    /// The lenient parser of Werkzeug 3.1.0 to 3.1.8, which keeps such cookies.
    V3_1_8,
}

/// The encoding in which Werkzeug reads the bytes of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Latin1,
    Utf8,
}

impl Encoding {
    /// Returns `Utf8` if the entire header is valid UTF-8, which `werkzeug.http.parse_cookie` requires.
    pub(crate) fn utf8(wire: &[u8]) -> Result<Self, Error> {
        str::from_utf8(wire).map(|_| Self::Utf8).map_err(|error| {
            Error::new(
                ErrorKind::Value,
                "the Cookie header is not UTF-8: `Cookies::werkzeug` reads it as Latin-1, as Flask's requests do",
            )
            .with_source(error)
        })
    }

    /// Appends `bytes` as UTF-8, with escapes resolved if the bytes were quoted. If the bytes need no conversion,
    /// appends nothing and returns `false`.
    pub(crate) fn read_onto(self, out: &mut Vec<u8>, bytes: &[u8], quoted: bool) -> bool {
        let escaped = quoted && memchr::memchr(b'\\', bytes).is_some();
        let foreign = self == Self::Latin1 && !bytes.is_ascii();
        let start = out.len();
        match (escaped, foreign) {
            (false, false) => return false,
            (false, true) => latin1_onto(out, bytes),
            (true, false) => unquote_onto(out, bytes),
            (true, true) => {
                let mut text = Vec::with_capacity(2 * bytes.len());
                latin1_onto(&mut text, bytes);
                unquote_onto(out, &text);
            }
        }
        if escaped && let Err(_) = str::from_utf8(&out[start..]) {
            let whole = String::from_utf8_lossy(&out[start..]).into_owned();
            out.truncate(start);
            out.extend_from_slice(whole.as_bytes());
        }
        true
    }

    /// Trims the characters that Python's `str.strip` trims from both ends.
    fn strip(self, wire: &[u8], Range { mut start, mut end }: Range<usize>) -> Range<usize> {
        match self {
            Self::Latin1 => {
                let space = |at: usize| is_python_space(char::from(wire[at]));
                while start < end && space(start) {
                    start += 1;
                }
                while start < end && space(end - 1) {
                    end -= 1;
                }
            }
            Self::Utf8 => {
                let text = str::from_utf8(&wire[start..end]).unwrap_or_default();
                end -= text.len() - text.trim_end_matches(is_python_space).len();
                start += text.len() - text.trim_start_matches(is_python_space).len();
            }
        }
        start..end.max(start)
    }
}

/// Returns whether Python treats a character as white space. Unlike Unicode and Rust, Python includes the four
/// separators 1C to 1F.
fn is_python_space(char: char) -> bool {
    char.is_whitespace() || matches!(char, '\u{1C}'..='\u{1F}')
}

fn latin1_onto(out: &mut Vec<u8>, bytes: &[u8]) {
    for &byte in bytes {
        let mut buffer = [0; 2];
        out.extend_from_slice(char::from(byte).encode_utf8(&mut buffer).as_bytes());
    }
}

impl WerkzeugParser {
    /// Splits a header into names and values. Values keep their quotes.
    pub(crate) fn segments(self, wire: &[u8], encoding: Encoding) -> Segments<'_> {
        Segments { parser: self, encoding, wire, at: 0, stretch: None, skipped: 0 }
    }
}

/// An iterator over names and values. The iteration takes linear time for any input.
pub(crate) struct Segments<'w> {
    parser: WerkzeugParser,
    encoding: Encoding,
    wire: &'w [u8],
    at: usize,
    stretch: Option<Stretch>,
    skipped: usize,
}

/// The lenient parser's results for the text before one semicolon. They are kept between attempts, because a value with
/// line feeds is tried again from each `=`.
#[derive(Clone, Copy)]
struct Stretch {
    semicolon: usize,
    /// The end of the text after trailing ASCII white space is trimmed.
    end: usize,
    last_line_feed: Option<usize>,
}

type NameAndValue = (Range<usize>, Range<usize>);

impl Iterator for Segments<'_> {
    type Item = NameAndValue;

    fn next(&mut self) -> Option<NameAndValue> {
        match self.parser {
            WerkzeugParser::V3_1_9 => self.next_strict(),
            WerkzeugParser::V3_1_8 => self.next_lenient(),
        }
    }
}

impl Segments<'_> {
    /// Returns the number of segments so far that were not cookies.
    pub(crate) fn skipped(&self) -> usize {
        self.skipped
    }

    fn next_strict(&mut self) -> Option<NameAndValue> {
        while self.at < self.wire.len() {
            let start = self.at;
            if let Some((name, value, end)) = self.strict(start) {
                self.at = end + 1;
                return Some((name, value));
            }
            // Search from the segment's start, so that a semicolon inside unclosed quotes is also found. Quotes that
            // open a later segment are preceded by `=`, so they close the quotes of this segment. No byte is scanned
            // more than twice.
            let semicolon = self.semicolon_from(start);
            self.at = semicolon + 1;
            self.skipped += usize::from(!has_only_blanks(&self.wire[start..semicolon]));
        }
        None
    }

    /// Returns the value of the first cookie with this name. Only segments that may have the name, or that contain
    /// quotes, are examined.
    pub(super) fn first_strict(&mut self, name: &[u8]) -> Option<Range<usize>> {
        while self.at < self.wire.len() {
            let start = self.past(self.at, is_blank);
            let rest = &self.wire[start..];
            if !rest.starts_with(name) {
                let stop = memchr::memchr2(b';', b'"', rest)?;
                if rest[stop] == b';' {
                    self.at = start + stop + 1;
                    continue;
                }
            }
            match self.strict(start) {
                Some((found, value, _)) if self.wire[found.clone()] == *name => return Some(value),
                Some((_, _, end)) => self.at = end + 1,
                None => self.at = self.semicolon_from(start) + 1,
            }
        }
        None
    }

    /// Returns the name, the value, and the position of the semicolon or the end of the header.
    fn strict(&self, start: usize) -> Option<(Range<usize>, Range<usize>, usize)> {
        let begin = self.past(start, is_blank);
        let name = begin..self.past(begin, |byte| !matches!(byte, b' ' | b'\t' | b'=' | b'"' | b';'));
        if name.is_empty() {
            return None;
        }
        let at = self.past(name.end, is_blank);
        match self.wire.get(at) {
            None | Some(b';') => return Some((name, at..at, at)),
            Some(b'=') => {}
            Some(_) => return None,
        }
        let begin = self.past(at + 1, is_blank);
        if let Some(close) = self.closing_quote(begin) {
            let end = self.past(close + 1, is_blank);
            if self.is_end(end) {
                return Some((name, begin..close + 1, end));
            }
        }
        let value = begin..self.past(begin, |byte| !matches!(byte, b' ' | b'\t' | b'"' | b';'));
        let end = self.past(value.end, is_blank);
        self.is_end(end).then_some((name, value, end))
    }

    fn next_lenient(&mut self) -> Option<NameAndValue> {
        while self.at < self.wire.len() {
            let start = self.at;
            let stop =
                memchr::memchr2(b'=', b';', &self.wire[start..]).map_or(self.wire.len(), |at| start + at);
            let (value, end) = if self.is_end(stop) {
                (stop..stop, stop)
            } else if let Some(found) = self.lenient_value(stop + 1) {
                found
            } else {
                self.at = stop + 1;
                continue;
            };
            self.at = self.past(end + 1, is_ascii_space);
            let name = self.encoding.strip(self.wire, start..stop);
            if !name.is_empty() {
                return Some((name, self.encoding.strip(self.wire, value)));
            }
            self.skipped += usize::from(start < stop || stop < end);
        }
        None
    }

    /// Returns the value after a `=` and the position of the semicolon or the end of the header, or `None` if a line
    /// feed interferes.
    fn lenient_value(&mut self, after: usize) -> Option<(Range<usize>, usize)> {
        let begin = self.past(after, is_ascii_space);
        if let Some(close) = self.closing_quote(begin) {
            let end = self.past(close + 1, is_ascii_space);
            if self.is_end(end) {
                return Some((begin..close + 1, end));
            }
        }
        let stretch = match self.stretch {
            Some(stretch) if begin <= stretch.semicolon => stretch,
            _ => self.measure(begin),
        };
        self.stretch = Some(stretch);
        if stretch.last_line_feed.is_some_and(|at| at >= begin) {
            return None;
        }
        Some((begin..stretch.end.max(begin), stretch.semicolon))
    }

    fn measure(&self, begin: usize) -> Stretch {
        let semicolon = self.semicolon_from(begin);
        let mut end = semicolon;
        while begin < end && is_ascii_space(self.wire[end - 1]) {
            end -= 1;
        }
        let last_line_feed = memchr::memrchr(b'\n', &self.wire[begin..end]).map(|at| begin + at);
        Stretch { semicolon, end, last_line_feed }
    }

    /// If there is a quote at `open`, returns the position of its closing quote. A backslash escapes the next
    /// character, which must not be a line feed.
    fn closing_quote(&self, open: usize) -> Option<usize> {
        if self.wire.get(open) != Some(&b'"') {
            return None;
        }
        let mut at = open + 1;
        loop {
            at += memchr::memchr2(b'"', b'\\', self.wire.get(at..)?)?;
            if self.wire[at] == b'"' {
                return Some(at);
            }
            if self.wire.get(at + 1).is_none_or(|&byte| byte == b'\n') {
                return None;
            }
            at += 2;
        }
    }

    fn semicolon_from(&self, at: usize) -> usize {
        memchr::memchr(b';', &self.wire[at..]).map_or(self.wire.len(), |found| at + found)
    }

    fn is_end(&self, at: usize) -> bool {
        self.wire.get(at).is_none_or(|&byte| byte == b';')
    }

    fn past(&self, from: usize, passed: impl Fn(u8) -> bool) -> usize {
        let rest = self.wire.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|&&byte| passed(byte)).count()
    }
}

/// Returns whether a byte is white space in the lenient parser's pattern, which includes the vertical tab.
const fn is_ascii_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parser: WerkzeugParser, header: &str) -> Vec<(&str, &str)> {
        parser
            .segments(header.as_bytes(), Encoding::Utf8)
            .map(|(name, value)| (&header[name], &header[value]))
            .collect()
    }

    #[test]
    fn the_strict_parser_drops_what_the_lenient_one_keeps() {
        for header in ["a=b c", "a={\"x\":1}", "a=b\"c", "a=\"b", "\"a\"=b", "a b=c"] {
            assert_eq!(read(WerkzeugParser::V3_1_9, header), [], "{header}");
            let (name, value) = header.split_once('=').expect("a pair");
            assert_eq!(read(WerkzeugParser::V3_1_8, header), [(name, value)], "{header}");
        }
    }

    #[test]
    fn a_semicolon_may_stand_in_quotes() {
        for parser in [WerkzeugParser::V3_1_9, WerkzeugParser::V3_1_8] {
            assert_eq!(read(parser, "a=\"b;\\\"c\" ; d"), [("a", "\"b;\\\"c\""), ("d", "")]);
        }
    }

    #[test]
    fn line_feeds_make_the_lenient_parser_start_again() {
        assert_eq!(read(WerkzeugParser::V3_1_8, "a=1\n2=3; b=4"), [("1\n2", "3"), ("b", "4")]);
        assert_eq!(read(WerkzeugParser::V3_1_8, "a=1\n; b=4"), [("a", "1"), ("b", "4")]);
    }

    #[test]
    fn segments_that_are_no_cookies_are_counted() {
        let mut segments = WerkzeugParser::V3_1_9.segments(b"a=b c; ; =x; d=e", Encoding::Latin1);
        assert_eq!(segments.by_ref().count(), 1);
        assert_eq!(segments.skipped(), 2);
    }
}
