//! Overwrites a file that cannot be replaced by a new one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

/// Why a file was not written.
pub(super) enum WriteError {
    /// The file could not be opened, and its contents are unchanged.
    Untouched(io::Error),
    /// Writing failed. The old contents have been restored, unless the error says otherwise.
    Touched(io::Error),
}

/// The size of the blocks that reserve space.
const BLOCK: usize = 64 * 1024;

/// Reserves space on the disk for the new text, and then overwrites the old one. If that fails, restores the old text.
pub(super) fn overwrite(path: &Path, text: &[u8]) -> Result<(), WriteError> {
    let mut file = OpenOptions::new().write(true).open(path).map_err(WriteError::Untouched)?;
    #[cfg(unix)]
    {
        // Only the owner and root may change the mode. For other users, it does not change.
        let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        let _ = file.set_permissions(owner_only);
    }
    let length = file.metadata().map_err(WriteError::Untouched)?.len();
    // If the file cannot be read, its old text cannot be restored later.
    let old = fs::read(path).ok();
    reserve(&mut file, length, text.len() as u64).map_err(WriteError::Touched)?;
    let Err(error) = write_over(&mut file, text) else { return Ok(()) };
    let restored = old.is_some_and(|old| write_over(&mut file, &old).is_ok());
    if restored {
        return Err(WriteError::Touched(error));
    }
    let message = format!("{error}; the old text could not be restored");
    Err(WriteError::Touched(io::Error::new(error.kind(), message)))
}

/// Extends the file to the length of the new text, which reserves the space on the disk while the old text is still
/// complete. On a copy-on-write file system, the space may still run out later.
fn reserve(file: &mut File, length: u64, needed: u64) -> io::Result<()> {
    let outcome = extend(file, length, needed).and_then(|()| file.sync_all());
    if outcome.is_err() {
        let _ = file.set_len(length);
    }
    outcome
}

/// Appends line feeds until the file has `needed` bytes. Setting only the length would leave a hole, which reserves no
/// space.
fn extend(file: &mut File, length: u64, needed: u64) -> io::Result<()> {
    let block = [b'\n'; BLOCK];
    let mut left = needed.saturating_sub(length);
    file.seek(SeekFrom::Start(length))?;
    while left > 0 {
        let part = &block[..usize::try_from(left).unwrap_or(BLOCK).min(BLOCK)];
        file.write_all(part)?;
        left -= part.len() as u64;
    }
    Ok(())
}

fn write_over(file: &mut File, text: &[u8]) -> io::Result<()> {
    file.rewind()?;
    file.write_all(text)?;
    file.set_len(text.len() as u64)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shorter_and_a_longer_text_take_the_place_of_the_old_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("jar");
        for length in [10, 3 * BLOCK + 1, 0, 5, BLOCK] {
            OpenOptions::new().create(true).append(true).open(&path).expect("a file");
            let text = vec![b'x'; length];
            assert!(overwrite(&path, &text).is_ok());
            assert_eq!(fs::read(&path).expect("a text"), text);
        }
    }
}
