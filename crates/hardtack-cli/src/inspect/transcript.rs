//! Reads HTTP messages as tools print them: `curl -i`, `curl -v`, `curl -D`, `wget -S`, and text copied from developer
//! tools.

use url::Url;

use super::subject::Subject;

/// Reads the cookies from the headers in the input. Returns `None` if there are no headers.
///
/// Skips bodies. The response after a redirect belongs to the URL to which the redirect points.
pub(super) fn read(text: &[u8], url: Option<&Url>) -> Option<Vec<Subject>> {
    let mut reader = Reader::new(Marks::of(text), url);
    for line in lines(text) {
        reader.line(line);
    }
    reader.has_headers.then_some(reader.subjects)
}

/// Returns whether a line is a status line, such as `HTTP/1.1 200 OK`.
fn is_status(line: &[u8]) -> bool {
    let mut words = line.split(|&byte| byte == b' ').filter(|word| !word.is_empty());
    words.next().is_some_and(|word| word.starts_with(b"HTTP/"))
        && words.next().is_some_and(|code| code.len() == 3 && code.iter().all(u8::is_ascii_digit))
}

/// Returns the target of a request line, such as `GET / HTTP/1.1`.
fn target(line: &[u8]) -> Option<&str> {
    let mut words = str::from_utf8(line).ok()?.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
    (is_method && version.starts_with("HTTP/")).then_some(target)
}

/// How a transcript marks the lines that contain headers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Marks {
    /// In the output of `curl -v`, `> ` marks sent headers, `< ` marks received headers, and other lines are not
    /// headers.
    Curl {
        is_encrypted: bool,
    },
    None,
}

impl Marks {
    fn of(text: &[u8]) -> Self {
        let mut marked = false;
        let mut is_encrypted = false;
        for line in lines(text) {
            marked |= received(line).is_some_and(is_status)
                || sent(line).is_some_and(|line| target(line).is_some());
            let info = line.strip_prefix(b"* ").unwrap_or_default();
            is_encrypted |= [&b"SSL"[..], b"TLS", b"ALPN"].iter().any(|word| info.starts_with(word));
        }
        if marked { Self::Curl { is_encrypted } } else { Self::None }
    }
}

/// A reader that processes a transcript line by line.
struct Reader<'a> {
    marks: Marks,
    part: Part,
    /// Whether a request line or a status line was read. After that, an empty line ends the headers.
    has_start: bool,
    has_headers: bool,
    /// A header whose name was read and whose value is on the next line. Developer tools copy headers in this form.
    waiting: Option<Field>,
    /// The URL of the current message, if known.
    url: Option<Url>,
    /// The URL to which the current response redirects.
    next: Option<Url>,
    /// The URL from the command line, which is more reliable than a `Host` header.
    given: Option<&'a Url>,
    target: String,
    subjects: Vec<Subject>,
}

/// The part of a message that a line belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Request,
    Response,
    /// The lines after the empty line that ends the headers. The next message may start here.
    End,
    Body,
}

/// A header that the reader uses.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    SetCookie,
    Cookie,
    Host,
    Location,
}

impl Field {
    fn named(name: &[u8]) -> Option<Self> {
        let fields = [
            ("set-cookie", Self::SetCookie),
            ("cookie", Self::Cookie),
            ("host", Self::Host),
            ("location", Self::Location),
        ];
        let name = name.strip_prefix(b":").unwrap_or(name).trim_ascii();
        fields.iter().find(|(known, _)| name.eq_ignore_ascii_case(known.as_bytes())).map(|(_, field)| *field)
    }

    /// Returns whether this header's name may be alone on a line, with the value on the next line.
    const fn is_cookies(self) -> bool {
        matches!(self, Self::SetCookie | Self::Cookie)
    }
}

