//! Compares the paths of requests and cookies, without decoding them (RFC 6265bis, section 5.1.4).

/// Returns the path of a cookie without a `Path`: the directory of the request's path, without the trailing slash.
///
/// ```
/// use hardtack_jar::default_path;
///
/// assert_eq!(default_path("/shop/cart"), "/shop");
/// assert_eq!(default_path("/cart"), "/");
/// ```
pub fn default_path(request_path: &str) -> &str {
    match request_path.rfind('/') {
        Some(last) if last > 0 && request_path.starts_with('/') => &request_path[..last],
        _ => "/",
    }
}

/// Returns whether a cookie with the path `cookie_path` is sent with a request to `request_path`.
///
/// ```
/// use hardtack_jar::path_match;
///
/// assert!(path_match("/shop/cart", "/shop"));
/// assert!(!path_match("/shopping", "/shop"));
/// ```
pub fn path_match(request_path: &str, cookie_path: &str) -> bool {
    path_match_bytes(request_path.as_bytes(), cookie_path.as_bytes())
}

/// Like [`path_match`], but takes the bytes of the paths.
pub(crate) fn path_match_bytes(request_path: &[u8], cookie_path: &[u8]) -> bool {
    match request_path.strip_prefix(cookie_path) {
        None => false,
        Some([]) => true,
        Some([next, ..]) => *next == b'/' || cookie_path.ends_with(b"/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u9_the_default_path_ends_before_the_last_slash() {
        for (path, folder) in [
            ("", "/"),
            ("x", "/"),
            ("x/y", "/"),
            ("/", "/"),
            ("/a", "/"),
            ("/a/", "/a"),
            ("/a/b/c", "/a/b"),
            ("//", "/"),
            ("//a", "/"),
            ("/%2F/b", "/%2F"),
        ] {
            assert_eq!(default_path(path), folder, "{path}");
        }
    }

    #[test]
    fn a_path_matches_itself_and_paths_below() {
        for (request, cookie, expected) in [
            ("/", "/", true),
            ("/a", "/", true),
            ("/a", "/a", true),
            ("/a/", "/a", true),
            ("/a/b", "/a", true),
            ("/a/b", "/a/", true),
            ("/a", "/a/", false),
            ("/ab", "/a", false),
            ("/A", "/a", false),
            ("/%61", "/a", false),
            ("", "/", false),
            ("/a//b", "/a/", true),
        ] {
            assert_eq!(path_match(request, cookie), expected, "{request} {cookie}");
        }
    }
}
