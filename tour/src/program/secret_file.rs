use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// A file with the tour's secret, readable only by its owner.
#[derive(Debug)]
pub struct SecretFile {
    path: PathBuf,
}

impl SecretFile {
    /// Returns the secret file in a data folder.
    pub fn in_folder(data: &Path) -> Self {
        Self { path: data.join("secret_key") }
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the secret. If the file does not exist yet, creates it with the secret that `create` returns.
    ///
    /// If two programs start at the same time, both get the same secret, because the file is created atomically.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read or created, or if another user may have written it.
    pub fn read_or_create(
        &self,
        create: impl FnOnce() -> String,
    ) -> io::Result<String> {
        match self.read() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.create(&create())?;
                self.read()
            }
            read => read,
        }
    }

    fn read(&self) -> io::Result<String> {
        let mut file = no_follow().open(&self.path)?;
        if is_controlled_by_others(&file)? {
            return Err(io::Error::other(
                "another user of this machine may have written this file, and may know the key: delete the file, and a new key is created",
            ));
        }
        if is_readable_by_others(&file)? {
            tracing::warn!(
                "other users can read {}: change its mode with chmod 600",
                self.path.display()
            );
        }
        let mut secret = String::new();
        file.read_to_string(&mut secret)?;
        Ok(secret.trim_end().to_owned())
    }

    fn create(&self, secret: &str) -> io::Result<()> {
        let draft = self.path.with_extension(format!("{}.new", std::process::id()));
        let created = write_private(&draft, secret)
            .and_then(|()| fs::hard_link(&draft, &self.path));
        // The draft is no longer needed, even if the link could not be created. An error is ignored, because it can
        // only mean that the draft was never created, or remains as a private file.
        let _ = fs::remove_file(&draft);
        match created {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            created => created,
        }
    }
}

fn write_private(path: &Path, secret: &str) -> io::Result<()> {
    let mut file = create_new_private().open(path)?;
    writeln!(file, "{secret}")?;
    File::sync_all(&file)
}

#[cfg(unix)]
fn create_new_private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options
}

#[cfg(not(unix))]
fn create_new_private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    options
}

/// Returns options for reading that refuse to follow a symbolic link, because the link could point to a file whose
/// contents another user knows.
#[cfg(unix)]
fn no_follow() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    options
}

#[cfg(not(unix))]
fn no_follow() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    options
}

/// Returns whether the file belongs to another user, or whether others can write to it.
#[cfg(unix)]
fn is_controlled_by_others(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let metadata = file.metadata()?;
    let is_ours = metadata.uid() == rustix::process::geteuid().as_raw();
    Ok(!is_ours || metadata.mode() & 0o022 != 0)
}

#[cfg(not(unix))]
fn is_controlled_by_others(_: &File) -> io::Result<bool> {
    Ok(false)
}

#[cfg(unix)]
fn is_readable_by_others(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(file.metadata()?.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_readable_by_others(_: &File) -> io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_created_once() {
        let data = tempfile::tempdir().unwrap();
        let file = SecretFile::in_folder(data.path());
        assert_eq!(file.read_or_create(|| "first".to_owned()).unwrap(), "first");
        assert_eq!(
            file.read_or_create(|| unreachable!("the file exists")).unwrap(),
            "first"
        );
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn the_first_of_two_concurrent_creations_wins() {
        let data = tempfile::tempdir().unwrap();
        let file = SecretFile::in_folder(data.path());
        let late = file.read_or_create(|| {
            file.read_or_create(|| "first".to_owned()).unwrap();
            "second".to_owned()
        });
        assert_eq!(late.unwrap(), "first");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let data = tempfile::tempdir().unwrap();
        let file = SecretFile::in_folder(data.path());
        file.read_or_create(|| "secret".to_owned()).unwrap();
        assert_eq!(
            fs::metadata(file.path()).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert!(!is_readable_by_others(&File::open(file.path()).unwrap()).unwrap());
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_that_another_user_may_have_written_is_refused() {
        use std::os::unix::fs::{PermissionsExt, chown, symlink};
        let refused = |file: &SecretFile| {
            let error =
                file.read_or_create(|| unreachable!("the file exists")).unwrap_err();
            error.to_string()
        };
        let data = tempfile::tempdir().unwrap();
        let file = SecretFile::in_folder(data.path());
        fs::write(file.path(), "planted").unwrap();
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o622)).unwrap();
        assert!(refused(&file).contains("delete the file, and a new key is created"));

        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(
            file.read_or_create(|| unreachable!("the file exists")).unwrap(),
            "planted"
        );
        if chown(file.path(), Some(12_345), None).is_ok() {
            assert!(refused(&file).contains("another user of this machine"));
        } else {
            println!(
                "summary: skipped: a key that another user owns: only root can create one"
            );
        }

        let known = data.path().join("known");
        fs::write(&known, "a text that everyone knows").unwrap();
        fs::remove_file(file.path()).unwrap();
        symlink(&known, file.path()).unwrap();
        assert!(!refused(&file).is_empty());
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        let data = tempfile::tempdir().unwrap();
        let file = SecretFile::in_folder(&data.path().join("missing"));
        assert!(file.read_or_create(|| "x".to_owned()).is_err());
    }
}
