//! Base64 as used in cookies (RFC 4648). Every input has a single encoded form; decoding is either strict or as lenient
//! as Python's.
//!
//! Well-formed text takes a vectorized path. Only text that this path rejects is decoded byte by byte.

use std::borrow::Cow;

use base64_simd::{Out, STANDARD, URL_SAFE_NO_PAD};

/// Encodes bytes in the URL-safe alphabet without padding (RFC 4648, section 5).
///
/// ```
/// use hardtack_core::base64;
///
/// assert_eq!(base64::encode_url(b"\xfb\xff"), "-_8");
/// ```
pub fn encode_url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// Appends bytes to a string in the URL-safe alphabet without padding.
pub fn encode_url_into(bytes: &[u8], text: &mut String) {
    URL_SAFE_NO_PAD.encode_append(bytes, text);
}

/// Returns the number of characters that [`encode_url`] writes for an input of this length.
pub const fn encoded_len(bytes: usize) -> usize {
    bytes / 3 * 4 + (bytes % 3 * 4).div_ceil(3)
}

/// Decodes only the exact output of [`encode_url`]. Padding, stray bytes, and nonzero unused bits are rejected.
///
/// ```
/// use hardtack_core::base64;
///
/// assert_eq!(base64::decode_url(b"-_8").as_deref(), Some(&b"\xfb\xff"[..]));
/// for other_spelling in ["-_8=", "+/8", "-_9", "-_ 8"] {
///     assert_eq!(base64::decode_url(other_spelling.as_bytes()), None);
/// }
/// ```
pub fn decode_url(text: &[u8]) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode_to_vec(text).ok()
}

/// Decodes like Python's `urlsafe_b64decode` after itsdangerous has added padding. Both alphabets are accepted, stray
/// bytes are skipped, padding is accepted in any position, and unused bits and bytes after complete padding are
/// ignored. Returns `None` if Python raises `binascii.Error`.
///
/// Flask never writes such text, but accepts it. A cookie that was altered in transit is therefore decoded here if
/// Flask would decode it.
///
/// ```
/// use hardtack_core::base64;
///
/// assert_eq!(base64::decode_lenient(b"+/9=").as_deref(), Some(&b"\xfb\xff"[..]));
/// assert_eq!(base64::decode_lenient(b"A"), None);
/// ```
pub fn decode_lenient(text: &[u8]) -> Option<Vec<u8>> {
    decode_url(text).or_else(|| decode_as_python(text, Padding::Added))
}

/// Decodes into `room` like [`decode_lenient`], and allocates only for text that is irregular or may not fit.
pub(crate) fn decode_lenient_into<'a>(text: &[u8], room: &'a mut [u8]) -> Option<Cow<'a, [u8]>> {
    let fits = text.len() <= encoded_len(room.len());
    match fits.then(|| URL_SAFE_NO_PAD.decode(text, Out::from_slice(room)).map(|bytes| bytes.len())) {
        Some(Ok(len)) => Some(Cow::Borrowed(&room[..len])),
        _ => decode_as_python(text, Padding::Added).map(Cow::Owned),
    }
}

/// Appends a number in the URL-safe alphabet without padding: big-endian, in as few bytes as possible. For at most
/// eight bytes, encoding letter by letter is faster than setting up the vectorized encoder.
pub(crate) fn encode_number_into(number: u64, text: &mut String) {
    let bytes = number_len(number);
    let letters = encoded_len(bytes);
    let bits = u128::from(number) << (letters * 6 - bytes * 8);
    text.extend((0..letters).rev().map(|place| char::from(URL_SAFE[(bits >> (place * 6)) as usize % 64])));
}

/// Returns the number of bytes that a number needs.
pub(crate) const fn number_len(number: u64) -> usize {
    8 - number.leading_zeros() as usize / 8
}

/// Decodes the output of [`encode_number_into`]. Leading zero bytes are accepted; any other spelling is rejected.
pub(crate) fn decode_number(text: &[u8]) -> Option<u64> {
    if text.len() > encoded_len(8) || text.len() % 4 == 1 {
        return None;
    }
    let bits = text.iter().try_fold(0_u128, |bits, &letter| Some(bits << 6 | u128::from(sextet(letter)?)))?;
    let unused = text.len() * 6 % 8;
    (bits & ((1 << unused) - 1) == 0).then_some((bits >> unused) as u64)
}

const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Returns the six bits that a letter of the URL-safe alphabet represents.
const fn sextet(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    }
}

