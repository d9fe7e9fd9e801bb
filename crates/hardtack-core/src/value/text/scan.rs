//! Finding the ends of JSON values without reading the values.
//!
//! These functions examine only quotes and brackets, in a loop and without recursion. They accept every well-formed
//! value and some malformed ones. Code that needs the value itself reads it strictly afterwards.

/// Returns a word of eight equal bytes.
const fn splat(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Marks the high bit of every byte of a word that is below a limit. Bytes after the first marked one may be marked by
/// mistake, so only the first mark is valid. Bytes of 128 and above are never marked.
const fn under(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(splat(limit)) & !word & splat(0x80)
}

/// Marks quotes and backslashes, which end a string or need special handling.
const fn quotes(word: u64) -> u64 {
    under(word ^ splat(b'"'), 1) | under(word ^ splat(b'\\'), 1)
}

/// Marks bytes that end the plain content of a string: a quote, an escape, or an invalid control character.
const fn specials(word: u64) -> u64 {
    quotes(word) | under(word, 0x20)
}

/// Returns the offset of the first marked byte at or after `start`, or the length of the text. Processes eight bytes at
/// a time.
#[inline]
fn next_mark(bytes: &[u8], start: usize, marks: impl Fn(u64) -> u64) -> usize {
    let place = |marks: u64| marks.trailing_zeros() as usize / 8;
    let mut rest = bytes.get(start..).unwrap_or_default();
    while let Some((&word, behind)) = rest.split_first_chunk() {
        let found = marks(u64::from_le_bytes(word));
        if found != 0 {
            return bytes.len() - rest.len() + place(found);
        }
        rest = behind;
    }
    // Fewer than eight bytes are left. They are the last bytes of the text's final eight, if the text is that long.
    let word = match bytes.last_chunk() {
        Some(&last) => u64::from_le_bytes(last).checked_shr(64 - 8 * rest.len() as u32).unwrap_or(0),
        None => rest.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)),
    };
    bytes.len() - rest.len() + place(marks(word)).min(rest.len())
}

/// Returns the offset of the first byte at or after `start` that a string cannot contain unescaped, or the length of
/// the text.
#[inline]
pub(crate) fn plain_end(bytes: &[u8], start: usize) -> usize {
    next_mark(bytes, start, specials)
}

/// Returns the offset of a string's closing quote, given the offset after its opening quote. Control characters are
/// accepted here, and rejected by the strict reader.
#[inline]
pub(crate) fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        at = next_mark(bytes, at, quotes);
        if *bytes.get(at)? == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

/// Returns the offset after the value that begins at `start`.
#[inline(always)]
pub(crate) fn value_end(bytes: &[u8], start: usize) -> Option<usize> {
    match bytes.get(start)? {
        b'"' => Some(string_end(bytes, start + 1)? + 1),
        b'{' | b'[' => bracket_end(bytes, start),
        _ => scalar_end(bytes, start),
    }
}

fn scalar_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    while let Some(&byte) = bytes.get(at)
        && !matches!(CLASSES[usize::from(byte)], Class::Between | Class::Close)
    {
        at += 1;
    }
    (at > start).then_some(at)
}

/// Returns the offset after a list or dict. Brackets of both kinds are counted together; the strict reader checks
/// whether each is closed by its own kind.
fn bracket_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    let mut open = 0_usize;
    loop {
        let class = CLASSES[usize::from(*bytes.get(at)?)];
        at += 1;
        match class {
            Class::Part | Class::Between => {}
            Class::Quote => at = string_end(bytes, at)? + 1,
            Class::Open => open += 1,
            Class::Close => {
                open -= 1;
                if open == 0 {
                    return Some(at);
                }
            }
        }
    }
}

/// The effect of a byte outside strings on the end of a value.
#[derive(Clone, Copy)]
enum Class {
    /// Part of the value, with no effect.
    Part,
    Quote,
    Open,
    /// A comma, white space, or a control character, which ends a number or a literal, and has no effect on a list or
    /// dict.
    Between,
    Close,
}

/// One table lookup per byte is faster than comparing the byte with each bracket.
static CLASSES: [Class; 256] = {
    let mut classes = [Class::Part; 256];
    let mut byte = 0;
    while byte <= b' ' as usize {
        classes[byte] = Class::Between;
        byte += 1;
    }
    classes[b',' as usize] = Class::Between;
    classes[b'"' as usize] = Class::Quote;
    classes[b'{' as usize] = Class::Open;
    classes[b'[' as usize] = Class::Open;
    classes[b'}' as usize] = Class::Close;
    classes[b']' as usize] = Class::Close;
    classes
};

/// Returns the offset of the first byte that is not JSON white space.
#[inline]
pub(crate) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    // White space is rare, and this single comparison detects its absence.
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
        for special in (0..=u8::MAX).filter(|byte| matches!(byte, b'"' | b'\\' | ..0x20)) {
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
