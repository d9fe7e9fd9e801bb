//! Detects the format of a cookie file, or reports which other known kind of file it is.

use hardtack_core::cookie::trim;

#[cfg(feature = "sqlite")]
use super::database;
use super::format::Format;
#[cfg(feature = "json")]
use super::json;
use super::text::netscape_header::NetscapeHeader;
use super::text::{cookie_header, header_lines, set_cookie};
use crate::error::{Error, ErrorKind};

/// The number of lines to examine. A cookie file has a header or a cookie well before this limit.
const MAX_LINES: usize = 1_000;
/// The number of bytes to search for a NUL byte, which only binary files contain.
const MAX_PREFIX_BYTES: usize = 512;

impl Format {
    /// Detects the format of a cookie file from its contents. An empty file is treated as an empty `cookies.txt`.
    ///
    /// ```
    /// use hardtack_jar::Format;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// assert_eq!(Format::detect(b"HTTP/1.1 200 OK\r\nSet-Cookie: id=1\r\n")?, Format::SetCookie);
    /// let error = Format::detect(b"<!DOCTYPE html><title>Log in</title>").unwrap_err();
    /// assert!(error.to_string().starts_with("this is an HTML page"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the text is not a cookie file. The error names the kind of file, if it is known, and says what to do.
    pub fn detect(text: &[u8]) -> Result<Self, Error> {
        #[cfg(feature = "sqlite")]
        if database::is_database(text) {
            return of_database(text);
        }
        refuse_foreign(text)?;
        let text = without_mark(text);
        match text.trim_ascii_start() {
            [] => Ok(Self::Netscape),
            #[cfg(feature = "json")]
            json @ [b'[' | b'{', ..] => json::detect(json),
            #[cfg(not(feature = "json"))]
            [b'[' | b'{', ..] => Err(refused("this is JSON: enable the feature `json` of hardtack-jar")),
            text => of_lines(text),
        }
    }
}

/// Determines which browser wrote a database, from the database's tables.
#[cfg(feature = "sqlite")]
fn of_database(text: &[u8]) -> Result<Format, Error> {
    let database = database::Database::open(text)?;
    if database.has_table(database::firefox::TABLE)? {
        return Ok(Format::Firefox);
    }
    if database.has_table(database::chromium::TABLE)? {
        return Ok(Format::Chromium);
    }
    Err(Error::new(
        ErrorKind::Format,
        "this is another program's SQLite database: browsers store cookies in `cookies.sqlite` or `Cookies`",
    ))
}

/// Returns whether `text` is empty, apart from white space and a byte order mark.
pub(super) fn is_empty(text: &[u8]) -> bool {
    without_mark(text).trim_ascii().is_empty()
}

/// Returns an error if the text is a known kind of file that none of the text formats can read.
pub(super) fn refuse_foreign(text: &[u8]) -> Result<(), Error> {
    let is_response = set_cookie::is_status(text.split(|&byte| byte == b'\r').next().unwrap_or_default());
    let known = MAGIC.iter().find(|(magic, _)| text.starts_with(magic)).map(|&(_, what)| what);
    let what = match known {
        Some(what) => what,
        None if is_response => return Ok(()),
        None => markup(without_mark(text).trim_ascii_start())
            .or_else(|| text.iter().take(MAX_PREFIX_BYTES).any(|&byte| byte == 0).then_some(BINARY))
            .unwrap_or_default(),
    };
    if what.is_empty() { Ok(()) } else { Err(refused(what)) }
}

/// The first bytes of other kinds of files, and the error for each.
const MAGIC: &[(&[u8], &str)] = &[
    (
        b"SQLite format 3\0",
        "this is an SQLite database, in which Firefox and Chromium store cookies: read it as `firefox` or `chromium`, \
         with the feature `sqlite` of hardtack-jar",
    ),
    (
        b"mozLz40\0",
        "this is a compressed session of Firefox: export the cookies with an extension such as Cookie-Editor",
    ),
    (b"cook\0", "this is Safari's binary cookie file: export the cookies as a HAR from the network tab"),
    (b"bplist00", "this is a binary property list: export the cookies as a HAR from the network tab"),
    (b"\x1f\x8b", "this is a gzip file: unpack it first"),
    (b"PK\x03\x04", "this is a zip file: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "this is a zstd file: unpack it first"),
    (b"\xfd7zXZ\0", "this is an xz file: unpack it first"),
    (b"BZh91AY&SY", "this is a bzip2 file: unpack it first"),
    (b"\x89PNG\r\n", IMAGE),
    (b"\xff\xd8\xff", IMAGE),
    (b"GIF87a", IMAGE),
    (b"GIF89a", IMAGE),
    (b"RIFF", IMAGE),
    (b"%PDF-", "this is a PDF: save the cookies as text"),
    (b"\xff\xfe", UTF_16),
    (b"\xfe\xff", UTF_16),
];

const IMAGE: &str = "this is an image: choose the file with the cookies";
const UTF_16: &str = "this is UTF-16 text, which Windows PowerShell's `>` writes: save it as UTF-8";
const BINARY: &str = "this is a binary file: choose the file with the cookies";

fn markup(text: &[u8]) -> Option<&'static str> {
    let begins = |start: &str| {
        text.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start.as_bytes()))
    };
    // The output of `curl -v` also begins lines with `< `.
    if !text.starts_with(b"<") || text.starts_with(b"< ") {
        None
    } else if begins("<?xml") && !text.get(..512).unwrap_or(text).windows(5).any(|word| word == b"<html") {
        Some("this is XML: choose the file with the cookies")
    } else {
        Some(
            "this is an HTML page, perhaps a login page that was saved instead of the file: download the file again, \
             or choose another one",
        )
    }
}

