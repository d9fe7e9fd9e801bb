use std::fmt;
use std::ops::Range;

use super::limits::Limits;
use super::pair::Pair;
use super::percent;
use super::werkzeug::{Encoding, WerkzeugParser, without_quotes};
use crate::Error;

/// The cookies that the browser sent, in the order in which it sent them.
///
/// The cookies are parsed from the bytes of one or more `Cookie` header fields, which are read as one field (HTTP/2
/// splits the header). Parsing never fails: anything that is not a cookie is skipped and [counted](Self::skipped), and
/// does not affect the cookies next to it.
///
/// ```
/// use hardtack_core::cookie::Cookies;
///
/// let cookies = Cookies::parse(["fav_color=dark%20blue; nameless; theme=\"plain\"", "fav_color=red"]);
/// assert_eq!(cookies.get("fav_color"), Some("dark blue"));
/// assert_eq!(cookies.get_raw("fav_color"), Some(&b"dark%20blue"[..]));
/// assert_eq!(cookies.get_unquoted("theme"), Some("plain"));
/// assert_eq!(cookies.get("missing"), None);
///
/// assert_eq!(cookies.get_all("fav_color").collect::<Vec<_>>(), ["dark blue", "red"]);
/// assert!(cookies.is_ambiguous("fav_color"));
/// assert_eq!(cookies.skipped(), 1);
/// ```
///
/// # Which cookies are kept
///
/// Pairs are separated only by `;`, even inside quotes, and split at their first `=`. Spaces and tabs around names and
/// values are trimmed. Pairs without a name, without `=`, or with a control character other than a tab are skipped.
/// Everything else that browsers send is kept: quotes, commas, inner spaces, and non-ASCII bytes. Names are compared
/// byte for byte and never decoded. [`Limits`] restricts the number of bytes and pairs that are read.
///
/// # Security
///
/// All of this data comes from the visitor. If a name occurs [more than once](Self::is_ambiguous), a neighboring
/// subdomain or path may have planted one of the cookies, and their order does not show which one.
#[derive(Clone, Default)]
pub struct Cookies {
    /// The header fields, joined by `;`.
    wire: Vec<u8>,
    /// The decoded values. Empty and unallocated if nothing had to be decoded.
    made: Vec<u8>,
    pairs: Vec<Entry>,
    skipped: usize,
    truncated: bool,
}

#[derive(Clone, Copy)]
struct Entry {
    name: Text,
    value: Text,
    raw: Span,
}

#[derive(Clone, Copy)]
enum Text {
    Wire(Span),
    Made(Span),
}

/// A range with 32-bit offsets. [`Limits`] keeps `wire` and `made` far below 4 GiB.
#[derive(Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
}

