use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A regular file with a lock. Until the lock is dropped, no other program that uses this library saves or updates the
/// file.
pub(super) struct LockedFile {
    path: PathBuf,
    file: File,
    /// Whether the file was created for the lock.
    is_new: bool,
}

impl LockedFile {
    /// Waits for the lock on a file. Creates the file if it is missing, because only an existing file can be locked.
    pub(super) fn wait(path: &Path) -> io::Result<Self> {
        loop {
            let (file, is_new) = match open(path) {
                Ok(file) => (file, false),
                Err(error) if error.kind() == io::ErrorKind::NotFound => match create(path) {
                    Ok(file) => (file, true),
                    // Another program created the file first.
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                    Err(error) => return Err(error),
                },
                Err(error) => return Err(error),
            };
            file.lock()?;
            // The previous lock holder may have replaced this file with a new one.
            if is_at(&file, path)? {
                return Ok(Self { path: path.to_owned(), file, is_new });
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn metadata(&self) -> io::Result<Metadata> {
        self.file.metadata()
    }

    pub(super) fn read(&self) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        (&self.file).read_to_end(&mut text)?;
        Ok(text)
    }

    /// Releases the lock without saving. Deletes the file if it was created for the lock and is still empty.
    pub(super) fn give_up(self) {
        if self.is_new && self.metadata().is_ok_and(|metadata| metadata.len() == 0) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Reads a file. A regular file is read under a shared lock, so that no other program that uses this library writes it
/// at the same time.
pub(super) fn read_shared(path: &Path) -> io::Result<(Vec<u8>, Metadata)> {
    let mut file = File::open(path)?;
    if file.metadata()?.is_file() {
        match file.lock_shared() {
            Ok(()) => {}
            // If locking is unsupported, no program can hold a lock to update the file.
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(error) => return Err(error),
        }
    }
    let mut text = Vec::new();
    file.read_to_end(&mut text)?;
    Ok((text, file.metadata()?))
}

/// Opens a file for reading and writing if possible, because some network file systems can lock only such files.
/// Otherwise, opens it for reading or for writing only. On other file systems, such a file can be locked, too.
fn open(path: &Path) -> io::Result<File> {
    use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    let is_denied = |error: &io::Error| matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem);
    match OpenOptions::new().read(true).write(true).open(path) {
        Err(error) if is_denied(&error) => {
            File::open(path).or_else(|_| OpenOptions::new().write(true).open(path)).map_err(|_| error)
        }
        outcome => outcome,
    }
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Returns whether the path still refers to the open file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let open = file.metadata()?;
    match fs::metadata(path) {
        Ok(now) => Ok((now.dev(), now.ino()) == (open.dev(), open.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Always returns `true`, because other systems have no stable identifier of an open file.
#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_given_up_unsaved_is_gone_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("jar.json");
        LockedFile::wait(&path).expect("a lock").give_up();
        assert!(!path.exists());
        fs::write(&path, "").expect("a file");
        LockedFile::wait(&path).expect("a lock").give_up();
        assert!(path.exists());
    }

    #[test]
    #[cfg(unix)]
    fn the_lock_is_on_the_file_that_is_there_now() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, new) = (folder.path().join("jar.json"), folder.path().join("new"));
        fs::write(&path, "old").expect("a file");
        let held = LockedFile::wait(&path).expect("a lock");
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| LockedFile::wait(&path).expect("a lock").read().expect("a text"));
            fs::write(&new, "new").expect("a file");
            fs::rename(&new, &path).expect("a new file in its place");
            drop(held);
            assert_eq!(waiting.join().expect("a text"), b"new");
        });
    }
}
