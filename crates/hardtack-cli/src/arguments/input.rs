use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::path::PathBuf;

use crate::exit::Exit;
use crate::failure::Failure;

/// The input of a command: a file, or `-` for standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Input {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
}

impl Input {
    pub(crate) fn read(&self) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Stdin => read_stdin(),
            Self::File(path) => {
                fs::read(path).map_err(|error| Failure::reading(&path.display().to_string(), &error))
            }
        }
    }
}

/// Reads all of standard input.
pub(crate) fn read_stdin() -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    io::stdin()
        .lock()
        .read_to_end(&mut text)
        .map_err(|error| Failure::new(Exit::Unreadable, format!("standard input cannot be read: {error}")))?;
    Ok(text)
}

/// Parses `-` as standard input, and everything else as a file name. File names do not have to be UTF-8.
impl From<OsString> for Input {
    fn from(name: OsString) -> Self {
        if name == "-" { Self::Stdin } else { Self::File(name.into()) }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("standard input"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}
