use hardtack_core::{Error, ErrorKind};

use crate::next_path::NextPath;

/// The path of the login page, to which visitors who are not logged in are redirected. The login page is on this site,
/// and the requested path is added to its query.
#[derive(Debug)]
pub(crate) struct LoginPath(Box<str>);

impl LoginPath {
    /// Parses the value of the setting `login_path`.
    ///
    /// # Errors
    ///
    /// Returns an error if `text` is not a path on this site, if it has a fragment, or if it already has a `next`
    /// parameter.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let refuse = |message| Err(Error::new(ErrorKind::Config, message));
        if NextPath::parse(text).is_none() {
            return refuse(
                "login_path is not a path on this site: write it as a browser sends it, such as `/login`, with \
                 one leading slash and with non-ASCII characters percent-encoded",
            );
        }
        if text.contains('#') {
            return refuse(
                "login_path has a fragment (`#`), which browsers do not send: remove it; the path to return to is \
                 added to the query",
            );
        }
        let (_, query) = text.split_once('?').unwrap_or((text, ""));
        if query.split('&').any(|pair| pair == "next" || pair.starts_with("next=")) {
            return refuse("login_path already has a `next` parameter, which the redirect adds: remove it");
        }
        Ok(Self(text.into()))
    }

    /// Returns the `Location` of the login page, with the path to return to in its query.
    pub(crate) fn location(&self, back: &NextPath) -> String {
        let path = &self.0;
        let separator = match path.split_once('?') {
            None => "?",
            Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
            Some(_) => "&",
        };
        format!("{path}{separator}next={}", back.to_query())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_is_added_to_the_query_that_is_there() {
        let back = NextPath::parse("/cart?x=1").unwrap();
        for (path, location) in [
            ("/login", "/login?next=/cart%3Fx%3D1"),
            ("/login?", "/login?next=/cart%3Fx%3D1"),
            ("/login?lang=de", "/login?lang=de&next=/cart%3Fx%3D1"),
            ("/login?lang=de&", "/login?lang=de&next=/cart%3Fx%3D1"),
            ("/login?nextpage=1", "/login?nextpage=1&next=/cart%3Fx%3D1"),
        ] {
            assert_eq!(LoginPath::parse(path).unwrap().location(&back), location);
        }
    }

    #[test]
    fn what_is_no_path_of_this_site_is_refused_with_the_reason() {
        let table = [
            ("", "not a path on this site"),
            ("login", "not a path on this site"),
            ("./login", "not a path on this site"),
            ("//evil.example/login", "not a path on this site"),
            ("https://example.com/login", "not a path on this site"),
            ("/a\nb", "not a path on this site"),
            ("/a b", "not a path on this site"),
            ("/a\\b", "not a path on this site"),
            ("/anmeldung-f\u{fc}r", "percent-encoded"),
            ("/login#form", "fragment"),
            ("/login?lang=de#form", "fragment"),
            ("/login?next=/", "`next`"),
            ("/login?lang=de&next", "`next`"),
        ];
        for (path, reason) in table {
            let error = LoginPath::parse(path).unwrap_err().to_string();
            assert!(error.contains(reason), "{path}: {error}");
        }
    }
}
