//! Splits HTTP headers, as `curl -v` and network panels show them, into lines.

use hardtack_core::cookie::trim;

/// Returns the lines of `text`, without their line endings, and without the markers (`< ` and `> `) of `curl -v`.
pub(in crate::format) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    text.split(|&byte| byte == b'\n').map(|line| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        line.strip_prefix(b"< ").or_else(|| line.strip_prefix(b"> ")).unwrap_or(line)
    })
}

/// Returns the value of a header, if the line is a header with this name.
pub(super) fn value_of<'a>(line: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let (start, rest) = line.split_at_checked(name.len())?;
    let value = rest.strip_prefix(b":")?;
    start.eq_ignore_ascii_case(name.as_bytes()).then(|| trim(value))
}