impl<'a> Reader<'a> {
    fn new(marks: Marks, given: Option<&'a Url>) -> Self {
        Self {
            marks,
            part: Part::Response,
            has_start: false,
            has_headers: false,
            waiting: None,
            url: given.cloned(),
            next: None,
            given,
            target: "/".to_owned(),
            subjects: Vec::new(),
        }
    }

    fn line(&mut self, line: &[u8]) {
        let line = match self.marks {
            Marks::Curl { .. } => match received(line).or_else(|| sent(line)) {
                Some(line) => line,
                None => return,
            },
            // wget indents headers.
            Marks::None => line.trim_ascii_start(),
        };
        if self.part != Part::Body && (is_status(line) || target(line).is_some()) {
            self.start(line);
        } else if line.trim_ascii().is_empty() {
            self.waiting = None;
            // Without a start line, the input is a list of headers, which may contain empty lines.
            if self.has_start && self.part != Part::Body {
                self.part = Part::End;
            }
        } else if matches!(self.part, Part::Request | Part::Response) {
            self.header(line);
        } else if self.marks == Marks::None {
            self.part = Part::Body;
        }
    }

    /// Reads the first line of a message.
    fn start(&mut self, line: &[u8]) {
        (self.has_start, self.has_headers, self.waiting) = (true, true, None);
        match target(line) {
            Some(target) => {
                self.part = Part::Request;
                target.clone_into(&mut self.target);
            }
            None => {
                self.part = Part::Response;
                if let Some(next) = self.next.take() {
                    self.url = Some(next);
                }
            }
        }
    }

    fn header(&mut self, line: &[u8]) {
        if let Some(field) = self.waiting.take() {
            return self.field(field, line);
        }
        // Developer tools show HTTP/2 pseudo-headers with a leading colon, as in `:authority:`.
        let end = line.iter().skip(1).position(|&byte| byte == b':').map(|at| at + 1);
        match end {
            Some(end) => {
                if let Some(field) = Field::named(&line[..end]) {
                    self.field(field, &line[end + 1..]);
                }
            }
            None => self.waiting = Field::named(line).filter(|field| field.is_cookies()),
        }
    }

    fn field(&mut self, field: Field, value: &[u8]) {
        let value = value.trim_ascii();
        match field {
            Field::SetCookie => {
                self.has_headers = true;
                self.subjects.push(Subject::set(value).at(self.url.as_ref()));
            }
            Field::Cookie => {
                self.has_headers = true;
                self.subjects.extend(Subject::sent(&String::from_utf8_lossy(value)));
            }
            Field::Host if self.part == Part::Request => self.host(value),
            Field::Location if self.part == Part::Response => {
                let location = str::from_utf8(value).ok();
                self.next = location.and_then(|location| match &self.url {
                    Some(url) => url.join(location).ok(),
                    None => Url::parse(location).ok(),
                });
            }
            Field::Host | Field::Location => {}
        }
    }

    /// Sets the URL of a request from its `Host` header. If the command line gives a URL, that URL is used instead,
    /// except for a request that follows a redirect.
    fn host(&mut self, host: &[u8]) {
        let is_first = self.next.take().is_none();
        if is_first && self.given.is_some() {
            return;
        }
        let scheme = if self.marks == (Marks::Curl { is_encrypted: false }) { "http" } else { "https" };
        let host = String::from_utf8_lossy(host);
        if let Ok(url) = Url::parse(&format!("{scheme}://{host}{}", self.target)) {
            self.url = Some(url);
        }
    }
}

fn received(line: &[u8]) -> Option<&[u8]> {
    line.strip_prefix(b"< ").or_else(|| (line == b"<").then_some(b""))
}

fn sent(line: &[u8]) -> Option<&[u8]> {
    line.strip_prefix(b"> ").or_else(|| (line == b">").then_some(b""))
}

