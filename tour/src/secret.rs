use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file that holds the tour's secret, readable by its owner alone.
#[derive(Debug)]
pub struct SecretFile {
    path: PathBuf,
}

impl SecretFile {
    /// The file of a data folder.
    pub fn beside(data: &Path) -> Self {
        Self { path: data.join("secret_key") }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The secret in it; if there is none yet, `make` makes it, once and for all.
    ///
    /// Of two programs that start at once both get the same one: the file appears whole or not at all.
    ///
    /// # Errors
    ///
    /// If the file can neither be read nor made.
    pub fn read_or_make(&self, make: impl FnOnce() -> String) -> io::Result<String> {
        match self.read() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.make(&make())?;
                self.read()
            }
            read => read,
        }
    }

    fn read(&self) -> io::Result<String> {
        let secret = fs::read_to_string(&self.path)?;
        if is_open_to_others(&self.path)? {
            tracing::warn!(
                "others can read {}: make it yours alone with chmod 600",
                self.path.display()
            );
        }
        Ok(secret.trim_end().to_owned())
    }

    fn make(&self, secret: &str) -> io::Result<()> {
        let draft = self.path.with_extension(format!("{}.new", std::process::id()));
        let made = write_private(&draft, secret)
            .and_then(|()| fs::hard_link(&draft, &self.path));
        // The draft has served whatever came of it; one that was never made cannot be removed.
        let _ = fs::remove_file(&draft);
        match made {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            made => made,
        }
    }
}

fn write_private(path: &Path, secret: &str) -> io::Result<()> {
    let mut file = private().open(path)?;
    writeln!(file, "{secret}")?;
    File::sync_all(&file)
}

#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    options
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_made_once() {
        let data = tempfile::tempdir().unwrap();
        let file = SecretFile::beside(data.path());
        assert_eq!(file.read_or_make(|| "first".to_owned()).unwrap(), "first");
        assert_eq!(file.read_or_make(|| unreachable!("it is there")).unwrap(), "first");
        assert_eq!(
            fs::read_dir(data.path()).unwrap().count(),
            1,
            "no draft stays behind"
        );
    }

    #[test]
    fn the_first_of_two_at_once_wins() {
        let data = tempfile::tempdir().unwrap();
        let file = SecretFile::beside(data.path());
        let late = file.read_or_make(|| {
            file.read_or_make(|| "first".to_owned()).unwrap();
            "second".to_owned()
        });
        assert_eq!(late.unwrap(), "first");
    }

    #[cfg(unix)]
    #[test]
    fn it_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let data = tempfile::tempdir().unwrap();
        let file = SecretFile::beside(data.path());
        file.read_or_make(|| "secret".to_owned()).unwrap();
        assert_eq!(
            fs::metadata(file.path()).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert!(!is_open_to_others(file.path()).unwrap());
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let data = tempfile::tempdir().unwrap();
        let file = SecretFile::beside(&data.path().join("missing"));
        assert!(file.read_or_make(|| "x".to_owned()).is_err());
    }
}
