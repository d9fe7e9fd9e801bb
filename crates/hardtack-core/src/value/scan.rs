//! Finding where JSON values end, without reading them.
//!
//! These functions look at quotes and brackets only, in a loop and never by recursion. They accept every well formed
//! value and some that are not; whoever wants the value itself reads it strictly afterwards.

/// A word of eight equal bytes.
const fn splat(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Whether any byte of a word is zero. (It may also mark bytes above a zero one, so only "any" is exact.)
const fn has_zero(word: u64) -> bool {
    word.wrapping_sub(splat(1)) & !word & splat(0x80) != 0
}

/// Where a string ends: the offset of its closing quote, given that of the first byte after its opening quote, and
/// whether there is a backslash between them.
#[inline]
pub(crate) fn string_end(bytes: &[u8], start: usize) -> Option<(usize, bool)> {
    let mut at = start;
    let mut escaped = false;
    loop {
        while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
            let word = u64::from_ne_bytes(*word);
            if has_zero(word ^ splat(b'"')) || has_zero(word ^ splat(b'\\')) {
                break;
            }
            at += 8;
        }
        loop {
            match *bytes.get(at)? {
                b'"' => return Some((at, escaped)),
                b'\\' => {
                    escaped = true;
                    at += 2;
                    break;
                }
                _ => at += 1,
            }
        }
    }
}

/// Where the value that begins at an offset ends: the offset after its last byte.
#[inline]
pub(crate) fn value_end(bytes: &[u8], start: usize) -> Option<usize> {
    match bytes.get(start)? {
        b'"' => Some(string_end(bytes, start + 1)?.0 + 1),
        b'{' | b'[' => bracket_end(bytes, start),
        _ => {
            let ends =
                |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r');
            let length = bytes[start..].iter().position(ends).unwrap_or(bytes.len() - start);
            (length > 0).then_some(start + length)
        }
    }
}

/// Counts brackets of both kinds alike: whether each is closed by its own kind is for the strict reader to say.
fn bracket_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    let mut open = 0_usize;
    loop {
        match bytes.get(at)? {
            b'"' => at = string_end(bytes, at + 1)?.0,
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
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(at) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_end_of_a_string() {
        for (text, end) in [
            ("\"", Some((0, false))),
            ("abc\"x", Some((3, false))),
            ("abcdefgh\"", Some((8, false))),
            ("abcdefghi\\\"j\"", Some((12, true))),
            ("\\\\\"\"", Some((2, true))),
            ("\\\"", None),
            ("\\", None),
            ("abcdefgh", None),
            ("", None),
        ] {
            assert_eq!(string_end(text.as_bytes(), 0), end, "{text}");
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
