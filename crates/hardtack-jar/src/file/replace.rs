use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::locked::LockedFile;
use super::overwrite::{self, WriteError};
use super::target::folder;
use super::temporary_names::TemporaryNames;

/// Writes to a device, a pipe, or an open file. These are never replaced.
pub(super) fn write_stream(path: &Path, text: &[u8]) -> io::Result<()> {
    // An open file may already contain another program's output, so append.
    let mut stream = OpenOptions::new().append(true).open(path)?;
    stream.write_all(text)?;
    stream.flush()
}

/// Replaces a locked file with a new one; if that is not possible, writes in place.
pub(super) fn replace(old: &LockedFile, text: &[u8]) -> io::Result<()> {
    let path = old.path();
    let folder = folder(path);
    let copies = TemporaryNames::of(path);
    copies.remove_left_behind(folder);
    let new = folder.join(copies.next());
    let mut is_complete = false;
    let replaced = write_new(&new, text).and_then(|held| {
        is_complete = true;
        keep_names(old)?;
        keep_owner(&held, old)?;
        fs::rename(&new, path)?;
        Ok(held)
    });
    let outcome = match replaced {
        Ok(_held) => return sync_folder(folder),
        Err(error) if is_bound(&error) => overwrite::overwrite(path, text),
        Err(error) => Err(WriteError::Untouched(error)),
    };
    let outcome = match outcome {
        // Keep the copy, because it may be the only complete text.
        Err(WriteError::Touched(error)) if is_complete => return Err(with_copy(&error, &new)),
        Err(WriteError::Touched(error) | WriteError::Untouched(error)) => Err(error),
        Ok(()) => Ok(()),
    };
    let _ = fs::remove_file(&new);
    outcome
}

fn with_copy(error: &io::Error, copy: &Path) -> io::Error {
    let message =
        format!("{error}; a complete copy of the new jar is in {} until the next save", copy.display());
    io::Error::new(error.kind(), message)
}

/// Writes a new file and locks it, so that no other program deletes it as a file that a crash left behind.
fn write_new(path: &Path, text: &[u8]) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.lock()?;
    file.write_all(text)?;
    file.sync_all()?;
    Ok(file)
}

/// Returns an error if the old file has other hard links, which a new file would not have.
#[cfg(unix)]
fn keep_names(old: &LockedFile) -> io::Result<()> {
    let links = std::os::unix::fs::MetadataExt::nlink(&old.metadata()?);
    if links > 1 { Err(io::ErrorKind::ResourceBusy.into()) } else { Ok(()) }
}

#[cfg(not(unix))]
fn keep_names(_old: &LockedFile) -> io::Result<()> {
    Ok(())
}

/// Gives the new file the owner and the group of the old one. Returns an error if the owner cannot be set.
#[cfg(unix)]
fn keep_owner(new: &File, old: &LockedFile) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let (own, old) = (new.metadata()?, old.metadata()?);
    if own.uid() != old.uid() {
        return fchown(new, Some(old.uid()), Some(old.gid()))
            .map_err(|_| io::ErrorKind::PermissionDenied.into());
    }
    if own.gid() != old.gid() {
        // The group has no permissions in any case.
        let _ = fchown(new, None, Some(old.gid()));
    }
    Ok(())
}

#[cfg(not(unix))]
fn keep_owner(_new: &File, _old: &LockedFile) -> io::Result<()> {
    Ok(())
}

/// Returns whether an error means that the file cannot be replaced but may be writable: it is a mount point, its folder
/// is not writable, or its owner or its other hard links could not be preserved.
fn is_bound(error: &io::Error) -> bool {
    use io::ErrorKind::{CrossesDevices, PermissionDenied, ReadOnlyFilesystem, ResourceBusy};
    matches!(error.kind(), ResourceBusy | CrossesDevices | PermissionDenied | ReadOnlyFilesystem)
}

/// Makes the rename durable. On systems other than Unix, does nothing, because they cannot open folders.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
