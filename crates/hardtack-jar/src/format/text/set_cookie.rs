//! `Set-Cookie` headers: alone, or in the responses that `curl -i` and `curl -D` print.
//!
//! ```text
//! HTTP/1.1 200 OK
//! Set-Cookie: id=a3fWa; Path=/; HttpOnly
//! ```

use std::time::SystemTime;

use hardtack_core::cookie::trim;
use url::Url;

use super::header_lines::{lines, value_of};
use crate::access::Access;
use crate::error::Error;
use crate::format::Import;
use crate::format::reading::Reading;
use crate::format::transfer::Place;

const NAME: &str = "set-cookie";

/// Whether a line is such a header.
pub(in crate::format) fn is_header(line: &[u8]) -> bool {
    value_of(line, NAME).is_some()
}

/// Whether a line begins a response.
pub(in crate::format) fn is_status(line: &[u8]) -> bool {
    status(line).is_some()
}

/// `HTTP/1.1 200 OK`.
fn status(line: &[u8]) -> Option<u16> {
    let mut words = line.split(|&byte| byte == b' ').filter(|word| !word.is_empty());
    words.next().filter(|word| word.starts_with(b"HTTP/"))?;
    let code = str::from_utf8(words.next()?).ok()?;
    code.parse().ok().filter(|_| code.len() == 3)
}

/// Where a line is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Among headers.
    Head,
    /// Right after the empty line that ends them: the next response of a dump may begin here.
    End,
    /// In a body, which is skipped.
    Body,
}

/// Reads the lines that are `Set-Cookie` headers, up to the body; if the text has neither such a header nor a status
/// line, each line is a header value.
pub(in crate::format) fn read<'a>(
    text: &'a [u8],
    import: &Import<'_>,
    now: SystemTime,
) -> Result<Reading<'a>, Error> {
    let mut access = import.required_access()?.clone();
    let received = import.written_at(now);
    let mut reading = Reading::default();
    let has_names = lines(text).any(|line| is_header(line) || is_status(line));
    let (mut part, mut in_response, mut redirects, mut next) = (Part::Head, false, false, None);
    for (index, line) in lines(text).enumerate() {
        let place = Place::Line(index + 1);
        if !has_names {
            if !trim(line).is_empty() {
                reading.line(place, access.clone(), trim(line), received);
            }
            continue;
        }
        if part != Part::Body
            && let Some(status) = status(line)
        {
            // The previous redirect led here.
            if let Some(there) = next.take() {
                access = there;
            }
            (part, in_response, redirects) = (Part::Head, true, (300..400).contains(&status));
        } else if part == Part::Head && in_response && line.is_empty() {
            part = Part::End;
        } else if part == Part::Head {
            if let Some(value) = value_of(line, NAME) {
                reading.line(place, access.clone(), value, received);
            } else if let Some(location) = value_of(line, "location").filter(|_| redirects) {
                next = resolve(&access, location);
            }
        } else {
            part = Part::Body;
        }
    }
    Ok(reading)
}

/// The URL to which a redirect leads.
fn resolve(access: &Access, location: &[u8]) -> Option<Access> {
    let scheme = if access.encrypted { "https" } else { "http" };
    let here = Url::parse(&format!("{scheme}://{}{}", access.host(), access.path())).ok()?;
    Access::url(&here.join(str::from_utf8(location).ok()?).ok()?).ok()
}

#[cfg(all(test, feature = "psl"))]
mod tests {
    use super::*;
    use crate::Jar;

    fn cookies(text: &str) -> Vec<String> {
        let access = Access::http("http://shop.example.com/a/b").expect("a URL");
        let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
        let (mut jar, import) = (Jar::new(), Import::new().origin(&access));
        let _ = read(text.as_bytes(), &import, now).expect("lines").take(&mut jar, &import, now);
        let name = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
        jar.iter().map(|cookie| format!("{} {}", name(cookie.name()), cookie.domain())).collect()
    }

    #[test]
    fn lines_are_read_with_and_without_their_name() {
        for text in [
            "a=1; Path=/\nb=2; HttpOnly\n",
            "Set-Cookie: a=1; Path=/\r\nset-cookie: b=2\r\n",
            "< HTTP/1.1 200 OK\r\n< Set-Cookie: a=1\r\n< set-cookie:b=2\r\n< \r\n",
            "Set-Cookie: a=1\n\nSet-Cookie: b=2\n",
        ] {
            assert_eq!(cookies(text), ["a shop.example.com", "b shop.example.com"], "{text}");
        }
    }

    #[test]
    fn a_body_sets_no_cookies() {
        let text = "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\n\r\n<p>\r\nSet-Cookie: b=2\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: c=3\r\n";
        assert_eq!(cookies(text), ["a shop.example.com"]);
    }

    #[test]
    fn redirects_are_followed() {
        let text = "HTTP/1.1 302 Found\nLocation: //login.example.org/x\nSet-Cookie: a=1\n\n\
                    HTTP/2 303\nlocation: /y\nset-cookie: b=2\n\n\
                    HTTP/2 200\nlocation: https://other.example/\nset-cookie: c=3\n\n";
        assert_eq!(cookies(text), ["a shop.example.com", "b login.example.org", "c login.example.org"]);
    }
}
