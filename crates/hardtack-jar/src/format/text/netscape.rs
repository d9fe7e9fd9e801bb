//! Reads and writes `cookies.txt`, which has seven tab-separated fields per line, without escaping.
//!
//! ```text
//! # Netscape HTTP Cookie File
//! #HttpOnly_.example.com  TRUE  /  TRUE  1813210903  id  a3fWa
//! ```
//!
//! The fields are the domain, whether it includes subdomains, the path, `Secure`, the expiration in seconds, the name,
//! and the value. All dialects are read in the same way, except for the ports of IPv6 addresses in wget's files.
//! Writing differs because curl, wget, and Python read files differently.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use hardtack_core::cookie::trim;

use super::netscape_header::NetscapeHeader;
use crate::cookie::CookieRecord;
use crate::error::{Error, ErrorKind};
use crate::format::attribute::implies_http_only;
use crate::format::exported::{NAMELESS, check_blanks};
use crate::format::left_out::{Position, label};
use crate::format::parsed_file::{MAX_UNIX_SECONDS, ParsedFile};
use crate::format::written_host::{bare_host, python_host, read_host, read_wget_host};
use crate::format::{Adjustment, Exported, Format};
use crate::jar::Jar;

/// The marker of `HttpOnly` cookies. All other lines that begin with `#` are comments.
const HTTP_ONLY: &[u8] = b"#HttpOnly_";

pub(in crate::format) fn read(text: &[u8], format: Format, now: SystemTime) -> ParsedFile<'_> {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let mut parsed = ParsedFile::default();
    let mut comments = String::new();
    for (index, line) in text.split(|&byte| byte == b'\n').enumerate() {
        let whole = line.strip_suffix(b"\r").unwrap_or(line);
        // Trim only spaces, because a leading tab means that the first field is empty.
        let line = &whole[whole.iter().take_while(|&&byte| byte == b' ').count()..];
        let position = Position::Line(index + 1);
        let (http_only, line) = match line.split_at_checked(HTTP_ONLY.len()) {
            Some((mark, line)) if mark.eq_ignore_ascii_case(HTTP_ONLY) => (true, line),
            _ if line.trim_ascii().is_empty() => continue,
            _ if NetscapeHeader::of(line).is_some() => continue,
            _ if line.starts_with(b"#") => {
                let comment = String::from_utf8_lossy(whole);
                if matches!(comment, Cow::Owned(_)) {
                    parsed.adjust(position, Adjustment::CommentNotUtf8);
                }
                comments.push_str(&comment);
                comments.push('\n');
                continue;
            }
            _ => (false, line),
        };
        match read_line(line, format, now) {
            Ok((mut record, adjusted)) => {
                // wget and yt-dlp drop the marker, so also look at the name.
                record.http_only = http_only || implies_http_only(&record.name);
                parsed.record(position, record, adjusted);
            }
            Err(why) => parsed.unreadable(position, known(line), why),
        }
    }
    parsed.rest = (!comments.is_empty()).then(|| comments.into());
    parsed
}

type Line<'a> = (CookieRecord<'a>, Vec<Adjustment>);

fn read_line(line: &[u8], format: Format, now: SystemTime) -> Result<Line<'_>, Cow<'static, str>> {
    let mut fields: Vec<&[u8]> = line.split(|&byte| byte == b'\t').map(trim).collect();
    // In old curl files, the path is missing, and the tab before an empty value may be missing, too.
    if fields.len() < 7 && fields.get(2).is_some_and(|field| read_flag(field).is_some()) {
        fields.insert(2, b"/");
    }
    if fields.len() == 6 {
        fields.push(b"");
    }
    let &[domain, with_subdomains, path, secure, expires, name, value] = fields.as_slice() else {
        return Err(wrong_fields(line, fields.len()));
    };
    let domain = str::from_utf8(domain).map_err(|_| "its domain is not UTF-8")?;
    let domain = if format == Format::Wget { read_wget_host(domain) } else { read_host(domain) };
    let with_subdomains =
        read_flag(with_subdomains).ok_or("its second field, for subdomains, is neither TRUE nor FALSE")?;
    let mut record = CookieRecord::new(name, value, "", now);
    record.domain = domain.host;
    record.host_only = !with_subdomains;
    // In curl files from 2009, the path is quoted.
    record.path = match str::from_utf8(path).map_err(|_| "its path is not UTF-8")? {
        "" => "/".into(),
        path => path.strip_prefix('"').and_then(|path| path.strip_suffix('"')).unwrap_or(path).into(),
    };
    record.secure = read_flag(secure).ok_or("its fourth field, `Secure`, is neither TRUE nor FALSE")?;
    record.expires =
        read_expiry(expires).ok_or("its fifth field, the expiration, is not a number of seconds")?;
    let mut adjusted: Vec<_> = domain.adjustment.into_iter().collect();
    if domain.dotted && record.host_only {
        adjusted.push(Adjustment::DotBeforeHost);
    }
    Ok((record, adjusted))
}