impl Cookies {
    /// Parses `Cookie` header fields with the default [`Limits`].
    pub fn parse(headers: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Self {
        Self::parse_within(Limits::default(), headers)
    }

    /// Parses `Cookie` header fields with custom limits.
    pub fn parse_within(limits: Limits, headers: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Self {
        let mut cookies = Self::join(limits, headers);
        let mut start = 0;
        while start < cookies.wire.len() {
            let end =
                memchr::memchr(b';', &cookies.wire[start..]).map_or(cookies.wire.len(), |at| start + at);
            match Pair::read(&cookies.wire, start..end) {
                Pair::Blank => {}
                Pair::Unusable => cookies.skipped += 1,
                Pair::Cookie { .. } if cookies.pairs.len() >= limits.most_pairs() => {
                    cookies.truncated = true;
                    break;
                }
                Pair::Cookie { name, value } => cookies.push(name, value),
            }
            start = end + 1;
        }
        cookies
    }

    /// Parses `Cookie` header fields as Flask does (`request.cookies`), with the parser of a specific Werkzeug version.
    ///
    /// Names and values are the strings that Flask returns: non-ASCII bytes are read as Latin-1, quoted values are
    /// unquoted and their octal escapes are read as UTF-8, and nothing is percent-decoded. A name without `=` has an
    /// empty value. [`get_raw`](Self::get_raw) returns the value as it was sent, including quotes.
    ///
    /// Werkzeug has no limits, whereas this method reads at most 1 MiB.
    ///
    /// ```
    /// use hardtack_core::cookie::{Cookies, WerkzeugParser};
    ///
    /// let headers = ["user=\"J\\303\\266rg\"; last=Tue, 02 Jan"];
    /// let cookies = Cookies::werkzeug(WerkzeugParser::V3_1_9, headers);
    /// assert_eq!(cookies.get("user"), Some("Jörg"));
    /// assert_eq!(cookies.get("last"), None);
    /// let cookies = Cookies::werkzeug(WerkzeugParser::V3_1_8, headers);
    /// assert_eq!(cookies.get("last"), Some("Tue, 02 Jan"));
    /// ```
    pub fn werkzeug(parser: WerkzeugParser, headers: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Self {
        let mut cookies = Self::join(Limits::wide(), headers);
        cookies.read_werkzeug(parser, Encoding::Latin1);
        cookies
    }

    /// Parses `Cookie` header fields as the function `werkzeug.http.parse_cookie` does. The result is the same as that
    /// of [`Self::werkzeug`], except that the bytes are read as UTF-8.
    ///
    /// # Errors
    ///
    /// Returns an error if the bytes are not UTF-8. Python raises `UnicodeDecodeError` in this case.
    pub fn werkzeug_utf8(
        parser: WerkzeugParser,
        headers: impl IntoIterator<Item = impl AsRef<[u8]>>,
    ) -> Result<Self, Error> {
        let mut cookies = Self::join(Limits::wide(), headers);
        let encoding = Encoding::utf8(&cookies.wire)?;
        cookies.read_werkzeug(parser, encoding);
        Ok(cookies)
    }

    /// Returns the percent-decoded value of the first cookie with this name.
    ///
    /// Invalid escapes are kept as they are. If the decoded value is not UTF-8, the value is returned undecoded.
    /// Returns `None` if there is no such cookie, or if its bytes are not UTF-8. Use [`get_raw`](Self::get_raw) to
    /// distinguish the two cases.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.named(name).next().and_then(|entry| self.text(entry.value))
    }

    /// Returns the value of the first cookie with this name, exactly as it was sent, or `None` if there is no such
    /// cookie.
    pub fn get_raw(&self, name: &str) -> Option<&[u8]> {
        self.named(name).next().map(|entry| self.raw(entry))
    }

    /// Returns the percent-decoded value of the first cookie with this name, without surrounding quotes. Returns `None`
    /// in the same cases as [`get`](Self::get).
    ///
    /// RFC 6265bis, section 4.1.1 allows quotes around a value, and treats them as a part of the value.
    /// [`get`](Self::get) therefore keeps them.
    pub fn get_unquoted(&self, name: &str) -> Option<&str> {
        let entry = self.named(name).next()?;
        let text = self.text(entry.value)?;
        match self.raw(entry) {
            [b'"', .., b'"'] => {
                Some(text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text))
            }
            _ => Some(text),
        }
    }

    /// Returns the values of all cookies with this name, decoded as in [`get`](Self::get). Values that are not UTF-8
    /// are skipped.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.named(name).filter_map(|entry| self.text(entry.value))
    }

    /// Returns whether more than one cookie has this name, so that it is unclear which one the application set.
    pub fn is_ambiguous(&self, name: &str) -> bool {
        self.named(name).nth(1).is_some()
    }

