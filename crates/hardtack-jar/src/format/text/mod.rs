//! Formats that are lines of text: `cookies.txt` in its dialects, and headers of HTTP.

mod header_lines;

pub(super) mod cookie_header;
pub(super) mod netscape;
pub(super) mod set_cookie;
