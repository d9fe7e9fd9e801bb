//! Reads the text of a `Cookie` header.
//!
//! ```text
//! Cookie: id=a3fWa; theme=dark
//! ```

use std::collections::HashSet;
use std::time::SystemTime;

use hardtack_core::cookie::trim;

use super::header_lines::{lines, value_of};
use crate::error::Error;
use crate::format::Import;
use crate::format::left_out::{Position, label};
use crate::format::parsed_file::ParsedFile;

const NAME: &str = "cookie";

/// Returns whether a line is a `Cookie` header.
pub(in crate::format) fn is_header(line: &[u8]) -> bool {
    value_of(line, NAME).is_some()
}

/// Reads the lines that are `Cookie` headers. If there are none, each line is read as the value of a header.
pub(in crate::format) fn read<'a>(
    text: &'a [u8],
    import: &Import<'_>,
    now: SystemTime,
) -> Result<ParsedFile<'a>, Error> {
    let request = import.required_origin()?;
    let sent = import.written_at(now);
    let mut parsed = ParsedFile::default();
    let has_names = lines(text).any(is_header);
    let headers = lines(text).filter_map(|line| if has_names { value_of(line, NAME) } else { Some(line) });
    let (mut number, mut seen) = (0, HashSet::new());
    for pair in headers.flat_map(|header| header.split(|&byte| byte == b';')).map(trim) {
        if pair.is_empty() {
            continue;
        }
        number += 1;
        let position = Position::Cookie(number);
        // A pair without `=` is a value without a name.
        let (name, value) = match pair.iter().position(|&byte| byte == b'=') {
            Some(at) => (trim(&pair[..at]), trim(&pair[at + 1..])),
            None => (&b""[..], pair),
        };
        // If several cookies have the same name, use the first, because it has the longest path. The header does not
        // contain paths.
        if seen.insert(name) {
            parsed.sent(position, request.clone(), name, value, sent);
        } else {
            let cookie = Some(label(name, request.host()));
            parsed.unreadable(position, cookie, "an earlier cookie in the header has the same name");
        }
    }
    Ok(parsed)
}

#[cfg(all(test, feature = "psl"))]
mod tests {
    use super::*;
    use crate::{Jar, RequestContext};

    fn header(jar: &mut Jar, text: &str) -> (usize, usize) {
        let request = RequestContext::http("https://shop.example.com/a").expect("a URL");
        let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
        let import = Import::new().origin(&request);
        let imported = read(text.as_bytes(), &import, now).expect("a header").add_to(jar, &import, now);
        (imported.taken(), imported.left_out().len())
    }

    #[test]
    fn a_header_is_read_with_and_without_its_name() {
        for text in [
            "a=1; b=2",
            "Cookie: a=1; b=2",
            "cookie:a=1;b=2;\r\n",
            "> GET /x HTTP/1.1\r\n> Host: shop.example.com\r\n> Cookie: a=1; b=2\r\n>\r\n",
            "cookie: a=1\ncookie: b=2\n",
        ] {
            let mut jar = Jar::new();
            assert_eq!(header(&mut jar, text), (2, 0), "{text}");
            let shown: Vec<_> = jar
                .iter()
                .map(|cookie| (cookie.domain(), cookie.is_host_only(), cookie.is_secure()))
                .collect();
            assert_eq!(shown, [("shop.example.com", true, true); 2], "{text}");
        }
    }

    #[test]
    fn a_known_cookie_gets_the_value_and_keeps_its_attributes() {
        let mut jar = Jar::new();
        let request = RequestContext::http("https://www.example.com/").expect("a URL");
        let then = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_699_999_000);
        jar.set(&request, "id=1; Domain=example.com; Max-Age=86400; HttpOnly", then).expect("taken");
        assert_eq!(header(&mut jar, "id=2; id=3"), (1, 1));
        let cookies: Vec<_> = jar.iter().collect();
        assert_eq!(cookies.len(), 1);
        assert_eq!((cookies[0].value(), cookies[0].is_http_only()), (&b"2"[..], true));
        assert!(cookies[0].expires().is_some());
    }
}
