//! The rules by which browsers reject or change a cookie. Each error message names the fix.

use std::time::SystemTime;

use super::pair::is_control;
use super::percent::is_cookie_octet;
use crate::http_date::HttpDate;
use crate::{Error, ErrorKind};

/// The maximum size of a cookie's name and value together, in bytes. Browsers ignore a larger cookie (RFC 6265bis,
/// section 5.6).
pub const MAX_COOKIE_SIZE: usize = 4096;

/// The maximum size of an attribute's value, in bytes. Browsers ignore a larger attribute (RFC 6265bis, section 5.6).
pub const MAX_ATTRIBUTE_SIZE: usize = 1024;

/// Checks that the name is a token (RFC 6265bis, section 4.1.1).
pub(super) fn name(name: &str) -> Result<(), Error> {
    if name.is_empty() {
        return Err(refused(
            "a cookie has no name: give it a name of ASCII letters, digits, and `-_.`".to_owned(),
        ));
    }
    match name.bytes().find(|&byte| !is_token_byte(byte)) {
        None => Ok(()),
        Some(byte) => Err(about(
            name,
            &format!("has {} in its name: use ASCII letters, digits, and `-_.`", shown(byte)),
        )),
    }
}

/// Checks that the value consists of cookie-octets, optionally in quotes (RFC 6265bis, section 4.1.1).
pub(super) fn value(name: &str, value: &str) -> Result<(), Error> {
    let inner = match value.as_bytes() {
        [b'"', inner @ .., b'"'] => inner,
        whole => whole,
    };
    match inner.iter().find(|&&byte| !is_cookie_octet(byte)) {
        None => Ok(()),
        Some(_) => Err(about(
            name,
            "has a character in its value that cookies cannot contain: use `SetCookie::new`, which \
             percent-encodes it",
        )),
    }
}

/// Checks a value in Werkzeug's form. Its quotes may contain anything that browsers return unchanged.
pub(super) fn quoted_value(name: &str, value: &str) -> Result<(), Error> {
    match value.bytes().find(|&byte| is_control(byte)) {
        None => Ok(()),
        Some(_) => Err(about(
            name,
            "has a control character in its value that Werkzeug does not encode and browsers reject: use \
             `SetCookie::new`, which percent-encodes it",
        )),
    }
}

/// Checks the size: browsers ignore a cookie whose name and value together exceed [`MAX_COOKIE_SIZE`].
pub(super) fn size(name: &str, value: &str) -> Result<(), Error> {
    let size = name.len() + value.len();
    if size <= MAX_COOKIE_SIZE {
        return Ok(());
    }
    Err(about(
        name,
        &format!(
            "has a name and value of {size} bytes, and browsers ignore cookies over {MAX_COOKIE_SIZE} bytes: keep \
             large data on the server"
        ),
    ))
}

/// Checks the path: browsers replace a path that does not start with `/` with a default (RFC 6265bis, section 5.6.4).
pub(super) fn path(name: &str, path: Option<&str>) -> Result<(), Error> {
    let Some(path) = path else { return Ok(()) };
    if !path.starts_with('/') {
        return Err(about(
            name,
            "has a path that does not start with `/`: add the `/`, or omit the path with `no_path`",
        ));
    }
    match path.bytes().find(|&byte| byte == b';' || !(0x20..0x7F).contains(&byte)) {
        Some(byte) => Err(about(name, &format!("has {} in its path: percent-encode it", shown(byte)))),
        None if path.ends_with(' ') => {
            Err(about(name, "has a space at the end of its path: percent-encode it"))
        }
        None => attribute_size(name, "path", path),
    }
}

/// Checks that the domain is a host name. Browsers also reject a domain that is neither the host itself nor a parent
/// domain of the host (RFC 6265bis, sections 5.6.3 and 5.7), but the host is not known here.
pub(super) fn domain(name: &str, domain: Option<&str>) -> Result<(), Error> {
    let Some(domain) = domain else { return Ok(()) };
    if domain.is_empty() {
        return Err(about(
            name,
            "has an empty domain: remove the domain to limit the cookie to its own host",
        ));
    }
    if !domain.is_ascii() {
        return Err(about(name, "has a domain that is not ASCII: write it in Punycode, as `xn--…`"));
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if let Some(byte) = domain.bytes().find(|&byte| !fits(byte)) {
        return Err(about(
            name,
            &format!("has {} in its domain: write only the host name, such as `example.com`", shown(byte)),
        ));
    }
    if domain.split('.').any(|label| label.is_empty() || label.len() > 63) || domain.len() > 253 {
        return Err(about(
            name,
            "has a domain with a label that is empty or too long: write a host name such as `example.com`",
        ));
    }
    Ok(())
}

/// Checks the expiry: browsers accept dates in the years 1601 to 9999 (RFC 6265bis, section 5.1.1).
pub(super) fn expires(name: &str, expires: Option<SystemTime>) -> Result<(), Error> {
    let Some(expires) = expires else { return Ok(()) };
    match HttpDate::from_time(expires) {
        Some(date) if date >= HttpDate::FIRST_FOR_BROWSERS => Ok(()),
        _ => Err(about(
            name,
            "expires outside the years 1601 to 9999: choose a time within 400 days, the longest that browsers \
             keep a cookie",
        )),
    }
}

fn attribute_size(name: &str, attribute: &str, value: &str) -> Result<(), Error> {
    if value.len() <= MAX_ATTRIBUTE_SIZE {
        return Ok(());
    }
    Err(about(
        name,
        &format!(
            "has a {attribute} of {} bytes, and browsers ignore attributes over {MAX_ATTRIBUTE_SIZE} bytes: \
             shorten it",
            value.len()
        ),
    ))
}

/// Returns whether a byte may appear in a token (RFC 9110, section 5.6.2).
const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

fn shown(byte: u8) -> String {
    match byte {
        b' ' => "a space".to_owned(),
        0x21..=0x7E => format!("`{}`", char::from(byte)),
        0x80.. => "a character that is not ASCII".to_owned(),
        _ => "a control character".to_owned(),
    }
}

pub(super) fn about(name: &str, problem: &str) -> Error {
    refused(format!("the cookie {name:?} {problem}"))
}

fn refused(message: String) -> Error {
    Error::new(ErrorKind::Cookie, message)
}
