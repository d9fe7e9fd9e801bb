//! Finds out what a cookie's value reveals to readers who have no key.

use hardtack_core::base64;

/// Returns whether a value is in a signed format: a JSON Web Token or a Flask session.
pub(super) fn is_signed(value: &[u8]) -> bool {
    token(value).is_some() || is_flasks(value)
}

/// Returns the maximum number of random bits in an id with this length and these kinds of characters. Returns `None` if
/// the value is empty, or has a character that does not occur in ids.
pub(super) fn most_bits(value: &[u8]) -> Option<f64> {
    let is_of_id = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_+/=~".contains(byte);
    if value.is_empty() || !value.iter().all(is_of_id) {
        return None;
    }
    if is_uuid(value) {
        // Six of the 128 bits encode the version and variant of the UUID (RFC 9562, section 5.4).
        return Some(122.0);
    }
    let any = |is: fn(&u8) -> bool| value.iter().any(is);
    let (digits, lower, upper) =
        (any(u8::is_ascii_digit), any(u8::is_ascii_lowercase), any(u8::is_ascii_uppercase));
    let bits = match (digits, lower, upper) {
        _ if any(|byte| !byte.is_ascii_alphanumeric()) => 6.0,
        (_, false, false) => 3.33,
        (_, true, true) => 6.0,
        _ if value.iter().all(u8::is_ascii_hexdigit) => 4.0,
        (true, ..) => 5.17,
        (false, ..) => 4.71,
    };
    let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
    Some(f64::from(length) * bits)
}

/// The properties of a JSON Web Token, according to its header and claims.
pub(super) struct Token {
    /// Whether the token's algorithm is `none` (RFC 8725, section 3.2).
    pub(super) unsigned: bool,
    /// Whether the token has no expiration (RFC 7519, section 4.1.4).
    pub(super) endless: bool,
}

/// Reads a JSON Web Token without verifying its signature. Returns `None` if the value is not such a token.
pub(super) fn token(value: &[u8]) -> Option<Token> {
    let mut parts = value.split(|&byte| byte == b'.');
    let (header, claims, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    let header = json(header).filter(|_| parts.next().is_none())?;
    let claims = json(claims)?;
    header.contains("\"alg\":").then(|| Token {
        unsigned: header.contains("\"alg\":\"none\""),
        endless: !claims.contains("\"exp\":"),
    })
}

/// Returns whether a value contains an e-mail address, in plain text, percent-encoded, or in base64.
pub(super) fn has_address(value: &[u8]) -> bool {
    // A random id does not look like an address: in base64 it has no `@`, and its decoded bytes are rarely UTF-8.
    let shown = |text: &[u8]| has_plain_address(text) || has_plain_address(&with_at(text));
    shown(value)
        || value.split(|&byte| matches!(byte, b'.' | b':' | b'|')).any(|part| {
            part.len() >= 8
                && base64::decode_lenient(part)
                    .is_some_and(|text| str::from_utf8(&text).is_ok() && shown(&text))
        })
}

/// Returns whether a value is in the format of a Flask session: a payload, a time, and a signature, each in base64.
fn is_flasks(value: &[u8]) -> bool {
    let value = value.strip_prefix(b".").unwrap_or(value);
    let parts: Vec<_> = value.splitn(4, |&byte| byte == b'.').collect();
    let [payload, time, signature] = parts[..] else { return false };
    !payload.is_empty()
        && time.len() == 6
        && matches!(signature.len(), 27 | 43 | 64 | 86)
        && parts.iter().all(|part| base64::decode_url(part).is_some())
}

fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Decodes a JSON object from base64, and returns it in lower case and without white space.
fn json(part: &[u8]) -> Option<String> {
    let text = String::from_utf8(base64::decode_lenient(part)?).ok()?;
    let text: String = text.chars().filter(|char| !char.is_whitespace()).collect();
    text.starts_with('{').then(|| text.to_ascii_lowercase())
}

fn has_plain_address(text: &[u8]) -> bool {
    let mut rest = text;
    while let Some(at) = rest.iter().position(|&byte| byte == b'@') {
        let (before, after) = (&rest[..at], &rest[at + 1..]);
        let host = after.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b".-".contains(byte));
        let host = &after[..host.count()];
        let last = host.iter().rposition(|&byte| byte == b'.').map(|dot| &host[dot + 1..]);
        let has_top = last.is_some_and(|top| top.len() >= 2 && top.iter().all(u8::is_ascii_alphabetic));
        if has_top && before.last().is_some_and(u8::is_ascii_alphanumeric) && host[0] != b'.' {
            return true;
        }
        rest = &after[host.len()..];
    }
    false
}

/// Returns the text with each `%40` replaced by `@`.
fn with_at(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(&byte) = rest.first() {
        let at = rest.starts_with(b"%40");
        plain.push(if at { b'@' } else { byte });
        rest = &rest[if at { 3 } else { 1 }..];
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_for_random_bits_is_counted_by_the_characters() {
        for (value, least, most) in [
            ("1", 3, 4),
            ("12345678901234567890", 66, 67),
            ("0123456789abcdef0123456789abcdef", 128, 128),
            ("f47ac10b-58cc-4372-a567-0e02b2c3d479", 122, 122),
            ("abcdefghijklmnopqrstuv", 103, 104),
            ("Zm9vYmFyYmF6cXV4Zm9vYg", 132, 132),
        ] {
            let bits = most_bits(value.as_bytes()).expect("an id");
            assert!((f64::from(least)..=f64::from(most)).contains(&bits), "{value}: {bits}");
        }
        for value in ["", "a.b", "a b", "s%3Aabc", "ü"] {
            assert_eq!(most_bits(value.as_bytes()), None, "{value}");
        }
    }

    #[test]
    fn tokens_are_read_without_a_key() {
        let token_of = |header: &str, claims: &str| {
            let text = [header, claims].map(|part| base64::encode_url(part.as_bytes())).join(".");
            token(format!("{text}.c2ln").as_bytes()).map(|token| (token.unsigned, token.endless))
        };
        assert_eq!(token_of(r#"{"alg":"HS256"}"#, r#"{"exp":1}"#), Some((false, false)));
        assert_eq!(token_of(r#"{"alg": "None"}"#, r#"{"exp" :1}"#), Some((true, false)));
        assert_eq!(token_of(r#"{"alg":"HS256"}"#, "{}"), Some((false, true)));
        assert_eq!(token_of(r#"{"a":1}"#, "{}"), None, "Flask's has no algorithm");
        assert!(token(b"1.2.3").is_none());
        assert!(token(b"a.b.c.d").is_none());
    }

    #[test]
    fn addresses_are_found_in_every_encoding() {
        let wrapped = base64::encode_url(br#"{"mail":"jane@example.com"}"#);
        let signed = format!("{wrapped}.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk");
        for value in ["jane@example.com", "mail=jane%40example.co.uk&x", &wrapped, &signed] {
            assert!(has_address(value.as_bytes()), "{value}");
        }
        for value in ["", "@", "a@b", "a@b.c", "a@.com", "@example.com", "1@2.3", "D3QXMI0ZQYNZDxORB"] {
            assert!(!has_address(value.as_bytes()), "{value}");
        }
    }
}