/// Splits the input into lines without line endings. Removes a byte order mark.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    text.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the name of each cookie, and the URL of the message that contains the cookie.
    fn found(text: &str, url: Option<&str>) -> Option<Vec<(String, String)>> {
        let url = url.map(|url| Url::parse(url).unwrap());
        let subjects = read(text.as_bytes(), url.as_ref())?.into_iter();
        Some(
            subjects
                .map(|one| (one.name.unwrap_or_default(), one.url.map_or_else(String::new, String::from)))
                .collect(),
        )
    }

    fn named(names: &[(&str, &str)]) -> Option<Vec<(String, String)>> {
        Some(names.iter().map(|&(name, url)| (name.to_owned(), url.to_owned())).collect())
    }

    #[test]
    fn a_response_of_curl_has_its_headers_and_no_body() {
        let text = "HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nset-cookie: b=2\r\n\r\nSet-Cookie: body=1\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: body=2\r\n";
        assert_eq!(found(text, None), named(&[("a", ""), ("b", "")]));
        assert_eq!(found("HTTP/2 204 \r\nserver: x\r\n\r\n", None), Some(Vec::new()));
        let wget = "  HTTP/1.1 200 OK\n  Set-Cookie: a=1\n";
        assert_eq!(found(wget, None), named(&[("a", "")]));
    }

    #[test]
    fn each_response_after_a_redirect_has_its_own_url() {
        let text = "HTTP/1.1 302 Found\r\nSet-Cookie: a=1\r\nLocation: /next\r\n\r\nHTTP/1.1 303 See Other\r\nSet-Cookie: b=1\r\nlocation: https://b.example/\r\n\r\nHTTP/2 200 \r\nset-cookie: c=1\r\n\r\nbody";
        assert_eq!(
            found(text, Some("https://a.example/")),
            named(&[
                ("a", "https://a.example/"),
                ("b", "https://a.example/next"),
                ("c", "https://b.example/")
            ])
        );
        assert_eq!(found(text, None), named(&[("a", ""), ("b", ""), ("c", "https://b.example/")]));
    }

    #[test]
    fn a_transcript_contains_the_urls_of_its_cookies() {
        let text = "*   Trying 192.0.2.1:443...\n* SSL connection using TLSv1.3\n> GET /login HTTP/2\n> Host: shop.example\n> Cookie: old=1; theme=dark\n> \n< HTTP/2 302 \n< set-cookie: id=1; Path=/\n< location: /home\n< \n{ [5 bytes data]\n> GET /home HTTP/2\n> Host: shop.example\n> \n< HTTP/2 200 \n< set-cookie: b=2\n< \nset-cookie: body=1\n<html>\n";
        let login = "https://shop.example/login";
        assert_eq!(
            found(text, None),
            named(&[("old", ""), ("theme", ""), ("id", login), ("b", "https://shop.example/home")])
        );
        let plain =
            "> GET / HTTP/1.1\n> Host: shop.example:8080\n>\n< HTTP/1.1 200 OK\n< Set-Cookie: a=1\n<\n";
        assert_eq!(found(plain, None), named(&[("a", "http://shop.example:8080/")]));
        assert_eq!(found(plain, Some("https://other.example/")), named(&[("a", "https://other.example/")]));
    }

    #[test]
    fn headers_alone_may_have_gaps() {
        let text = "Server: x\nSet-Cookie: a=1\n\nset-cookie\nb=2; Secure\nset-cookie: c=3\n";
        assert_eq!(found(text, None), named(&[("a", ""), ("b", ""), ("c", "")]));
        assert_eq!(found("Set-Cookie: a=1", None), named(&[("a", "")]));
        assert_eq!(found("Cookie: a=1; b=2", None), named(&[("a", ""), ("b", "")]));
    }

    #[test]
    fn a_text_without_headers_is_none() {
        for text in
            ["", "abc.def.ghi", "session=abc; Path=/", "a=1; b=2", "<html>\nSet-cookies: 1\n", "GET to work"]
        {
            assert_eq!(found(text, None), None, "{text}");
        }
    }
}