    /// Returns the names and values of all cookies, decoded as in [`get`](Self::get), in the order in which they were
    /// sent and with duplicates. Cookies that are not UTF-8 are skipped.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().filter_map(|entry| Some((self.text(entry.name)?, self.text(entry.value)?)))
    }

    /// Returns the names and values of all cookies as the exact bytes that were sent, in the same order and with
    /// duplicates.
    pub fn iter_raw(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.pairs.iter().map(|entry| (self.bytes(entry.name), self.raw(entry)))
    }

    /// Returns the number of cookies, including duplicates.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Returns whether there are no cookies.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Returns the number of pairs that were skipped because they are not cookies.
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    /// Returns whether the headers exceeded the [`Limits`].
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    fn join(limits: Limits, headers: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Self {
        let mut cookies = Self::default();
        for (index, header) in headers.into_iter().enumerate() {
            if index > 0 {
                cookies.wire.push(b';');
            }
            let header = header.as_ref();
            let room = limits.most_bytes().saturating_sub(cookies.wire.len());
            if header.len() <= room {
                cookies.wire.extend_from_slice(header);
            } else {
                cookies.wire.extend_from_slice(&header[..room]);
                let whole = memchr::memrchr(b';', &cookies.wire).unwrap_or(0);
                cookies.wire.truncate(whole);
                cookies.truncated = true;
                break;
            }
        }
        let at_most =
            if cookies.wire.is_empty() { 0 } else { memchr::memchr_iter(b';', &cookies.wire).count() + 1 };
        cookies.pairs.reserve_exact(at_most.min(limits.most_pairs()));
        cookies
    }

    fn push(&mut self, name: Range<usize>, value: Range<usize>) {
        let raw = Span::of(&value);
        let mut text = Text::Wire(raw);
        let bytes = &self.wire[value];
        if memchr::memchr(b'%', bytes).is_some() && str::from_utf8(bytes).is_ok() {
            let start = self.made.len();
            if percent::decode_onto(&mut self.made, bytes) && str::from_utf8(&self.made[start..]).is_ok() {
                text = Text::Made(Span::of(&(start..self.made.len())));
            } else {
                self.made.truncate(start);
            }
        }
        self.pairs.push(Entry { name: Text::Wire(Span::of(&name)), value: text, raw });
    }

    fn read_werkzeug(&mut self, parser: WerkzeugParser, encoding: Encoding) {
        let mut segments = parser.segments(&self.wire, encoding);
        for (name, value) in segments.by_ref() {
            let made = &mut self.made;
            let mut keep = |text: Range<usize>, quoted: bool| {
                let start = made.len();
                if encoding.read_onto(made, &self.wire[text.clone()], quoted) {
                    Text::Made(Span::of(&(start..made.len())))
                } else {
                    Text::Wire(Span::of(&text))
                }
            };
            let (inner, quoted) = without_quotes(&self.wire, value.clone());
            let entry = Entry { name: keep(name, false), value: keep(inner, quoted), raw: Span::of(&value) };
            self.pairs.push(entry);
        }
        self.skipped = segments.skipped();
    }

    fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.pairs.iter().filter(|entry| self.bytes(entry.name) == name.as_bytes())
    }

    fn text(&self, text: Text) -> Option<&str> {
        str::from_utf8(self.bytes(text)).ok()
    }

    fn raw(&self, entry: &Entry) -> &[u8] {
        self.bytes(Text::Wire(entry.raw))
    }

    fn bytes(&self, text: Text) -> &[u8] {
        let (Text::Wire(span) | Text::Made(span)) = text;
        let from = if matches!(text, Text::Wire(_)) { &self.wire } else { &self.made };
        &from[span.start as usize..span.end as usize]
    }
}

/// Shows only the names, because a value may be a secret.
impl fmt::Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> =
            self.pairs.iter().map(|entry| String::from_utf8_lossy(self.bytes(entry.name))).collect();
        f.debug_struct("Cookies")
            .field("names", &names)
            .field("skipped", &self.skipped)
            .field("truncated", &self.truncated)
            .finish()
    }
}