fn of_lines(text: &[u8]) -> Result<Format, Error> {
    if let Some(header) = cookies_txt(text.split(|&byte| byte == b'\n').take(MAX_LINES)) {
        return Ok(dialect(header, text));
    }
    let head = || header_lines::lines(text).take(MAX_LINES);
    // Look for `Set-Cookie` first. The output of `curl -v` begins with the request, but the response's cookies are
    // newer.
    if head().any(set_cookie::is_header) || set_cookie::is_status(trim(first(text))) {
        return Ok(Format::SetCookie);
    }
    if head().any(cookie_header::is_header) {
        return Ok(Format::CookieHeader);
    }
    if let Some(what) = program(text) {
        return Err(refused(what));
    }
    if let Some(format) = pairs(text) {
        return Ok(format);
    }
    Err(refused(
        "this is not a cookie file: no line has the seven fields of `cookies.txt`, and it is neither JSON nor HTTP",
    ))
}

/// Recognizes a `cookies.txt` by its first line that looks like a cookie. Returns the last header before that line that
/// identifies a dialect, or `Common` if there is none. A file with only comments is also accepted, as a file without
/// cookies. Returns `None` for other files.
fn cookies_txt<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Option<NetscapeHeader> {
    let mut found = NetscapeHeader::Common;
    let mut only_comments = true;
    for line in lines {
        let line = line.trim_ascii();
        if line.starts_with(b"#!") {
            return None;
        } else if line.starts_with(b"#") && !is_http_only(line) {
            found =
                NetscapeHeader::of(line).filter(|&header| header != NetscapeHeader::Common).unwrap_or(found);
        } else if !line.is_empty() {
            only_comments = false;
            if is_cookie_line(line) {
                return Some(found);
            }
        }
    }
    only_comments.then_some(found)
}

fn dialect(header: NetscapeHeader, text: &[u8]) -> Format {
    match header {
        NetscapeHeader::Wget | NetscapeHeader::OursForWget => Format::Wget,
        NetscapeHeader::YtDlp | NetscapeHeader::OursForPython => Format::Python,
        // Browser extensions also write Python's header, but write 0 as the expiration of a session cookie, which
        // Python would treat as expired.
        NetscapeHeader::Python if !has_zero_expiration(text) => Format::Python,
        NetscapeHeader::Common | NetscapeHeader::Python | NetscapeHeader::Ours => Format::Netscape,
    }
}

/// Returns whether any cookie in a `cookies.txt` has the expiration 0.
fn has_zero_expiration(text: &[u8]) -> bool {
    text.split(|&byte| byte == b'\n')
        .filter(|line| !line.starts_with(b"#") || is_http_only(line))
        .any(|line| line.split(|&byte| byte == b'\t').nth(4).is_some_and(|field| trim(field) == b"0"))
}

fn is_http_only(line: &[u8]) -> bool {
    line.get(..10).is_some_and(|mark| mark.eq_ignore_ascii_case(b"#HttpOnly_"))
}

/// Returns whether a line looks like a cookie: it has at least five tabs, or at least five words, of which the second
/// is a flag. A line whose tabs became spaces is also recognized, so that the reader can report it.
fn is_cookie_line(line: &[u8]) -> bool {
    let words: Vec<_> = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).take(5).collect();
    let is_flag = |word: &&[u8]| word.eq_ignore_ascii_case(b"TRUE") || word.eq_ignore_ascii_case(b"FALSE");
    words.len() == 5 && words.get(1).is_some_and(is_flag)
        || line.iter().filter(|&&byte| byte == b'\t').count() >= 5
}

/// Recognizes a command or program that was saved instead of cookies, and returns an error message.
fn program(text: &[u8]) -> Option<&'static str> {
    const SCRIPTS: [&[u8]; 14] = [
        b"//",
        b"/*",
        b"#!",
        b"(function",
        b"(()",
        b"function ",
        b"const ",
        b"let ",
        b"var ",
        b"import ",
        b"export ",
        b"\"use strict\"",
        b"'use strict'",
        b"document.",
    ];
    if text.starts_with(b"curl ") {
        Some("this is a curl command: save the text of its `Cookie` header instead")
    } else if SCRIPTS.iter().any(|start| text.starts_with(start)) {
        Some("this is a program, such as JavaScript: choose the file with the cookies")
    } else {
        None
    }
}

