use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::ErrorCode;

use crate::error::OpenError;

/// The database file: its path, and its identity at the time it was opened.
#[derive(Debug, Clone)]
pub(crate) struct DatabaseFile {
    pub(crate) path: Arc<Path>,
    identity: Option<Identity>,
}

/// A file's device and inode number. A new file with the same name has a different identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity(u64, u64);

/// The maximum number of symbolic links to follow; a longer chain is treated as a cycle.
#[cfg(unix)]
const MAX_LINKS: usize = 40;

impl DatabaseFile {
    /// Describes the existing file at `path`.
    pub(crate) fn new(path: &Path) -> Self {
        // The current directory may change, so a relative path is resolved now.
        let path: Arc<Path> = std::path::absolute(path).map_or_else(|_| Arc::from(path), Arc::from);
        let identity = Identity::of(&path).ok();
        Self { path, identity }
    }

    /// Checks whether the path still names the file that was opened. If not, data written to the open file cannot be
    /// found under the path.
    pub(crate) fn is_in_place(&self) -> bool {
        match Identity::of(&self.path) {
            Ok(identity) => self.identity.is_none_or(|opened| opened == identity),
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        }
    }
}

impl Identity {
    #[cfg(unix)]
    fn of(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt;
        let metadata = fs::metadata(path)?;
        Ok(Self(metadata.dev(), metadata.ino()))
    }

    #[cfg(not(unix))]
    fn of(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|_| Self(0, 0))
    }
}

/// Creates the file, accessible only to its owner; SQLite gives its companions (`-wal`, `-shm`) the same mode.
///
/// A dangling symbolic link is followed, and the file is created at its target. An existing file is not opened here,
/// because closing it would release the locks that SQLite holds on it in this process.
#[cfg(unix)]
pub(crate) fn create_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;

    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => return made.map(drop),
        }
        match fs::read_link(&path) {
            Ok(target) => path = folder_of(&path).join(target),
            // The path is not a symbolic link: it is a file, or was a file just before.
            Err(_) => return Ok(()),
        }
    }
    Err(io::Error::other("its symbolic links form a loop"))
}

#[cfg(not(unix))]
pub(crate) fn create_private(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Returns an error that explains why the file at `path` cannot be opened. Its message names the path and, if there is
/// a fix, the fix.
pub(crate) fn explain_open_error(path: &Path, error: OpenError) -> OpenError {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder = folder_of(&path);
    let why = if !folder.exists() {
        format!("its folder {} does not exist: create the folder first", folder.display())
    } else if path.is_dir() {
        "it is a folder: use the path of a file in it".to_owned()
    } else if is_about_access(&error) && !is_writable(&folder) {
        format!(
            "this process cannot write to its folder {}: allow it, because SQLite keeps a log (-wal) and shared \
             memory (-shm) beside the file",
            folder.display()
        )
    } else if is_about_access(&error) && path.exists() {
        format!(
            "this process cannot write to it ({error}): allow it, because a session store needs write access"
        )
    } else {
        error.to_string()
    };
    format!("{}: {why}", path.display()).into()
}

/// Returns the error for a file that SQLite could open only for reading.
pub(crate) fn read_only() -> OpenError {
    io::Error::from(io::ErrorKind::PermissionDenied).into()
}

fn is_about_access(error: &OpenError) -> bool {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem);
    }
    let code = error.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error_code);
    matches!(code, Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied))
}

/// Checks whether files can be created in a directory. The function creates a file, because permissions alone are not
/// conclusive.
fn is_writable(folder: &Path) -> bool {
    let trial = folder.join(format!(".hardtack-{}", std::process::id()));
    let is_made = fs::OpenOptions::new().write(true).create_new(true).open(&trial).is_ok();
    is_made && fs::remove_file(&trial).is_ok()
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}
