//! Finding where JSON values end, without reading them.
//!
//! These functions look at quotes and brackets only, in a loop and never by recursion. They accept every well formed
//! value and some that are not; whoever wants the value itself reads it strictly afterwards.

/// A word of eight equal bytes.
const fn splat(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The high bit of every byte of a word that is under a limit. Bytes behind one that is may be marked by mistake, so
/// only the first mark counts; bytes of 128 and more never are.
const fn under(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(splat(limit)) & !word & splat(0x80)
}

/// What a string's content cannot go on with: its end, an escape, or a control character that has no business there.
const fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | ..0x20)
}

/// The offset of the first byte from an offset on that a string cannot hold as it is, or the length of the text.
#[inline]
pub(crate) fn plain_end(bytes: &[u8], start: usize) -> usize {
    let (words, rest) = bytes.get(start..).unwrap_or_default().as_chunks();
    for (at, word) in words.iter().enumerate() {
        let marks = special_in(*word);
        if marks != 0 {
            return start + at * 8 + marks.trailing_zeros() as usize / 8;
        }
    }
    let special = rest.iter().position(|&byte| is_special(byte));
    bytes.len() - rest.len() + special.unwrap_or(rest.len())
}

#[inline]
const fn special_in(word: [u8; 8]) -> u64 {
    let word = u64::from_le_bytes(word);
    under(word ^ splat(b'"'), 1) | under(word ^ splat(b'\\'), 1) | under(word, 0x20)
}

/// Where a string ends: the offset of its closing quote, given that of the first byte after its opening quote. Control
/// characters in it are left for the strict reader to refuse.
#[inline]
pub(crate) fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

/// Where the value that begins at an offset ends: the offset after its last byte.
#[inline]
pub(crate) fn value_end(bytes: &[u8], start: usize) -> Option<usize> {
    match bytes.get(start)? {
        b'"' => Some(string_end(bytes, start + 1)? + 1),
        b'{' | b'[' => bracket_end(bytes, start),
        _ => scalar_end(bytes, start),
    }
}

fn scalar_end(bytes: &[u8], start: usize) -> Option<usize> {
    // A square bracket is a curly one but for one bit.
    let ends = |&byte: &u8| (byte <= b' ') | (byte == b',') | (byte | 0x20 == b'}');
    let length = bytes[start..].iter().position(ends).unwrap_or(bytes.len() - start);
    (length > 0).then_some(start + length)
}

/// Counts brackets of both kinds alike: whether each is closed by its own kind is for the strict reader to say.
fn bracket_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    let mut open = 0_usize;
    loop {
        match bytes.get(at)? {
            b'"' => at = string_end(bytes, at + 1)?,
            b'{' | b'[' => open += 1,
            b'}' | b']' => {
                open -= 1;
                if open == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// The offset of the first byte that is not JSON's white space.
#[inline]
pub(crate) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    // Almost always there is none: one comparison tells.
    while let Some(..=b' ') = bytes.get(at) {
        match bytes[at] {
            b' ' | b'\t' | b'\n' | b'\r' => at += 1,
            _ => break,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_end_of_a_string() {
        for (text, end) in [
            ("\"", Some(0)),
            ("abc\"x", Some(3)),
            ("abcdefgh\"", Some(8)),
            ("abcdefghi\\\"j\"", Some(12)),
            ("abcdefghijklmnopqrstuvwxyzabcdefghijkl\"", Some(38)),
            ("\\\\\"\"", Some(2)),
            ("a\n\u{7f}\u{e9}\"", Some(5)),
            ("\\\"", None),
            ("\\", None),
            ("abcdefgh", None),
            ("", None),
        ] {
            assert_eq!(string_end(text.as_bytes(), 0), end, "{text}");
        }
    }

    #[test]
    fn every_special_byte_is_found_wherever_it_is() {
        for special in (0..=u8::MAX).filter(|&byte| is_special(byte)) {
            for place in 0..40 {
                let mut bytes = [b'\x7f', 0x80, b' ', b'#', 0xff].repeat(10);
                bytes[place] = special;
                assert_eq!(plain_end(&bytes, 0), place);
                assert_eq!(plain_end(&bytes, place), place);
                assert_eq!(plain_end(&bytes, place + 1), 50);
            }
        }
    }

    #[test]
    fn finds_the_end_of_any_value() {
        for (text, end) in [
            ("1,", Some(1)),
            ("-1.5e3}", Some(6)),
            ("true ", Some(4)),
            ("\"a,]\",", Some(5)),
            ("[1,[2,{\"]\":3}]],4", Some(15)),
            ("{}", Some(2)),
            (",", None),
            ("", None),
            ("[", None),
            ("{\"a", None),
        ] {
            assert_eq!(value_end(text.as_bytes(), 0), end, "{text}");
        }
    }
}
