//! `cookies.txt`: seven fields a line, with a tab between them and no escaping.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use super::reading::Reading;
use super::transfer::{Exported, LeftOut, Place, live};
use crate::jar::Jar;
use crate::record::CookieRecord;

/// The mark of cookies that scripts cannot see; all other lines that begin with `#` are comments.
const HTTP_ONLY: &[u8] = b"#HttpOnly_";

pub(super) fn read(text: &[u8], now: SystemTime) -> Reading<'_> {
    let mut reading = Reading::default();
    for (index, line) in text.split(|&byte| byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let place = Place::Line(index + 1);
        let (http_only, line) = match line.strip_prefix(HTTP_ONLY) {
            Some(line) => (true, line),
            None if line.trim_ascii().is_empty() || line.starts_with(b"#") => continue,
            None => (false, line),
        };
        match read_line(line, now) {
            Ok(mut record) => {
                record.http_only = http_only;
                reading.record(place, record, Vec::new());
            }
            Err(why) => reading.unreadable(place, why),
        }
    }
    reading
}

fn read_line(line: &[u8], now: SystemTime) -> Result<CookieRecord<'_>, &'static str> {
    let mut fields: Vec<&[u8]> = line.split(|&byte| byte == b'\t').collect();
    // Old files of curl's leave the path out, and an empty value may have lost its tab.
    if fields.get(2).is_some_and(|field| is_true(field) || is_false(field)) {
        fields.insert(2, b"/");
    }
    if fields.len() == 6 {
        fields.push(b"");
    }
    let &[domain, with_subdomains, path, secure, expires, name, value] = fields.as_slice() else {
        return Err("it has not the seven fields of a cookie");
    };
    let domain = str::from_utf8(domain).map_err(|_| "its domain is no text")?;
    let domain = without_port(domain.strip_prefix('.').unwrap_or(domain));
    let mut record = CookieRecord::new(name, value, domain, now);
    record.host_only = !is_true(with_subdomains);
    record.path = Cow::Borrowed(str::from_utf8(path).map_err(|_| "its path is no text")?);
    record.secure = is_true(secure);
    record.expires = read_expiry(expires).ok_or("its expiry is no number")?;
    Ok(record)
}

/// Seconds from the start of 1970, perhaps with a fraction; nothing or zero is the end of the session.
fn read_expiry(field: &[u8]) -> Option<Option<SystemTime>> {
    let text = str::from_utf8(field).ok()?.trim();
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    if whole.is_empty() {
        return Some(None);
    }
    let seconds: i64 = whole.parse().ok()?;
    if seconds == 0 {
        return Some(None);
    }
    let distance = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    let latest = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799);
    Some(Some(SystemTime::UNIX_EPOCH.checked_add(distance).map_or(latest, |time| time.min(latest))))
}

/// wget writes the port too.
fn without_port(domain: &str) -> &str {
    match domain.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => {
            if host.contains(':') && !host.ends_with(']') { domain } else { host }
        }
        _ => domain,
    }
}

fn is_true(field: &[u8]) -> bool {
    field.eq_ignore_ascii_case(b"TRUE")
}

fn is_false(field: &[u8]) -> bool {
    field.eq_ignore_ascii_case(b"FALSE")
}

pub(super) fn write(jar: &Jar, now: SystemTime) -> Exported {
    let mut text = b"# Netscape HTTP Cookie File\n# Written by hardtack-jar. Keep it secret.\n\n".to_vec();
    let mut left_out = Vec::new();
    for (number, cookie) in live(jar, now) {
        if cookie.name.contains(&b'\t') || cookie.value.contains(&b'\t') || cookie.path.contains('\t') {
            left_out.push(LeftOut::unwritable(
                number,
                &cookie,
                "it holds a tab, which separates the fields of this format",
            ));
            continue;
        }
        if cookie.partition.is_some() {
            left_out.push(LeftOut::unwritable(
                number,
                &cookie,
                "it is partitioned, and would go to other pages too",
            ));
            continue;
        }
        if cookie.http_only {
            text.extend_from_slice(HTTP_ONLY);
        }
        if !cookie.host_only {
            text.push(b'.');
        }
        let seconds = cookie.expires.and_then(|expires| expires.duration_since(SystemTime::UNIX_EPOCH).ok());
        let fields = format!(
            "{}\t{}\t{}\t{}\t{}\t",
            cookie.domain,
            word(!cookie.host_only),
            cookie.path,
            word(cookie.secure),
            seconds.map_or(0, |seconds| seconds.as_secs())
        );
        text.extend_from_slice(fields.as_bytes());
        text.extend_from_slice(&cookie.name);
        text.push(b'\t');
        text.extend_from_slice(&cookie.value);
        text.push(b'\n');
    }
    Exported { text, left_out }
}

fn word(yes: bool) -> &'static str {
    if yes { "TRUE" } else { "FALSE" }
}

#[cfg(all(test, feature = "psl"))]
mod tests {
    use super::*;
    use crate::format::{Import, Imported};

    const NOW: Duration = Duration::from_secs(1_700_000_000);

    fn imported(text: &str) -> (Jar, Imported) {
        let mut jar = Jar::new();
        let now = SystemTime::UNIX_EPOCH + NOW;
        let imported = read(text.as_bytes(), now).take(&mut jar, &Import::new(), now);
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
        // The dot says nothing, the second field does.
        assert!(first(".example.com\tFALSE\t/\tFALSE\t0\tid\t1\r\n").host_only);
        assert!(!first("example.com\tTRUE\t/\tFALSE\t0\tid\t1").host_only);
        // Scripts cannot see it.
        assert!(first("# a comment\n\n#HttpOnly_example.com\tFALSE\t/\tFALSE\t0\tid\t1").http_only);
        // Sessions, with nothing or zero, and fractions of a second.
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
    fn bad_lines_are_told_and_harm_no_others() {
        let (jar, imported) = imported(
            "example.com\tFALSE\t/\tFALSE\t0\tid\t1\n\
             Set-Cookie: a=b\n\
             example.com\tFALSE\t/\tFALSE\tsoon\tid\t1\n\
             example.com\tFALSE\t/\tFALSE\t0\t__Host-id\t1\n\
             example.com\tFALSE\t/\tFALSE\t1600000000\tid\t1\n\
             example.com\tFALSE\t/\tFALSE\t-1\told\t1\n",
        );
        let told: Vec<_> = imported.left_out().iter().map(LeftOut::to_string).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert_eq!(told[0], "line 2: it has not the seven fields of a cookie");
        assert_eq!(told[1], "line 3: its expiry is no number");
        assert!(told[2].starts_with("line 4 (`__Host-id` of example.com): its name begins with `__Host-`"));
        // A copy that has expired removes nothing.
        assert_eq!((imported.taken(), imported.expired(), jar.len()), (1, 2, 1));
    }

    #[test]
    fn what_has_a_tab_cannot_be_written() {
        let mut jar = Jar::new();
        let now = SystemTime::UNIX_EPOCH + NOW;
        let access = crate::Access::http("https://example.com/").expect("a URL");
        jar.set(&access, "a=b\tc", now).expect("taken");
        jar.set(&access, "d=e; HttpOnly; Domain=example.com; Max-Age=60", now).expect("taken");
        let exported = write(&jar, now);
        assert_eq!(exported.left_out().len(), 1);
        let text = String::from_utf8_lossy(exported.text()).into_owned();
        assert!(text.starts_with("# Netscape HTTP Cookie File\n"));
        assert!(text.ends_with("\n\n#HttpOnly_.example.com\tTRUE\t/\tFALSE\t1700000060\td\te\n"), "{text}");
    }
}