impl Span {
    fn of(range: &Range<usize>) -> Self {
        Self { start: range.start as u32, end: range.end as u32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIG: &str = concat!("a=", "{}", "; b=c");

    #[test]
    fn the_table_of_headers_is_followed() {
        let octets = "x".repeat(8192);
        let big = BIG.replace("{}", &octets);
        let many = (0..400).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join("; ");
        // The header fields, the pairs that are kept (as raw bytes), and the number of pairs that are skipped.
        type Row<'a> = (&'a str, Vec<&'a [u8]>, Vec<(&'a [u8], &'a [u8])>, usize);
        let table: Vec<Row<'_>> = vec![
            ("simple", vec![b"a=b; c=d"], vec![(b"a", b"b"), (b"c", b"d")], 0),
            ("no space after ;", vec![b"a=b;c=d"], vec![(b"a", b"b"), (b"c", b"d")], 0),
            ("trailing ;", vec![b"a=b;"], vec![(b"a", b"b")], 0),
            ("empty pairs", vec![b"a=b; ; ;c=d"], vec![(b"a", b"b"), (b"c", b"d")], 0),
            ("nameless with =", vec![b"=v; a=b"], vec![(b"a", b"b")], 1),
            ("nameless without =", vec![b"v; a=b"], vec![(b"a", b"b")], 1),
            ("name only last", vec![b"a=b; flag"], vec![(b"a", b"b")], 1),
            ("empty value", vec![b"a=; b=c"], vec![(b"a", b""), (b"b", b"c")], 0),
            ("spaces round =", vec![b"a = b; c =d"], vec![(b"a", b"b"), (b"c", b"d")], 0),
            ("inner space in value", vec![b"a=b c; d=e"], vec![(b"a", b"b c"), (b"d", b"e")], 0),
            ("leading space in value", vec![b"a=  b  ; c=d"], vec![(b"a", b"b"), (b"c", b"d")], 0),
            ("= in value", vec![b"a=b=c==; d=e"], vec![(b"a", b"b=c=="), (b"d", b"e")], 0),
            ("quoted", vec![b"a=\"b\"; c=d"], vec![(b"a", b"\"b\""), (b"c", b"d")], 0),
            ("quoted with ;", vec![b"a=\"b;c\"; d=e"], vec![(b"a", b"\"b"), (b"d", b"e")], 1),
            ("quoted with comma", vec![b"a=\"b,c\"; d=e"], vec![(b"a", b"\"b,c\""), (b"d", b"e")], 0),
            ("unbalanced quote", vec![b"a=\"b; c=d"], vec![(b"a", b"\"b"), (b"c", b"d")], 0),
            ("quote in the middle", vec![b"a=b\"c; d=e"], vec![(b"a", b"b\"c"), (b"d", b"e")], 0),
            (
                "backslash escape in quotes",
                vec![b"a=\"b\\\"c\"; d=e"],
                vec![(b"a", b"\"b\\\"c\""), (b"d", b"e")],
                0,
            ),
            (
                "octal escape in quotes",
                vec![b"a=\"\\054\"; d=e"],
                vec![(b"a", b"\"\\054\""), (b"d", b"e")],
                0,
            ),
            ("comma-separated pairs", vec![b"a=b, c=d"], vec![(b"a", b"b, c=d")], 0),
            ("duplicates", vec![b"a=1; a=2; b=3"], vec![(b"a", b"1"), (b"a", b"2"), (b"b", b"3")], 0),
            ("case-different names", vec![b"A=1; a=2"], vec![(b"A", b"1"), (b"a", b"2")], 0),
            (
                "percent",
                vec![b"a=%20%41%zz; b=%E2%9C%93"],
                vec![(b"a", b"%20%41%zz"), (b"b", b"%E2%9C%93")],
                0,
            ),
            ("plus", vec![b"a=b+c"], vec![(b"a", b"b+c")], 0),
            ("UTF-8 value", vec!["a=✓; b=c".as_bytes()], vec![(b"a", "✓".as_bytes()), (b"b", b"c")], 0),
            ("UTF-8 name", vec!["é=1; b=c".as_bytes()], vec![("é".as_bytes(), b"1"), (b"b", b"c")], 0),
            ("latin-1 byte", vec![b"a=\xE9; b=c"], vec![(b"a", b"\xE9"), (b"b", b"c")], 0),
            (
                "$Version",
                vec![b"$Version=1; a=b; $Path=/"],
                vec![(b"$Version", b"1"), (b"a", b"b"), (b"$Path", b"/")],
                0,
            ),
            ("tab in value", vec![b"a=b\tc; d=e"], vec![(b"a", b"b\tc"), (b"d", b"e")], 0),
            ("CTL 0x01 in value", vec![b"a=b\x01c; d=e"], vec![(b"d", b"e")], 1),
            ("CTL in name", vec![b"a\x01b=c; d=e"], vec![(b"d", b"e")], 1),
            ("DEL", vec![b"a=b\x7Fc; d=e"], vec![(b"d", b"e")], 1),
            ("name with space", vec![b"a b=c; d=e"], vec![(b"a b", b"c"), (b"d", b"e")], 0),
            ("name with @[]", vec![b"a[b]=c; x@y=z"], vec![(b"a[b]", b"c"), (b"x@y", b"z")], 0),
            ("name in quotes", vec![b"\"a\"=b; c=d"], vec![(b"\"a\"", b"b"), (b"c", b"d")], 0),
            (
                "JSON value",
                vec![b"a={\"x\":1,\"y\":[2]}; b=c"],
                vec![(b"a", b"{\"x\":1,\"y\":[2]}"), (b"b", b"c")],
                0,
            ),
            ("two header lines", vec![b"a=b", b"c=d"], vec![(b"a", b"b"), (b"c", b"d")], 0),
            ("only spaces", vec![b"   "], vec![], 0),
            ("8 KiB value", vec![big.as_bytes()], vec![(b"a", octets.as_bytes()), (b"b", b"c")], 0),
            (
                "__Host- twice, one miscased",
                vec![b"__Host-s=good; __host-s=evil"],
                vec![(b"__Host-s", b"good"), (b"__host-s", b"evil")],
                0,
            ),
        ];
        for (row, headers, pairs, skipped) in table {
            let cookies = Cookies::parse(headers);
            assert_eq!(cookies.iter_raw().collect::<Vec<_>>(), pairs, "{row}");
            assert_eq!(cookies.skipped(), skipped, "{row}");
            assert!(!cookies.is_truncated(), "{row}");
        }
        assert_eq!(Cookies::parse([many]).len(), 400);
    }

    #[test]
    fn the_views_of_a_value_are_kept_apart() {
        let cookies = Cookies::parse(["a=%20%41%zz; b=%E2%9C%93; c=\"%22\"; d=b+c; e=%ff%41; f=\""]);
        assert_eq!(cookies.get("a"), Some(" A%zz"));
        assert_eq!(cookies.get("b"), Some("✓"));
        assert_eq!(cookies.get("c"), Some("\"\"\""));
        assert_eq!(cookies.get_unquoted("c"), Some("\""));
        assert_eq!(cookies.get("d"), Some("b+c"));
        assert_eq!(cookies.get("e"), Some("%ff%41"));
        assert_eq!(cookies.get_unquoted("f"), Some("\""));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_no_text() {
        let cookies = Cookies::parse([&b"a=\xE9; a=x; b=\xE9%41; c=1"[..]]);
        assert_eq!(cookies.get("a"), None);
        assert_eq!(cookies.get_raw("a"), Some(&b"\xE9"[..]));
        assert_eq!(cookies.get_all("a").collect::<Vec<_>>(), ["x"]);
        assert_eq!(cookies.get("b"), None);
        assert_eq!(cookies.iter().collect::<Vec<_>>(), [("a", "x"), ("c", "1")]);
    }

    #[test]
    fn a_name_is_never_decoded() {
        let cookies = Cookies::parse(["__%48ost-s=evil; __Host-s=good"]);
        assert_eq!(cookies.get("__Host-s"), Some("good"));
        assert!(!cookies.is_ambiguous("__Host-s"));
    }

    #[test]
    fn limits_leave_whole_pairs_out() {
        let within = |bytes, headers: &[&str]| Cookies::parse_within(Limits::default().bytes(bytes), headers);
        let cookies = within(11, &["a=1; b=2; c=345"]);
        assert_eq!(cookies.iter().collect::<Vec<_>>(), [("a", "1"), ("b", "2")]);
        assert!(cookies.is_truncated());
        assert!(within(3, &["a=12"]).is_empty());
        assert!(!within(4, &["a=12"]).is_truncated());
        let cookies = within(8, &["a=1", "b=2", "c=3"]);
        assert_eq!(cookies.iter().collect::<Vec<_>>(), [("a", "1"), ("b", "2")]);
        assert!(cookies.is_truncated());
        assert!(within(0, &["a=1"]).is_empty());
        assert!(!Cookies::parse_within(Limits::default().pairs(2), ["a=1; b=2; ;c"]).is_truncated());
    }

    #[test]
    fn a23_debug_shows_no_value() {
        let shown = format!("{:?}", Cookies::parse(["session=hunter2"]));
        assert!(shown.contains("session") && !shown.contains("hunter2"), "{shown}");
    }
}
