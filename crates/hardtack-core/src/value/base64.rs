//! The standard alphabet of RFC 4648, section 4: padded when written, as lenient as CPython's `binascii` when read.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Appends the padded base64 of some bytes.
pub(super) fn encode(bytes: &[u8], out: &mut String) {
    out.reserve(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut group = [0; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for place in 0..4 {
            let sextet = (bits >> (18 - 6 * place)) & 63;
            out.push(if place <= chunk.len() { char::from(ALPHABET[sextet as usize]) } else { '=' });
        }
    }
}

/// Decodes as Python's `base64.b64decode` without `validate`: bytes outside the alphabet are skipped, a complete
/// padding ends the text, unused low bits are dropped. `None` if the padding is wrong.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut place, mut pads) = (0_u32, 0_u8, 0_u8);
    for &byte in text {
        if byte == b'=' {
            if place >= 2 {
                pads += 1;
                if place + pads >= 4 {
                    return Some(out);
                }
            }
            continue;
        }
        let Some(sextet) = sextet(byte) else { continue };
        pads = 0;
        bits = (bits << 6 | u32::from(sextet)) & 0xFF_FFFF;
        place = (place + 1) % 4;
        match place {
            2 => out.push((bits >> 4) as u8),
            3 => out.push((bits >> 2) as u8),
            0 => out.push(bits as u8),
            _ => {}
        }
    }
    (place == 0).then_some(out)
}

fn sextet(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_test_vectors_of_rfc_4648_section_10() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            let mut out = String::new();
            encode(bytes.as_bytes(), &mut out);
            assert_eq!(out, text);
            assert_eq!(decode(text.as_bytes()).as_deref(), Some(bytes.as_bytes()));
        }
    }

    #[test]
    fn reads_as_leniently_as_python() {
        for (text, bytes) in [
            ("eA==", Some("x")),
            ("eB==", Some("x")),
            ("e A = =", Some("x")),
            ("eA==AAAA", Some("x")),
            ("=eA==", Some("x")),
            ("-_eA==", Some("x")),
            ("eHk=", Some("xy")),
            ("eHk", None),
            ("eA=", None),
            ("eA", None),
            ("A", None),
            ("====", Some("")),
            ("e===", None),
            ("eA=A", None),
            ("AA=A=A", Some("\0\0")),
            ("eA=AAA==", None),
        ] {
            assert_eq!(decode(text.as_bytes()).as_deref(), bytes.map(str::as_bytes), "{text}");
        }
    }
}
