//! Reads `Set-Cookie` headers, either alone or in the responses that `curl -i` and `curl -D` print.
//!
//! ```text
//! HTTP/1.1 200 OK
//! Set-Cookie: id=a3fWa; Path=/; HttpOnly
//! ```

use std::time::{Duration, SystemTime};

use hardtack_core::cookie::trim;
use url::Url;

use super::header_lines::{lines, value_of};
use crate::error::Error;
use crate::format::Import;
use crate::format::left_out::Position;
use crate::format::parsed_file::ParsedFile;
use crate::request::RequestContext;
use crate::set_cookie::cookie_date;

const NAME: &str = "set-cookie";

/// Returns whether a line is a `Set-Cookie` header.
pub(in crate::format) fn is_header(line: &[u8]) -> bool {
    value_of(line, NAME).is_some()
}

/// Returns whether a line is the status line that begins a response.
pub(in crate::format) fn is_status(line: &[u8]) -> bool {
    status(line).is_some()
}

/// The maximum time by which a server's clock is assumed to be behind. A `Date` further in the past means that the
/// response itself is old, such as one in a file that was copied or piped later.
const MAX_CLOCK_LAG: Duration = Duration::from_secs(86_400);

/// Parses a status line such as `HTTP/1.1 200 OK`.
fn status(line: &[u8]) -> Option<u16> {
    let mut words = line.split(|&byte| byte == b' ').filter(|word| !word.is_empty());
    words.next().filter(|word| word.starts_with(b"HTTP/"))?;
    let code = str::from_utf8(words.next()?).ok()?;
    code.parse().ok().filter(|_| code.len() == 3)
}

/// The part of a response to which a line belongs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The headers.
    Head,
    /// Directly after the empty line that ends the headers. Here, the next response of a dump may begin.
    End,
    /// A body, which is skipped.
    Body,
}

/// Reads the lines that are `Set-Cookie` headers, up to the body. If the text has neither such a header nor a status
/// line, each line is read as the value of a header.
pub(in crate::format) fn read<'a>(
    text: &'a [u8],
    import: &Import<'_>,
    now: SystemTime,
) -> Result<ParsedFile<'a>, Error> {
    let mut request = import.required_origin()?.clone();
    let received = import.written_at(now);
    let mut parsed = ParsedFile::default();
    let has_names = lines(text).any(|line| is_header(line) || is_status(line));
    let (mut part, mut in_response, mut redirects, mut next) = (Part::Head, false, false, None);
    let mut head = ResponseHead::default();
    for (index, line) in lines(text).enumerate() {
        let position = Position::Line(index + 1);
        if !has_names {
            if !trim(line).is_empty() {
                parsed.line(position, request.clone(), trim(line), received);
            }
            continue;
        }
        if part != Part::Body
            && let Some(status) = status(line)
        {
            head.take(&mut parsed, &request, received);
            // The previous response redirected to the URL of this one.
            if let Some(there) = next.take() {
                request = there;
            }
            (part, in_response, redirects) = (Part::Head, true, (300..400).contains(&status));
        } else if part == Part::Head && line.is_empty() {
            head.take(&mut parsed, &request, received);
            if in_response {
                part = Part::End;
            }
        } else if part == Part::Head {
            if let Some(value) = value_of(line, NAME) {
                head.lines.push((position, value));
            } else if let Some(date) = value_of(line, "date") {
                head.date = head.date.or_else(|| cookie_date(date));
            } else if let Some(location) = value_of(line, "location").filter(|_| redirects) {
                next = resolve(&request, location);
            }
        } else {
            part = Part::Body;
        }
    }
    head.take(&mut parsed, &request, received);
    Ok(parsed)
}

/// The headers of one response. They are collected first, because the `Date` may follow the cookies.
#[derive(Default)]
struct ResponseHead<'a> {
    lines: Vec<(Position, &'a [u8])>,
    date: Option<SystemTime>,
}

impl<'a> ResponseHead<'a> {
    /// Adds the cookies to the parsed file, and prepares for the next response.
    fn take(&mut self, parsed: &mut ParsedFile<'a>, request: &RequestContext, received: SystemTime) {
        let date = request.date.or(self.date.take());
        let is_old = |date: &SystemTime| received.duration_since(*date).is_ok_and(|age| age > MAX_CLOCK_LAG);
        let received = date.filter(is_old).unwrap_or(received);
        let request = date.map_or_else(|| request.clone(), |date| request.clone().date(date));
        for (position, line) in self.lines.drain(..) {
            parsed.line(position, request.clone(), line, received);
        }
    }
}

