use std::fmt;
use std::path::{Path, PathBuf};

use hardtack_jar::{Format, JarFile, RequestContext};

use crate::arguments::Destination;
use crate::failure::Failure;
use crate::output::{self, Output};

/// Where a command writes a jar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// Standard output, which may also be given as `/dev/stdout`.
    Stdout,
    /// Another device, pipe, or open file. The command writes to it, but reads no cookies from it.
    Stream(PathBuf),
    /// A file, which may or may not exist.
    File(PathBuf),
}

impl Target {
    pub(super) fn of(destination: &Destination) -> Result<Self, Failure> {
        let Destination::File(path) = destination else { return Ok(Self::Stdout) };
        Ok(match is_stream(path)? {
            true if is_stdout(path) => Self::Stdout,
            true => Self::Stream(path.clone()),
            false => Self::File(path.clone()),
        })
    }

    /// Returns an error if cookies and JSON would both go to standard output.
    pub(super) fn check_json(&self, json: bool) -> Result<(), Failure> {
        if json && *self == Self::Stdout {
            return Err(Failure::usage("the cookies go to standard output: add --output FILE to use --json"));
        }
        Ok(())
    }

    /// Prints a summary to standard output if the cookies go to a file, and otherwise to standard error. A stream may
    /// be standard output under another name.
    pub(super) fn summarize(&self, summary: impl fmt::Display) -> Result<(), Failure> {
        match self {
            Self::File(_) => Output::new().line(summary),
            Self::Stdout | Self::Stream(_) => {
                output::note(summary);
                Ok(())
            }
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdout => f.write_str("standard output"),
            Self::Stream(path) | Self::File(path) => path.display().fmt(f),
        }
    }
}

/// Returns the jar's file. `origin` applies to cookies whose file does not record their origin.
pub(super) fn jar_file(path: &Path, format: Format, origin: Option<&RequestContext>) -> JarFile {
    let file = JarFile::new(path, format);
    match origin {
        Some(origin) => file.origin(origin.clone()),
        None => file,
    }
}

/// Returns whether a path refers to a device, a pipe, or an open file.
pub(super) fn is_stream(path: &Path) -> Result<bool, Failure> {
    // The result does not depend on the format.
    JarFile::new(path, Format::Whole).is_stream().map_err(|error| Failure::of_jar(&path.display(), &error))
}

/// Returns whether a path refers to the same device, pipe, or file as standard output.
#[cfg(unix)]
fn is_stdout(path: &Path) -> bool {
    use std::fs::{self, File};
    use std::io;
    use std::os::fd::AsFd;
    use std::os::unix::fs::MetadataExt;

    let stdout = io::stdout().as_fd().try_clone_to_owned().and_then(|file| File::from(file).metadata());
    let (Ok(stdout), Ok(file)) = (stdout, fs::metadata(path)) else { return false };
    (stdout.dev(), stdout.ino()) == (file.dev(), file.ino())
}

#[cfg(not(unix))]
fn is_stdout(_path: &Path) -> bool {
    false
}
