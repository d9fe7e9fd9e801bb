use std::borrow::Cow;

use crate::value::MAX_DIGITS;
use crate::value::fault::Fault;
use crate::value::text::scan::{plain_end, skip_space};

type Result<T> = std::result::Result<T, Fault>;

/// A strict reader of JSON tokens, with the rules of Python's `json.loads`: RFC 8259, and also `NaN`, `Infinity`,
/// `-Infinity`, raw DEL, and `-0` as the integer 0.
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

/// A number as it is written in the text.
#[derive(Debug, PartialEq)]
pub(crate) enum Number<'a> {
    /// A 64-bit integer.
    Int(i64),
    /// Any other integer, in canonical form, with at most 4300 digits.
    Big(&'a str),
    /// A number with a fraction or an exponent.
    Float(f64),
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    /// Skips white space, and returns the next byte.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        self.at = skip_space(self.text.as_bytes(), self.at);
        self.text.as_bytes().get(self.at).copied()
    }

    /// Skips white space, and consumes `byte` if it comes next. Returns whether it did.
    #[inline]
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        let next = self.peek() == Some(byte);
        self.at += usize::from(next);
        next
    }

    /// Skips white space, and consumes `byte`, which must come next.
    #[inline]
    pub(crate) fn expect(&mut self, byte: u8) -> Result<()> {
        if self.take(byte) {
            Ok(())
        } else {
            Err(Fault::malformed("the text is not JSON: a bracket, comma, or colon is missing"))
        }
    }

    /// Checks that only white space is left.
    pub(crate) fn end(&mut self) -> Result<()> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(Fault::malformed("the text is not JSON: there is extra text after the value")),
        }
    }

    /// Reads one of the literals of JSON or Python.
    pub(crate) fn word(&mut self, word: &str) -> Result<()> {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return Err(Fault::malformed("the text is not JSON: a literal is unknown"));
        }
        self.at += word.len();
        Ok(())
    }

    /// Reads a string, whose opening quote comes next.
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>> {
        self.expect(b'"')?;
        let start = self.at;
        self.at = plain_end(self.text.as_bytes(), start);
        let plain = &self.text[start..self.at];
        if self.special()? == b'"' {
            self.at += 1;
            return Ok(Cow::Borrowed(plain));
        }
        self.escaped_string(plain).map(Cow::Owned)
    }

    /// Returns the byte that ends an unescaped part of a string: a quote or a backslash.
    #[inline]
    fn special(&self) -> Result<u8> {
        match self.text.as_bytes().get(self.at) {
            Some(&byte @ (b'"' | b'\\')) => Ok(byte),
            Some(_) => Err(Fault::malformed("the text is not JSON: a string contains a control character")),
            None => Err(Fault::malformed("the text is not JSON: a string is not terminated")),
        }
    }

    /// Reads the rest of a string whose first escape comes next.
    fn escaped_string(&mut self, plain: &str) -> Result<String> {
        let mut string = plain.to_owned();
        while self.special()? == b'\\' {
            string.push(self.escape()?);
            let start = self.at;
            self.at = plain_end(self.text.as_bytes(), start);
            string.push_str(&self.text[start..self.at]);
        }
        self.at += 1;
        Ok(string)
    }

    fn escape(&mut self) -> Result<char> {
        let letter = self.text.as_bytes().get(self.at + 1).copied();
        self.at += 2;
        Ok(match letter {
            Some(letter @ (b'"' | b'\\' | b'/')) => char::from(letter),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => self.unicode_escape()?,
            _ => {
                return Err(Fault::malformed("the text is not JSON: a string contains an unknown escape"));
            }
        })
    }

    /// Reads the character of a `\u` escape, or of two such escapes that form a surrogate pair.
    fn unicode_escape(&mut self) -> Result<char> {
        const LONE: Fault =
            Fault::ours("the text contains an unpaired surrogate, which a Rust string cannot represent");
        let first = self.code_unit()?;
        if let Some(c) = char::from_u32(first) {
            return Ok(c);
        }
        if first >= 0xDC00 || !self.text.as_bytes()[self.at..].starts_with(b"\\u") {
            return Err(LONE);
        }
        self.at += 2;
        match self.code_unit()? {
            second @ 0xDC00..=0xDFFF => {
                char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00)).ok_or(LONE)
            }
            _ => Err(LONE),
        }
    }

    fn code_unit(&mut self) -> Result<u32> {
        const BROKEN: Fault =
            Fault::malformed("the text is not JSON: \\u must be followed by four hexadecimal digits");
        let digits = self.text.as_bytes().get(self.at..self.at + 4).ok_or(BROKEN)?;
        self.at += 4;
        digits
            .iter()
            .try_fold(0, |unit, &digit| Ok(unit << 4 | char::from(digit).to_digit(16).ok_or(BROKEN)?))
    }

    /// Reads a number, whose sign or first digit comes next.
    pub(crate) fn number(&mut self) -> Result<Number<'a>> {
        const BROKEN: Fault = Fault::malformed("the text is not JSON: a number is malformed");
        let bytes = self.text.as_bytes();
        let start = self.at;
        self.at += usize::from(bytes.get(self.at) == Some(&b'-'));
        let (digits, mut value) = (self.at, 0_i64);
        while let Some(digit @ b'0'..=b'9') = bytes.get(self.at) {
            // The multiplication wraps only beyond 18 digits, where the value is not used.
            value = value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
            self.at += 1;
        }
        let count = self.at - digits;
        if count == 0 || (count > 1 && bytes[digits] == b'0') {
            return Err(BROKEN);
        }
        if !matches!(bytes.get(self.at), Some(b'.' | b'e' | b'E')) {
            let number = &self.text[start..self.at];
            return match count {
                1..=18 => Ok(Number::Int(if digits > start { -value } else { value })),
                19..=MAX_DIGITS => Ok(number.parse().map_or(Number::Big(number), Number::Int)),
                _ => Err(Fault::malformed(
                    "an integer cannot have more than 4300 digits, which is Python's limit",
                )),
            };
        }
        if bytes[self.at] == b'.' {
            self.at += 1;
            self.some_digits().ok_or(BROKEN)?;
        }
        if let Some(b'e' | b'E') = bytes.get(self.at) {
            self.at += 1;
            self.at += usize::from(matches!(bytes.get(self.at), Some(b'+' | b'-')));
            self.some_digits().ok_or(BROKEN)?;
        }
        self.text[start..self.at].parse().map(Number::Float).map_err(|_| BROKEN)
    }

    /// Reads one or more digits.
    fn some_digits(&mut self) -> Option<()> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        while let Some(b'0'..=b'9') = bytes.get(self.at) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_by_pythons_rules() {
        for (text, number) in [
            ("0", Number::Int(0)),
            ("-0", Number::Int(0)),
            ("-12", Number::Int(-12)),
            ("9223372036854775807", Number::Int(i64::MAX)),
            ("-9223372036854775808", Number::Int(i64::MIN)),
            ("9223372036854775808", Number::Big("9223372036854775808")),
            ("-0.0", Number::Float(-0.0)),
            ("1e5", Number::Float(1e5)),
            ("1.5E-3", Number::Float(0.0015)),
            ("1e999", Number::Float(f64::INFINITY)),
        ] {
            let mut reader = Reader::new(text);
            assert_eq!(reader.number().unwrap(), number, "{text}");
            assert!(reader.end().is_ok());
        }
        for text in ["01", "-", ".5", "1.", "1.e5", "1e", "1e+", "-.5", "+1", "00"] {
            assert!(Reader::new(text).number().is_err(), "{text}");
        }
        assert!(Reader::new(&"9".repeat(MAX_DIGITS)).number().is_ok());
        assert!(Reader::new(&"9".repeat(MAX_DIGITS + 1)).number().is_err());
    }

    #[test]
    fn strings_are_unescaped() {
        for (text, string) in [
            (r#""""#, ""),
            (r#""plain""#, "plain"),
            (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
            (r#""\u00e9\u00C9""#, "\u{e9}\u{c9}"),
            (r#""a\ud83d\ude00b""#, "a\u{1f600}b"),
            ("\"\u{7f}\u{e9}\"", "\u{7f}\u{e9}"),
        ] {
            assert_eq!(Reader::new(text).string().unwrap(), string);
        }
        for text in [
            "\"",
            "\"\\",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\u+123\"",
            "\"\\ud800\"",
            "\"\\ud800\\n\"",
            "\"\\ud800\\ud800\"",
            "\"\\udc00\\ud800\"",
            "\"\n\"",
            "\"a\\n\u{1f}\"",
            "'a'",
        ] {
            assert!(Reader::new(text).string().is_err(), "{text}");
        }
    }
}
