use std::ops::Range;

/// The classification of the text between two semicolons.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pair {
    /// Only white space.
    Blank,
    /// A pair without a name, without `=`, or with a control character other than HTAB.
    Unusable,
    /// A cookie. The ranges are relative to the start of the complete text.
    Cookie { name: Range<usize>, value: Range<usize> },
}

impl Pair {
    /// Classifies `wire[at]`, the part of a `Cookie` header between two semicolons.
    ///
    /// Browsers do not follow the grammar of RFC 6265bis, section 4.2.1. This function therefore accepts the pairs that
    /// they send: any name and value without control characters (except HTAB), split at the first `=`, with SP and HTAB
    /// trimmed.
    pub(super) fn read(wire: &[u8], at: Range<usize>) -> Self {
        let whole = trim_range(wire, at);
        if whole.is_empty() {
            return Self::Blank;
        }
        let Some(equals) = memchr::memchr(b'=', &wire[whole.clone()]) else {
            return Self::Unusable;
        };
        let equals = whole.start + equals;
        let name = trim_range(wire, whole.start..equals);
        let value = trim_range(wire, equals + 1..whole.end);
        if name.is_empty() || has_control(&wire[whole]) {
            return Self::Unusable;
        }
        Self::Cookie { name, value }
    }
}

/// Trims only SP and HTAB from both ends (RFC 6265bis, section 5.6).
pub fn trim(bytes: &[u8]) -> &[u8] {
    &bytes[trim_range(bytes, 0..bytes.len())]
}

/// Returns whether a byte is forbidden in cookies: a control character other than HTAB.
pub(super) const fn is_control(byte: u8) -> bool {
    (byte < 0x20 && byte != b'\t') || byte == 0x7F
}

/// Returns whether `bytes` contains a byte that is forbidden in cookies: a control character other than HTAB (RFC
/// 6265bis, section 5.6).
pub fn has_control(bytes: &[u8]) -> bool {
    // Always scan to the end, because the compiler can vectorize a loop without a branch.
    bytes.iter().fold(false, |found, &byte| found | is_control(byte))
}

pub(super) const fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

pub(super) fn has_only_blanks(bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| is_blank(byte))
}

fn trim_range(bytes: &[u8], Range { mut start, mut end }: Range<usize>) -> Range<usize> {
    while start < end && is_blank(bytes[start]) {
        start += 1;
    }
    while start < end && is_blank(bytes[end - 1]) {
        end -= 1;
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_found_at_every_place() {
        for length in 1..70 {
            for at in 0..length {
                for control in [0x00, 0x08, 0x0A, 0x1F, 0x7F] {
                    let mut bytes = vec![b'x'; length];
                    assert!(!has_control(&bytes));
                    bytes[at] = control;
                    assert!(has_control(&bytes), "{control:#x} at {at} of {length}");
                }
            }
        }
        assert!(!has_control("\t ~é\u{80}".as_bytes()));
    }

    #[test]
    fn only_space_and_tab_are_trimmed() {
        assert_eq!(trim(b" \t a b \t"), b"a b");
        assert_eq!(trim(b"\x0ba\xa0"), b"\x0ba\xa0");
        assert_eq!(trim(b" \t "), b"");
    }
}
