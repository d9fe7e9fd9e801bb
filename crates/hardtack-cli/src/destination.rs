use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

/// Where a command writes its outcome: a file, or `-`, standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// Standard output.
    Stdout,
    /// A file, which may exist or not.
    File(PathBuf),
}

/// File names need not be UTF-8.
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
