use std::borrow::Cow;

/// Returns whether a byte may appear unencoded in a cookie's value (`cookie-octet`, RFC 6265bis, section 4.1.1).
pub(super) const fn is_cookie_octet(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x2B | 0x2D..=0x3A | 0x3C..=0x5B | 0x5D..=0x7E)
}

/// Percent-encodes `%` and all bytes that are not allowed in a cookie's value. Decoding the result returns `value`.
pub(super) fn encode_value(value: &str) -> Cow<'_, str> {
    encode(value.as_bytes(), |byte| is_cookie_octet(byte) && byte != b'%')
        .map_or(Cow::Borrowed(value), Cow::Owned)
}

/// Percent-encodes every byte for which `kept` returns `false`. Returns `None` if there is no such byte. `kept` must
/// return `false` for non-ASCII bytes.
pub(super) fn encode(bytes: &[u8], kept: impl Fn(u8) -> bool) -> Option<String> {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let strange = bytes.iter().filter(|&&byte| !kept(byte)).count();
    if strange == 0 {
        return None;
    }
    let mut out = String::with_capacity(bytes.len() + 2 * strange);
    for &byte in bytes {
        if kept(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(HEX[usize::from(byte >> 4)]);
            out.push(HEX[usize::from(byte & 15)]);
        }
    }
    Some(out)
}

/// Appends `bytes` with percent-escapes decoded, and returns whether anything was decoded. Invalid escapes are kept as
/// they are.
pub(super) fn decode_onto(out: &mut Vec<u8>, bytes: &[u8]) -> bool {
    let mut decoded = false;
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'%', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        if let [_, high, low, tail @ ..] = rest
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            out.push(high << 4 | low);
            decoded = true;
            rest = tail;
        } else {
            out.push(b'%');
            rest = &rest[1..];
        }
    }
    out.extend_from_slice(rest);
    decoded
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        decode_onto(&mut out, text.as_bytes());
        out
    }

    #[test]
    fn a_value_that_fits_is_borrowed() {
        assert!(matches!(encode_value("!#$&'()*+-./:<=>?@[]^_`{|}~aZ9"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_does_not_fit_is_encoded() {
        assert_eq!(encode_value("a b;\"\\,%\r\n\u{7f}é"), "a%20b%3B%22%5C%2C%25%0D%0A%7F%C3%A9");
    }

    #[test]
    fn invalid_escapes_stay() {
        assert_eq!(decoded("%41%zz%4%%42%"), b"A%zz%4%B%");
        assert_eq!(decoded("%e2%9C%93"), "✓".as_bytes());
    }
}
