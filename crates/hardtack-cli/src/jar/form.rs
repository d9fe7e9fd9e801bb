//! Chooses the format in which a file of cookies is written.

use std::path::Path;

use hardtack_jar::Format;

use super::format::FormatName;
use crate::destination::Destination;
use crate::failure::Failure;

/// Returns the format given by `--to`, or otherwise the one for the file's extension.
pub(super) fn of_new(to: Option<FormatName>, destination: &Destination) -> Option<Format> {
    to.map(Format::from).or_else(|| match destination {
        Destination::Stdout => None,
        Destination::File(path) => of_name(path),
    })
}

fn of_name(path: &Path) -> Option<Format> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    match extension.as_str() {
        "txt" => Some(Format::Netscape),
        "json" => Some(Format::Whole),
        "har" => Some(Format::Har),
        _ => None,
    }
}

/// Returns an error for a read-only format.
pub(super) fn check_writable(format: Format) -> Result<Format, Failure> {
    if format.is_writable() {
        return Ok(format);
    }
    let writable: Vec<_> =
        Format::ALL.iter().filter(|format| format.is_writable()).map(|one| one.name()).collect();
    Err(Failure::usage(format!("the format {format} is read-only: use one of {}", writable.join(", "))))
}

/// Returns whether a file in one format can be written in the other, because both are read the same way.
pub(super) fn is_dialect(one: Format, other: Format) -> bool {
    use Format::{CookieEditor, DevTools, Netscape, Python, Selenium, Wget};
    let dialects: [&[Format]; 2] = [&[Netscape, Wget, Python], &[DevTools, CookieEditor, Selenium]];
    one == other || dialects.iter().any(|dialects| dialects.contains(&one) && dialects.contains(&other))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    #[test]
    fn a_new_file_has_the_format_of_its_name() {
        for (name, format) in [
            ("cookies.txt", Some(Format::Netscape)),
            ("JAR.JSON", Some(Format::Whole)),
            ("recording.har", Some(Format::Har)),
            ("jar", None),
            ("txt", None),
            ("-", None),
        ] {
            let destination = Destination::from(OsString::from(name));
            assert_eq!(of_new(None, &destination), format, "{name}");
            assert_eq!(of_new(Some(FormatName::Wget), &destination), Some(Format::Wget), "{name}");
        }
    }

    #[test]
    fn only_formats_that_are_written_are_accepted() {
        assert_eq!(check_writable(Format::Python).unwrap(), Format::Python);
        let sentence = check_writable(Format::Har).unwrap_err().to_string();
        assert!(
            sentence.starts_with("the format har is read-only: use one of whole, netscape"),
            "{sentence}"
        );
    }
}