/// Returns a [`label`] for the cookie on a line that cannot be read. Returns `None` if the line does not have seven
/// fields with the flags in the right ones, because it is then unknown which field is the name, or if the domain is not
/// UTF-8.
fn known(line: &[u8]) -> Option<Box<str>> {
    let fields: Vec<&[u8]> = line.split(|&byte| byte == b'\t').map(trim).take(8).collect();
    let &[domain, with_subdomains, _, secure, _, name, _] = fields.as_slice() else { return None };
    let is_whole = read_flag(with_subdomains).is_some() && read_flag(secure).is_some();
    let domain = str::from_utf8(domain).ok().filter(|_| is_whole)?;
    Some(label(name, &read_host(domain).host))
}

fn wrong_fields(line: &[u8], found: usize) -> Cow<'static, str> {
    if found == 1 && line.split(|&byte| byte == b' ').filter(|word| !word.is_empty()).count() >= 6 {
        return "its fields have spaces between them, not tabs: copy the file itself, not what a terminal shows".into();
    }
    let found = if found == 1 { "1 field".to_owned() } else { format!("{found} fields") };
    format!("it has {found}, but a cookie has seven, separated by tabs").into()
}

fn read_flag(field: &[u8]) -> Option<bool> {
    let is = |word: &str| field.eq_ignore_ascii_case(word.as_bytes());
    if is("TRUE") || is("1") {
        Some(true)
    } else if is("FALSE") || is("0") {
        Some(false)
    } else {
        None
    }
}

/// Reads seconds since the Unix epoch, optionally with a fraction. An empty field or zero means a session cookie. As in
/// curl, a negative number means an expired cookie.
fn read_expiry(field: &[u8]) -> Option<Option<SystemTime>> {
    let text = str::from_utf8(field).ok()?;
    if text.is_empty() {
        return Some(None);
    }
    let numeric = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E');
    let seconds: f64 = text.bytes().all(numeric).then(|| text.parse().ok()).flatten()?;
    if seconds == 0.0 {
        return Some(None);
    }
    // A positive number below 1 means an expired cookie, not a session cookie.
    let seconds = Duration::try_from_secs_f64(seconds.clamp(0.0, MAX_UNIX_SECONDS as f64)).ok()?;
    Some(Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.as_secs())))
}

pub(in crate::format) fn write(
    jar: &Jar,
    format: Format,
    rest: Option<&str>,
    now: SystemTime,
) -> Result<Exported, Error> {
    let (header, ours) = match format {
        Format::Wget => ("# HTTP Cookie File", NetscapeHeader::OursForWget),
        Format::Python => ("# Netscape HTTP Cookie File", NetscapeHeader::OursForPython),
        _ => ("# Netscape HTTP Cookie File", NetscapeHeader::Ours),
    };
    let mut text = format!("{header}\n{}\n", ours.line()).into_bytes();
    // Each line of the rest must be a comment. The file's original header is not part of the rest.
    for line in rest.unwrap_or_default().lines() {
        let comment = line.trim_start_matches(' ').as_bytes();
        let mark = comment.get(..HTTP_ONLY.len());
        let is_mark = mark.is_some_and(|mark| mark.eq_ignore_ascii_case(HTTP_ONLY));
        if !comment.starts_with(b"#") || is_mark {
            return Err(Error::new(
                ErrorKind::Format,
                "the rest should be the comments that `Imported::rest` returned for a `cookies.txt`",
            ));
        }
        text.extend_from_slice(line.as_bytes());
        text.push(b'\n');
    }
    text.push(b'\n');
    let (lines, exported) = Exported::each(jar, format, now, |cookie| write_line(cookie, format));
    text.extend(lines.into_iter().flatten());
    Ok(exported.with_text(text))
}