/// Returns the context of the URL to which a redirect leads, or `None` if it is not a valid HTTP URL.
fn resolve(request: &RequestContext, location: &[u8]) -> Option<RequestContext> {
    let scheme = if request.encrypted { "https" } else { "http" };
    let here = Url::parse(&format!("{scheme}://{}{}", request.host(), request.path())).ok()?;
    RequestContext::url(&here.join(str::from_utf8(location).ok()?).ok()?).ok()
}

#[cfg(all(test, feature = "psl"))]
mod tests {
    use super::*;
    use crate::Jar;

    fn cookies(text: &str) -> Vec<String> {
        let request = RequestContext::http("http://shop.example.com/a/b").expect("a URL");
        let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
        let (mut jar, import) = (Jar::new(), Import::new().origin(&request));
        let _ = read(text.as_bytes(), &import, now).expect("lines").add_to(&mut jar, &import, now);
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
    fn expires_is_corrected_by_the_date_of_each_response() {
        let request = RequestContext::http("http://shop.example.com/a/b").expect("a URL");
        let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
        // The time is 22:13:20. The first server's clock is two hours behind, and the second server's is one hour
        // ahead.
        let text = "HTTP/1.1 302 Found\nLocation: /b\nSet-Cookie: a=1; Expires=Tue, 14 Nov 2023 20:14:20 GMT\n\
                    Date: Tue, 14 Nov 2023 20:13:20 GMT\n\n\
                    HTTP/1.1 200 OK\nDate: Tue, 14 Nov 2023 23:13:20 GMT\n\
                    Set-Cookie: b=1; Expires=Tue, 14 Nov 2023 23:14:20 GMT\n\n";
        let (mut jar, import) = (Jar::new(), Import::new().origin(&request));
        let imported = read(text.as_bytes(), &import, now).expect("lines").add_to(&mut jar, &import, now);
        assert_eq!(imported.taken(), 2);
        let expected = Some(now + std::time::Duration::from_secs(60));
        assert!(jar.iter().all(|cookie| cookie.expires() == expected));
    }

    #[test]
    fn a_response_with_a_date_of_another_day_was_received_then() {
        let request = RequestContext::http("http://shop.example.com/a/b").expect("a URL");
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let text = "HTTP/1.1 200 OK\nDate: Mon, 13 Nov 2023 20:13:20 GMT\nSet-Cookie: a=1; Max-Age=3600\n\
                    Set-Cookie: b=1; Expires=Mon, 13 Nov 2023 21:13:20 GMT\nSet-Cookie: c=1; Max-Age=172800\n";
        let (mut jar, import) = (Jar::new(), Import::new().origin(&request));
        let imported = read(text.as_bytes(), &import, now).expect("lines").add_to(&mut jar, &import, now);
        assert_eq!((imported.taken(), imported.expired()), (1, 2));
        let received = now - Duration::from_secs(26 * 3_600);
        let cookie = jar.iter().next().expect("a cookie");
        assert_eq!(cookie.updated(), Some(received));
        assert_eq!(cookie.expires(), Some(received + Duration::from_secs(172_800)));
    }

    #[test]
    fn a_refused_line_is_named() {
        let request = RequestContext::http("http://shop.example.com/a/b").expect("a URL");
        let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
        let text = "Set-Cookie: a=s3cret; Secure\nSet-Cookie: b=s3cret; Domain=other.example\n\
                    Set-Cookie: c=s3cret\x01\nSet-Cookie: s3cret\x01\n";
        let (mut jar, import) = (Jar::new(), Import::new().origin(&request));
        let imported = read(text.as_bytes(), &import, now).expect("lines").add_to(&mut jar, &import, now);
        let messages: Vec<_> = imported.left_out().iter().map(ToString::to_string).collect();
        assert_eq!(messages.len(), 4);
        assert!(messages[0].starts_with("line 1 (`a` of shop.example.com): "), "{}", messages[0]);
        assert!(messages[1].starts_with("line 2 (`b` of other.example): "), "{}", messages[1]);
        assert!(messages[2].starts_with("line 3 (`c` of shop.example.com): "), "{}", messages[2]);
        assert!(messages[3].starts_with("line 4 (without a name, of shop.example.com): "), "{}", messages[3]);
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
