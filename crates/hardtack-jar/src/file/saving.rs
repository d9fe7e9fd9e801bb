use std::fs::{self, DirEntry, File, OpenOptions};
use std::io::{self, Seek, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use super::lock::Locked;
use super::target::folder;

/// Makes file names unique when threads of one program write at the same time.
static COUNTER: AtomicU64 = AtomicU64::new(0);

/// Writes to a device, a pipe, or an open file, which is never replaced.
pub(super) fn write_stream(path: &Path, text: &[u8]) -> io::Result<()> {
    // An open file may already contain another program's output, so append.
    let mut stream = OpenOptions::new().append(true).open(path)?;
    stream.write_all(text)?;
    stream.flush()
}

/// Replaces a locked file with a new one; if that is not possible, writes in place.
pub(super) fn replace(old: &Locked, text: &[u8]) -> io::Result<()> {
    let path = old.path();
    let folder = folder(path);
    let prefix = prefix(path);
    remove_left_behind(folder, &prefix);
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let new = folder.join(format!("{prefix}{}-{number}", std::process::id()));
    let outcome = write_new(&new, text, old).and_then(|held| {
        fs::rename(&new, path)?;
        Ok(held)
    });
    let outcome = match outcome {
        Ok(_held) => return sync_folder(folder),
        Err(error) if is_bound(&error) => write_in_place(path, text),
        Err(error) => Err(error),
    };
    // Until here, the new file was a complete copy, in case the write in place was interrupted.
    let _ = fs::remove_file(&new);
    outcome
}

/// A new file, with the old one's owner. It is locked, so that no program treats it as a leftover.
fn write_new(path: &Path, text: &[u8], old: &Locked) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.lock()?;
    keep_owner(&file, old)?;
    file.write_all(text)?;
    file.sync_all()?;
    Ok(file)
}

/// Returns an error if the new file would have another owner than the old one.
#[cfg(unix)]
fn keep_owner(new: &File, old: &Locked) -> io::Result<()> {
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
fn keep_owner(_new: &File, _old: &Locked) -> io::Result<()> {
    Ok(())
}

/// Whether the file cannot be replaced but may be writable: it is a mount point, its folder is not writable, or its
/// owner could not be preserved.
fn is_bound(error: &io::Error) -> bool {
    use io::ErrorKind::{CrossesDevices, PermissionDenied, ReadOnlyFilesystem, ResourceBusy};
    matches!(error.kind(), ResourceBusy | CrossesDevices | PermissionDenied | ReadOnlyFilesystem)
}

fn write_in_place(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    #[cfg(unix)]
    {
        // Only the owner may do this; the mode of another user's file stays.
        let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        let _ = file.set_permissions(owner_only);
    }
    file.rewind()?;
    file.write_all(text)?;
    // Truncate last: the old text keeps its disk space until the new text is written.
    file.set_len(text.len() as u64)?;
    file.sync_all()
}

fn prefix(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!(".{name}.hardtack-")
}

/// Removes files left by programs that were killed while saving: no program holds a lock on them.
fn remove_left_behind(folder: &Path, prefix: &str) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let is_ours = |entry: &DirEntry| {
        entry.file_name().to_string_lossy().starts_with(prefix)
            // Opening a pipe would block until its other end is opened.
            && entry.file_type().is_ok_and(|kind| kind.is_file())
    };
    for path in entries.flatten().filter(is_ours).map(|entry| entry.path()) {
        if File::open(&path).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(path);
        }
    }
}

/// Makes the rename durable; only Unix can open folders.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
