use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

/// Where a command writes its output: a file, or `-` for standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// Standard output.
    Stdout,
    /// A file, which may or may not exist.
    File(PathBuf),
}

/// Parses `-` as standard output, and everything else as a file name. File names do not have to be UTF-8.
impl From<OsString> for Destination {
    fn from(name: OsString) -> Self {
        if name == "-" { Self::Stdout } else { Self::File(name.into()) }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdout => f.write_str("standard output"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}
