use std::fs::{self, DirEntry, File};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// A counter that makes file names unique if several threads of one program write at the same time.
static COUNTER: AtomicU64 = AtomicU64::new(0);

/// The maximum length of a file name that appears unchanged in the names of the file's copies. Longer names are cut,
/// because most file systems allow 255 bytes in a name, and some allow fewer.
const MAX_NAME_BYTES: usize = 100;

/// The names of the new files that replace a jar: `.NAME.hardtack-saving-PROCESS-NUMBER`.
pub(super) struct TemporaryNames {
    prefix: String,
}

impl TemporaryNames {
    pub(super) fn of(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default();
        let text = name.to_string_lossy();
        let prefix = if name.to_str().is_some() && text.len() <= MAX_NAME_BYTES {
            format!(".{text}.hardtack-saving-")
        } else {
            let mut end = text.len().min(MAX_NAME_BYTES);
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            format!(".{}.{:016x}.hardtack-saving-", &text[..end], digest(name.as_encoded_bytes()))
        };
        Self { prefix }
    }

    pub(super) fn next(&self) -> String {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        format!("{}{}-{number}", self.prefix, std::process::id())
    }

    /// Removes files left by programs that were killed while saving. They are recognized because no program holds a
    /// lock on them.
    pub(super) fn remove_left_behind(&self, folder: &Path) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        let is_ours = |entry: &DirEntry| {
            entry.file_name().to_str().is_some_and(|name| self.has(name))
                // Skip pipes, because opening a pipe blocks until its other end is opened.
                && entry.file_type().is_ok_and(|kind| kind.is_file())
        };
        for path in entries.flatten().filter(is_ours).map(|entry| entry.path()) {
            if File::open(&path).is_ok_and(|file| file.try_lock().is_ok()) {
                let _ = fs::remove_file(path);
            }
        }
    }

    /// Returns whether [`next`](Self::next) could have returned this name in some process.
    fn has(&self, name: &str) -> bool {
        let numbers = name.strip_prefix(&self.prefix).and_then(|numbers| numbers.split_once('-'));
        numbers.is_some_and(|(process, number)| {
            process.parse::<u32>().is_ok_and(|parsed| parsed.to_string() == process)
                && number.parse::<u64>().is_ok_and(|parsed| parsed.to_string() == number)
        })
    }
}

/// Returns the FNV-1a hash of a name, which distinguishes long names that begin with the same characters.
fn digest(name: &[u8]) -> u64 {
    name.iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_names_are_recognized() {
        let names = TemporaryNames::of(Path::new("/home/cookies.txt"));
        assert!(names.has(&names.next()));
        assert!(names.has(".cookies.txt.hardtack-saving-1-0"));
        for other in [
            ".cookies.txt.hardtack-2026-01-backup",
            ".cookies.txt.hardtack-2026-11",
            ".cookies.txt.hardtack-saving-1-0-backup",
            ".cookies.txt.hardtack-saving-1-0.bak",
            ".cookies.txt.hardtack-saving-2026-01",
            ".cookies.txt.hardtack-saving-+1-0",
            ".cookies.txt.hardtack-saving-1",
            ".cookies.txt.hardtack-saving-",
            ".other.txt.hardtack-saving-1-0",
        ] {
            assert!(!names.has(other), "{other}");
        }
    }

    #[test]
    fn a_long_name_has_short_copies_of_its_own() {
        let (one, two) = ("ä".repeat(120) + "1", "ä".repeat(120) + "2");
        let (one, two) = (TemporaryNames::of(Path::new(&one)), TemporaryNames::of(Path::new(&two)));
        assert!(one.next().len() < 200 && one.has(&one.next()));
        assert!(!one.has(&two.next()));
    }
}