fn write_line(cookie: &CookieRecord<'_>, format: Format) -> Result<Vec<u8>, &'static str> {
    if cookie.name.contains(&b'\t') || cookie.value.contains(&b'\t') || cookie.path.contains('\t') {
        return Err("it contains a tab, which separates the fields of this format");
    }
    // Python reads a cookie without a name, but curl and wget ignore it.
    if cookie.name.is_empty() && format != Format::Python {
        return Err(NAMELESS);
    }
    check_blanks(cookie)?;
    let mut line = Vec::new();
    if cookie.http_only && format != Format::Wget {
        line.extend_from_slice(HTTP_ONLY);
    }
    if !cookie.host_only {
        line.push(b'.');
    }
    line.extend_from_slice(host_for(format, &cookie.domain).as_bytes());
    let seconds = cookie.expires.and_then(|expires| expires.duration_since(SystemTime::UNIX_EPOCH).ok());
    let expires = match seconds {
        Some(seconds) => seconds.as_secs().to_string(),
        None if format == Format::Python => String::new(),
        None => "0".to_owned(),
    };
    let fields =
        format!("\t{}\t{}\t{}\t{expires}\t", word(!cookie.host_only), cookie.path, word(cookie.secure));
    line.extend_from_slice(fields.as_bytes());
    line.extend_from_slice(&cookie.name);
    line.push(b'\t');
    line.extend_from_slice(&cookie.value);
    line.push(b'\n');
    Ok(line)
}

fn host_for(format: Format, domain: &str) -> Cow<'_, str> {
    if format == Format::Python { python_host(domain) } else { bare_host(domain).into() }
}

fn word(yes: bool) -> &'static str {
    if yes { "TRUE" } else { "FALSE" }
}

#[cfg(all(test, feature = "psl"))]
mod tests {
    use super::*;
    use crate::format::{Import, Imported, LeftOut};

    const NOW: Duration = Duration::from_secs(1_700_000_000);

    fn imported(text: &str) -> (Jar, Imported) {
        let mut jar = Jar::new();
        let now = SystemTime::UNIX_EPOCH + NOW;
        let imported = read(text.as_bytes(), Format::Netscape, now).add_to(&mut jar, &Import::new(), now);
        (jar, imported)
    }

