use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// The file or stream to which a jar's path leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A regular file, or the path for a new one, after following all links.
    File(PathBuf),
    /// A device, a pipe, a socket, or a file that this process has open (`/dev/stdout`, `/dev/fd/3`). Saving appends to
    /// it, and never replaces it.
    Stream(PathBuf),
}

/// The maximum number of symbolic links that Linux follows in one path.
const MAX_LINKS: usize = 40;

impl Target {
    /// Follows the symbolic links of a path. The last one may point to a file that does not exist yet.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let mut at = path.to_owned();
        for _ in 0..=MAX_LINKS {
            let folder = folder(&at).canonicalize().map_err(|error| no_folder(&at, error))?;
            let Some(name) = at.file_name() else {
                // The path ends with `..`, or is the root.
                return Err(directory());
            };
            let file = folder.join(name);
            let Some(metadata) = existing(&file)? else { return Ok(Self::File(file)) };
            // In `/proc`, the kernel's links to open files do not contain paths.
            if metadata.is_symlink() && !folder.starts_with("/proc") {
                at = folder.join(fs::read_link(&file)?);
                continue;
            }
            if metadata.is_symlink() {
                // Ignore an error here, because opening the file reports it later.
                let is_dir = fs::metadata(&file).is_ok_and(|metadata| metadata.is_dir());
                return if is_dir { Err(directory()) } else { Ok(Self::Stream(file)) };
            }
            return match metadata.file_type() {
                kind if kind.is_dir() => Err(directory()),
                kind if kind.is_file() => Ok(Self::File(file)),
                _ => Ok(Self::Stream(file)),
            };
        }
        Err(io::Error::other("its symbolic links form a loop"))
    }
}

/// Returns the folder that contains a file.
pub(super) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn existing(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn no_folder(path: &Path, error: io::Error) -> io::Error {
    if error.kind() != io::ErrorKind::NotFound {
        return error;
    }
    let folder = folder(path).display();
    io::Error::new(io::ErrorKind::NotFound, format!("the folder {folder} does not exist: create it first"))
}

fn directory() -> io::Error {
    io::Error::new(io::ErrorKind::IsADirectory, "it is a folder: choose a file in it")
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn file(path: &Path) -> Target {
        Target::File(path.to_owned())
    }

    #[test]
    fn links_are_followed_to_a_file_that_may_be_missing() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path().canonicalize().expect("a folder");
        let jar = folder.join("jar.json");
        symlink("jar.json", folder.join("near")).expect("a link");
        symlink(folder.join("near"), folder.join("far")).expect("a link");
        for exists in [false, true] {
            for name in ["jar.json", "near", "far"] {
                assert_eq!(Target::of(&folder.join(name)).expect("a target"), file(&jar), "{name} {exists}");
            }
            fs::write(&jar, "").expect("a file");
        }
    }

    #[test]
    fn a_link_into_a_missing_folder_names_the_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        symlink("missing/jar.json", folder.path().join("link")).expect("a link");
        let error = Target::of(&folder.path().join("link")).expect_err("no folder").to_string();
        assert!(error.contains("/missing does not exist"), "{error}");
    }

    #[test]
    fn links_in_a_circle_lead_nowhere() {
        let folder = tempfile::tempdir().expect("a folder");
        symlink("b", folder.path().join("a")).expect("a link");
        symlink("a", folder.path().join("b")).expect("a link");
        assert!(Target::of(&folder.path().join("a")).is_err());
    }

    #[test]
    fn devices_and_open_files_are_streams() {
        assert_eq!(Target::of(Path::new("/dev/null")).expect("a device"), Target::Stream("/dev/null".into()));
        assert!(matches!(Target::of(Path::new("/dev/stdout")).expect("a stream"), Target::Stream(_)));
    }

    #[test]
    fn a_folder_is_no_file() {
        for path in ["/", "/tmp", "/tmp/..", "."] {
            let error = Target::of(Path::new(path)).expect_err("a folder");
            assert_eq!(error.kind(), io::ErrorKind::IsADirectory, "{path}");
        }
    }
}