/// Recognizes a single line of `name=value` pairs, which is a `Cookie` or `Set-Cookie` header without the header's
/// name.
fn pairs(text: &[u8]) -> Option<Format> {
    let mut lines = text.split(|&byte| byte == b'\n').map(trim_line).filter(|line| !line.is_empty());
    let (line, None) = (lines.next()?, lines.next()) else { return None };
    let mut is_set_cookie = false;
    for (index, part) in line.split(|&byte| byte == b';').map(trim).enumerate() {
        let name = trim(part.split(|&byte| byte == b'=').next().unwrap_or_default());
        let is_attribute =
            index > 0 && ATTRIBUTES.iter().any(|attribute| name.eq_ignore_ascii_case(attribute.as_bytes()));
        is_set_cookie |= is_attribute;
        let is_pair =
            !name.is_empty() && name.len() < part.len() && !name.iter().any(u8::is_ascii_whitespace);
        if !is_pair && !is_attribute && !part.is_empty() {
            return None;
        }
    }
    Some(if is_set_cookie { Format::SetCookie } else { Format::CookieHeader })
}

const ATTRIBUTES: [&str; 8] =
    ["path", "domain", "expires", "max-age", "secure", "httponly", "samesite", "partitioned"];

fn first(text: &[u8]) -> &[u8] {
    let line = trim_line(text.split(|&byte| byte == b'\n').next().unwrap_or_default());
    line.strip_prefix(b"< ").unwrap_or(line)
}

fn trim_line(line: &[u8]) -> &[u8] {
    line.trim_ascii()
}

fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text)
}

fn refused(what: &'static str) -> Error {
    Error::new(ErrorKind::Format, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &[u8]) -> String {
        Format::detect(text).map_or_else(|error| error.to_string(), |format| format.name().to_owned())
    }

    #[test]
    fn lines_of_text_have_a_format() {
        for (text, expected) in [
            ("", "netscape"),
            ("\u{feff}\r\n", "netscape"),
            ("# a comment\n", "netscape"),
            ("# HTTP Cookie File\n# Generated by Wget on 2026-11-29 05:42:04.\n", "wget"),
            ("# Netscape HTTP Cookie File\n# This is a generated file!  Do not edit.\n\n", "python"),
            ("# This is a generated file! Do not edit.\n\na.example\tFALSE\t/\tFALSE\t9\tid\t1", "python"),
            ("# This is a generated file! Do not edit.\n\na.example\tFALSE\t/\tFALSE\t0\tid\t1", "netscape"),
            ("# This is a generated file! It is mine.\na.example\tFALSE\t/\tFALSE\t9\tid\t1", "netscape"),
            ("example.com\tFALSE\t/\tFALSE\t0\tid\t1", "netscape"),
            ("example.com FALSE / FALSE 0 id 1", "netscape"),
            ("#HttpOnly_example.com\tFALSE\t/\tFALSE\t0\tid\t1", "netscape"),
            ("Set-Cookie: a=1", "set-cookie"),
            ("HTTP/2 200 \r\nserver: x\r\n\r\n", "set-cookie"),
            ("a=1; Path=/; Secure", "set-cookie"),
            ("Cookie: a=1", "cookie-header"),
            ("> GET / HTTP/1.1\n> cookie: a=1\n< HTTP/1.1 200 OK\n< set-cookie: b=1\n", "set-cookie"),
            ("a=1; b=2", "cookie-header"),
        ] {
            assert_eq!(found(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn other_kinds_of_files_are_named() {
        for (text, expected) in [
            (&b"<!DOCTYPE html><p>"[..], "this is an HTML page"),
            (b"\xef\xbb\xbf \n<html>", "this is an HTML page"),
            (b"<?xml version=\"1.0\"?><a/>", "this is XML"),
            (b"SQLite format 3\0\x10\0", "this is an SQLite database"),
            (b"\x1f\x8b\x08\0", "this is a gzip file"),
            (b"PK\x03\x04", "this is a zip file"),
            (b"\x89PNG\r\n\x1a\n", "this is an image"),
            (b"\xff\xfe#\0 \0", "this is UTF-16"),
            (b"cook\0\0\0\x01", "this is Safari's"),
            (b"\0\0\0", "this is a binary file"),
            (b"const a = 1;\n", "this is a program"),
            (b"curl 'https://example.com/' -H 'cookie: a=1'", "this is a curl command"),
            (b"Dear reader,\nthere are no cookies.\n", "this is not a cookie file"),
        ] {
            assert!(found(text).starts_with(expected), "{:?}: {}", text, found(text));
        }
    }

    #[test]
    fn a_response_may_have_a_body_of_any_kind() {
        assert_eq!(found(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\n\r\n\x89PNG\r\n\x1a\n\0\0"), "set-cookie");
    }
}