/// Appends bytes to a string in the standard alphabet with padding (RFC 4648, section 4).
pub fn encode_standard_into(bytes: &[u8], text: &mut String) {
    STANDARD.encode_append(bytes, text);
}

/// Decodes like Python's `b64decode`. The standard alphabet with correct padding is accepted, stray bytes are skipped,
/// and bytes after complete padding are ignored. Returns `None` if Python raises `binascii.Error`.
///
/// ```
/// use hardtack_core::base64;
///
/// assert_eq!(base64::decode_standard(b"+/8=").as_deref(), Some(&b"\xfb\xff"[..]));
/// assert_eq!(base64::decode_standard(b"+/8"), None);
/// ```
pub fn decode_standard(text: &[u8]) -> Option<Vec<u8>> {
    STANDARD.decode_to_vec(text).ok().or_else(|| decode_as_python(text, Padding::Needed))
}

/// Encodes 256 bits as 43 characters. This is the form of a stored session's id in the cookie.
pub fn encode_id(id: &[u8; 32]) -> String {
    encode_url(id)
}

/// Decodes the output of [`encode_id`]. Each id has exactly one valid spelling.
pub fn decode_id(text: &[u8]) -> Option<[u8; 32]> {
    let mut id = [0; 32];
    // Check the length first, so that no time is spent on decoding a long header.
    if text.len() != encoded_len(id.len()) {
        return None;
    }
    URL_SAFE_NO_PAD.decode(text, Out::from_slice(&mut id)).ok()?;
    Some(id)
}

/// The treatment of missing padding before decoding.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Padding {
    /// Adds as many `=` as the length of the text requires, including its stray bytes. `-` and `_` are letters, not
    /// stray bytes.
    Added,
    /// Adds nothing: the text must contain its padding.
    Needed,
}

