//! Line-based formats: the dialects of `cookies.txt`, and HTTP headers.

pub(super) mod cookie_header;
pub(super) mod header_lines;
pub(super) mod netscape;
pub(super) mod netscape_header;
pub(super) mod set_cookie;