    fn first(text: &str) -> CookieRecord<'static> {
        let (jar, imported) = imported(text);
        assert_eq!((imported.taken(), imported.left_out()), (1, &[][..]), "{text}");
        jar.iter().next().expect("a cookie").record().into_owned()
    }

    #[test]
    fn each_dialect_is_read() {
        let plain = first(".example.com\tTRUE\t/a/\tTRUE\t1700000060\tid\t1");
        assert_eq!((&*plain.domain, plain.host_only, &*plain.path), ("example.com", false, "/a/"));
        assert!(plain.secure && !plain.http_only);
        assert_eq!(plain.expires, Some(SystemTime::UNIX_EPOCH + NOW + Duration::from_secs(60)));
        // The second field decides, not the dot.
        assert!(first(".example.com\tFALSE\t/\tFALSE\t0\tid\t1\r\n").host_only);
        assert!(!first("example.com\tTRUE\t/\tFALSE\t0\tid\t1").host_only);
        // An `HttpOnly` cookie.
        assert!(first("# a comment\n\n#HttpOnly_example.com\tFALSE\t/\tFALSE\t0\tid\t1").http_only);
        // Session cookies with an empty field or zero, and fractions of a second.
        assert_eq!(first("example.com\tFALSE\t/\tFALSE\t\tid\t1").expires, None);
        assert_eq!(first("example.com\tFALSE\t/\tFALSE\t0\tid\t1").expires, None);
        assert_eq!(first("example.com\tFALSE\t/\tFALSE\t1700000060.5\tid\t1").expires, plain.expires);
        // No path, no value, no name, a port, an address.
        assert_eq!(first("example.com\tFALSE\tFALSE\t0\tid\t1").path, "/");
        assert_eq!(*first("example.com\tFALSE\t/\tFALSE\t0\tid").value, *b"");
        assert_eq!(*first("example.com\tFALSE\t/\tFALSE\t0\t\tid").name, *b"");
        assert_eq!(first("example.com:8080\tFALSE\t/\tFALSE\t0\tid\t1").domain, "example.com");
        assert!(first("192.0.2.3\tTRUE\t/\tFALSE\t0\tid\t1").host_only);
    }

    #[test]
    fn bad_lines_are_reported_and_do_not_affect_others() {
        let (jar, imported) = imported(
            "example.com\tFALSE\t/\tFALSE\t0\tid\t1\n\
             Set-Cookie: a=b\n\
             example.com\tFALSE\t/\tFALSE\tsoon\tid\t1\n\
             example.com\tFALSE\t/\tFALSE\t0\t__Host-id\t1\n\
             example.com\tFALSE\t/\tFALSE\t1600000000\tid\t1\n\
             example.com\tFALSE\t/\tFALSE\t-1\told\t1\n",
        );
        let messages: Vec<_> = imported.left_out().iter().map(LeftOut::to_string).collect();
        assert_eq!(messages.len(), 3, "{messages:?}");
        assert_eq!(messages[0], "line 2: it has 1 field, but a cookie has seven, separated by tabs");
        assert_eq!(
            messages[1],
            "line 3 (`id` of example.com): its fifth field, the expiration, is not a number of seconds"
        );
        assert!(
            messages[2].starts_with("line 4 (`__Host-id` of example.com): its name begins with `__Host-`")
        );
        // An expired copy removes nothing.
        assert_eq!((imported.taken(), imported.expired(), jar.len()), (1, 2, 1));
    }

    #[test]
    fn cookies_that_readers_would_change_cannot_be_written() {
        let now = SystemTime::UNIX_EPOCH + NOW;
        let messages = |name: &str, value: &str, path: &str, format: Format| {
            let mut jar = Jar::new();
            let mut cookie = CookieRecord::new(name, value, "example.com", now);
            cookie.path = path.to_owned().into();
            jar.restore(&cookie, now).expect("a cookie");
            let exported = write(&jar, format, None, now).expect("written");
            exported.left_out().iter().map(LeftOut::to_string).collect::<Vec<_>>()
        };
        for format in [Format::Netscape, Format::Wget] {
            let nameless = messages("", "1", "/", format);
            assert_eq!(nameless, [format!("cookie 1 (without a name, of example.com): {NAMELESS}")]);
        }
        assert_eq!(messages("", "1", "/", Format::Python), [""; 0]);
        for format in [Format::Netscape, Format::Wget, Format::Python] {
            for (name, value, path) in
                [("a", " 1", "/"), ("a", "1 ", "/"), ("a ", "1", "/"), ("a", "1", "/ ")]
            {
                let found = messages(name, value, path, format);
                assert!(
                    found.len() == 1 && found[0].contains("white space"),
                    "{format} {name:?} {value:?} {path:?}"
                );
            }
            assert_eq!(messages("a", "1 2", "/", format), [""; 0]);
        }
    }

    #[test]
    fn each_comment_of_a_user_comes_back() {
        let comments = "# Generated by our login job\n#\n  # Edit at your own risk. Ask Ada.  \n\
                        # This is a generated file! It is mine.\n# the end\n";
        let (before, last) = comments.split_at(comments.len() - "# the end\n".len());
        let cookie = "example.com\tFALSE\t/\tFALSE\t0\tid\t1\n";
        let file = format!("# Netscape HTTP Cookie File\n# Edit at your own risk.\n\n{before}{cookie}{last}");
        let now = SystemTime::UNIX_EPOCH + NOW;
        for format in [Format::Netscape, Format::Wget, Format::Python] {
            let mut text = file.clone().into_bytes();
            for _ in 0..2 {
                let mut jar = Jar::new();
                let imported = read(&text, format, now).add_to(&mut jar, &Import::new(), now);
                assert_eq!((imported.taken(), imported.rest()), (1, Some(comments)), "{format}");
                let exported = write(&jar, format, imported.rest(), now).expect("written");
                text = exported.text().to_vec();
                assert_eq!(Format::detect(&text).expect("a format"), format);
            }
        }
    }

    #[test]
    fn a_comment_that_is_not_utf_8_is_reported() {
        let now = SystemTime::UNIX_EPOCH + NOW;
        let parsed = read(b"# caf\xe9\n", Format::Netscape, now);
        let imported = parsed.add_to(&mut Jar::new(), &Import::new(), now);
        assert_eq!(imported.rest(), Some("# caf\u{fffd}\n"));
        let messages: Vec<_> = imported.adjusted().iter().map(ToString::to_string).collect();
        assert_eq!(messages, [format!("line 1: {}", Adjustment::CommentNotUtf8)]);
    }

    #[test]
    fn a_tab_cannot_be_written() {
        let mut jar = Jar::new();
        let now = SystemTime::UNIX_EPOCH + NOW;
        let request = crate::RequestContext::http("https://example.com/").expect("a URL");
        jar.set(&request, "a=b\tc", now).expect("taken");
        jar.set(&request, "d=e; HttpOnly; Domain=example.com; Max-Age=60", now).expect("taken");
        let exported = write(&jar, Format::Netscape, None, now).expect("written");
        assert_eq!(exported.left_out().len(), 1);
        let text = String::from_utf8_lossy(exported.text()).into_owned();
        assert!(text.starts_with("# Netscape HTTP Cookie File\n"));
        assert!(text.ends_with("\n\n#HttpOnly_.example.com\tTRUE\t/\tFALSE\t1700000060\td\te\n"), "{text}");
    }
}