/// Decodes like CPython's `binascii.a2b_base64` outside its strict mode.
fn decode_as_python(text: &[u8], padding: Padding) -> Option<Vec<u8>> {
    let added = match padding {
        Padding::Added => text.len().wrapping_neg() % 4,
        Padding::Needed => 0,
    };
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut place, mut pads, mut rest) = (0_u8, 0_u8, 0_u8);
    for &byte in text.iter().chain(std::iter::repeat_n(&b'=', added)) {
        let sextet = match byte {
            b'=' => {
                // Two letters and two pads, or three letters and one pad, end the text. Any other pad is a stray byte.
                if place >= 2 {
                    pads += 1;
                    if place + pads >= 4 {
                        return Some(bytes);
                    }
                }
                continue;
            }
            b'+' => 62,
            b'/' => 63,
            b'-' | b'_' if padding == Padding::Needed => continue,
            _ => match sextet(byte) {
                Some(sextet) => sextet,
                None => continue,
            },
        };
        pads = 0;
        match place {
            0 => {}
            1 => bytes.push(rest << 2 | sextet >> 4),
            2 => bytes.push(rest << 4 | sextet >> 2),
            _ => bytes.push(rest << 6 | sextet),
        }
        rest = sextet;
        place = (place + 1) % 4;
    }
    (place == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_comes_back() {
        let bytes: Vec<u8> = (0..=255).cycle().take(600).map(|byte: u8| byte.wrapping_mul(167)).collect();
        for length in 0..bytes.len() {
            let text = encode_url(&bytes[..length]);
            assert_eq!(text.len(), encoded_len(length));
            assert_eq!(decode_url(text.as_bytes()).unwrap(), &bytes[..length]);
            assert_eq!(decode_as_python(text.as_bytes(), Padding::Added).unwrap(), &bytes[..length]);
            let mut padded = String::new();
            encode_standard_into(&bytes[..length], &mut padded);
            assert_eq!(decode_standard(padded.as_bytes()).unwrap(), &bytes[..length]);
            assert_eq!(decode_as_python(padded.as_bytes(), Padding::Needed).unwrap(), &bytes[..length]);
        }
    }

    #[test]
    fn strict_decoding_takes_one_spelling_only() {
        for bytes in [&b"a"[..], b"ab", b"abc", b"\xff\xfe\xfd\xfc"] {
            let text = encode_url(bytes);
            let (head, _) = text.split_at(text.len() - 1);
            let spellings = URL_SAFE
                .iter()
                .filter(|&&last| decode_url(&[head.as_bytes(), &[last]].concat()).as_deref() == Some(bytes));
            assert_eq!(spellings.count(), 1);
        }
    }

    #[test]
    fn strict_and_lenient_decoding_agree_wherever_both_succeed() {
        let letters = b"ABZaz059+/-_=!. \xc3";
        let mut dice = 1_u64;
        let mut strict = 0;
        for _ in 0..20_000 {
            let mut text = Vec::new();
            loop {
                dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let roll = (dice >> 33) as usize;
                if roll.is_multiple_of(7) {
                    break;
                }
                text.push(letters[roll / 7 % letters.len()]);
            }
            let lenient = decode_as_python(&text, Padding::Added);
            if let Some(bytes) = decode_url(&text) {
                strict += 1;
                assert_eq!(lenient.as_ref(), Some(&bytes));
                assert_eq!(encode_url(&bytes).as_bytes(), text);
            }
            assert_eq!(decode_lenient_into(&text, &mut [0; 4]).map(Cow::into_owned), lenient);
        }
        assert!(strict > 1000);
    }

    #[test]
    fn lenient_decoding_takes_what_python_takes() {
        for spelling in ["-_8", "-_8=", "-_8=====", "-_8=AAAA", "+/8", "-_9", "-_!!!!8"] {
            assert_eq!(decode_lenient(spelling.as_bytes()).unwrap(), b"\xfb\xff", "{spelling}");
        }
        assert_eq!(decode_lenient(b"--++/wA").unwrap(), b"\xfb\xef\xbe\xff\x00", "both alphabets at once");
        assert_eq!(decode_lenient(b"Q=U=I").unwrap(), b"AB", "a pad before its time is a stray byte");
        assert_eq!(decode_lenient(b"QQ==QUJD").unwrap(), b"A", "padding in its place ends the text");
        assert_eq!(decode_lenient(b"Q!Q=!=").unwrap(), b"A");
    }

    #[test]
    fn lenient_decoding_refuses_what_python_refuses() {
        // One letter too many, or a stray byte that makes the computed padding wrong.
        for text in ["A", "AAAAA", "QUI!", "Q==="] {
            assert_eq!(decode_lenient(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn decoding_into_room_reads_what_does_not_fit_too() {
        for spelling in ["-_8", "-_8=", "-_8=AAAAAAAAAA", "+/8", "-_!!!!8"] {
            assert_eq!(
                *decode_lenient_into(spelling.as_bytes(), &mut [0; 2]).unwrap(),
                *b"\xfb\xff",
                "{spelling}"
            );
        }
        assert_eq!(*decode_lenient_into(b"QUJD", &mut [0; 2]).unwrap(), *b"ABC");
        assert_eq!(decode_lenient_into(b"A", &mut [0; 2]), None);
    }

    #[test]
    fn nothing_and_only_stray_bytes_are_empty() {
        for text in ["", "!!!!", "====", "\u{e9}"] {
            assert_eq!(decode_lenient(text.as_bytes()).unwrap(), b"", "{text}");
        }
    }

    #[test]
    fn standard_decoding_skips_the_url_safe_letters() {
        assert_eq!(decode_standard(b"QU-_JD").unwrap(), b"ABC");
        assert_eq!(decode_standard(b"Q U J D").unwrap(), b"ABC");
        assert_eq!(decode_standard(b"QUI=QUJD").unwrap(), b"AB", "what follows the padding is ignored");
        for text in ["A", "AAA", "QUI"] {
            assert_eq!(decode_standard(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_read_and_written_as_their_bytes_are() {
        let numbers =
            (0..64).flat_map(|bit| [1_u64 << bit, (1 << bit) - 1, u64::MAX >> bit, 0x0123_4567 << bit]);
        for number in numbers {
            let bytes = number.to_be_bytes();
            let mut text = String::new();
            encode_number_into(number, &mut text);
            assert_eq!(text, encode_url(&bytes[number.leading_zeros() as usize / 8..]));
            for zeros in 0..=number.leading_zeros() as usize / 8 {
                assert_eq!(decode_number(encode_url(&bytes[zeros..]).as_bytes()), Some(number));
            }
        }
        for other in ["A", "AAAAA", "AB", "AA=", "A!", "+w", "AAAAAAAAAAAA"] {
            assert_eq!(decode_number(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn id_has_one_spelling() {
        let id = [0x5a; 32];
        let text = encode_id(&id);
        assert_eq!(text.len(), 43);
        assert_eq!(decode_id(text.as_bytes()), Some(id));
        let spellings =
            (0..=255_u8).filter(|&last| decode_id(&[&text.as_bytes()[..42], &[last]].concat()).is_some());
        assert_eq!(spellings.count(), 16, "the last character carries four of its six bits");
        for other in [&text[..42], &format!("{text}="), &format!("{text}A"), ""] {
            assert_eq!(decode_id(other.as_bytes()), None);
        }
    }
}
