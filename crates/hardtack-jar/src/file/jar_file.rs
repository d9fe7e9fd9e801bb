use std::borrow::Cow;
use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use super::lock::{self, Locked};
use super::saving;
use super::target::Target;
use crate::error::{Error, ErrorKind};
use crate::format::{Exported, Format, Import, Imported};
use crate::jar::Jar;
use crate::suffix::NoSuffixes;

/// A jar in a file that only its owner can read.
///
/// ```
/// use hardtack_jar::{Access, Error, Format, Jar, JarFile};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = std::env::temp_dir().join(format!("hardtack-jar-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// let now = std::time::SystemTime::now();
/// let page = Access::http("https://example.com/")?;
/// let file = JarFile::new(folder.join("cookies.txt"), Format::Netscape);
///
/// // Alone with the file: reads it, changes the jar, and saves it.
/// file.update(&mut Jar::new(), now, |jar, _| -> Result<(), Box<dyn std::error::Error>> {
///     jar.set(&page, "id=1; Max-Age=60", now)?;
///     Ok(())
/// })?;
///
/// let mut jar = Jar::new();
/// assert_eq!(file.load(&mut jar, now)?.taken(), 1);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok(())
/// # }
/// ```
///
/// | | other programs' cookies in the file | cookies of the file that cannot be read |
/// |---|---|---|
/// | [`save`](Self::save) | are replaced | are replaced |
/// | [`merge`](Self::merge) | are kept, also those that this jar has removed | are an error |
/// | [`update`](Self::update) | are kept; what is removed inside is removed | are an error |
///
/// The three lock the file (`flock` on Unix) and wait for each other, and [`load`](Self::load) waits for them. The
/// programs of others do not take part in this.
///
/// A file that is missing or empty is an empty jar.
///
/// # What is written where
///
/// | the path leads to | saving |
/// |---|---|
/// | a file | puts a new file in its place: a reader sees the old or the new one whole, also after a crash |
/// | nothing | creates the file; its folder has to exist |
/// | a symbolic link | leaves the link, and does this with what it leads to |
/// | a file that cannot be replaced: mounted by itself, in a folder without write permission, or another user's whose owner cannot be kept | writes into it |
/// | a device, a pipe, an open file (`/dev/stdout`, `/dev/fd/3`) | writes to its end |
/// | a folder | is an error |
///
/// A crash while a file is written in place can leave it with a part of the new text and a part of the old one. Where the
/// folder can be written, a whole copy is beside it then, `.NAME.hardtack-NUMBER`, until the next save.
///
/// # Security
///
/// On Unix, the file can be read and written by its owner only (mode 0600), whatever it was before: cookies are as good
/// as passwords. The owner stays the same; if root saves another user's jar, it is still that user's.
#[derive(Debug, Clone)]
pub struct JarFile {
    path: PathBuf,
    format: Format,
    persistent_only: bool,
    overwrite_unread: bool,
}

impl JarFile {
    /// A file that may exist or not.
    pub fn new(path: impl Into<PathBuf>, format: Format) -> Self {
        Self { path: path.into(), format, persistent_only: false, overwrite_unread: false }
    }

    /// Saves only cookies that have a time at which they expire, as a browser does when it closes. Default: all.
    #[must_use]
    pub const fn persistent_only(mut self) -> Self {
        self.persistent_only = true;
        self
    }

    /// Lets [`update`](Self::update) and [`merge`](Self::merge) overwrite cookies of the file that could not be read:
    /// they are lost. Default: that is an error.
    #[must_use]
    pub const fn overwrite_unread(mut self) -> Self {
        self.overwrite_unread = true;
        self
    }

    /// Merges the file's cookies into a jar, as [`Jar::import`] does.
    ///
    /// Saving the jar later loses what could not be read ([`Imported::left_out`]), and what other programs have saved in
    /// between: use [`update`](Self::update) or [`merge`](Self::merge).
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or is not in the format.
    pub fn load(&self, jar: &mut Jar, now: SystemTime) -> Result<Imported, Error> {
        match lock::read_shared(&self.path) {
            Ok((text, metadata)) => self.read(jar, &text, metadata.modified().ok(), now),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Imported::default()),
            Err(error) => Err(self.failed("read", error)),
        }
    }

    /// Replaces the file's cookies by the jar's, and returns what the format cannot hold. What a storage state holds
    /// besides cookies stays.
    ///
    /// # Errors
    ///
    /// If the file cannot be written: it is then as it was, unless it was written in place.
    pub fn save(&self, jar: &Jar, now: SystemTime) -> Result<Exported, Error> {
        let path = match self.target()? {
            Target::File(path) => path,
            Target::Stream(path) => {
                let exported = self.export(jar, None, now)?;
                saving::write_stream(&path, exported.text())
                    .map_err(|error| self.failed("written", error))?;
                return Ok(exported);
            }
        };
        self.with(Locked::wait(&path), |locked| {
            let rest = self.rest(locked, now)?;
            self.write(locked, jar, rest.as_deref(), now)
        })
    }

    /// Merges the file's cookies into the jar, and saves all of them.
    ///
    /// The newer of two cookies wins ([`Jar::merge`]). A cookie that was removed from the jar and is still in the file
    /// comes back: the file does not say whether it was removed here or added by another program since. Remove cookies
    /// inside [`update`](Self::update).
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update).
    pub fn merge(&self, jar: &mut Jar, now: SystemTime) -> Result<Exported, Error> {
        self.update(jar, now, |_, _| Ok(())).map(|((), exported)| exported)
    }

    /// Locks the file, merges its cookies into the jar, lets `change` work with the jar, and saves it; returns what
    /// `change` returns, and what the format cannot hold.
    ///
    /// No other program that uses this library saves or reads the file in between, so that of several that add cookies at
    /// once, none is lost. With an empty jar, `change` sees exactly the file's cookies and removes them for good. It is
    /// given what reading the file has left out or changed, too.
    ///
    /// `change` must not use the same file: that waits for itself forever. While it runs, others wait, so it should not
    /// do so for a server or a person.
    ///
    /// # Errors
    ///
    /// - What `change` returns; the file is then as it was.
    /// - [`ErrorKind::Unread`], before `change` is called, if some of the file's cookies cannot be read: saving would lose
    ///   them. [`overwrite_unread`](Self::overwrite_unread) allows that.
    /// - If the file cannot be read, is not in the format, or cannot be written; and if the path leads to a device or a
    ///   pipe.
    pub fn update<T, E: From<Error>>(
        &self,
        jar: &mut Jar,
        now: SystemTime,
        change: impl FnOnce(&mut Jar, &Imported) -> Result<T, E>,
    ) -> Result<(T, Exported), E> {
        let Target::File(path) = self.target()? else {
            let message = format!("{} is a device or a pipe: save to it", self.path.display());
            return Err(Error::new(ErrorKind::Io, message).into());
        };
        self.with(Locked::wait(&path), |locked| {
            let text = locked.read().map_err(|error| self.failed("read", error))?;
            let written = locked.metadata().and_then(|metadata| metadata.modified()).ok();
            let imported = self.read(jar, &text, written, now)?;
            self.check_unread(&imported)?;
            let changed = change(jar, &imported)?;
            Ok((changed, self.write(locked, jar, imported.rest(), now)?))
        })
    }

    /// Gives the file up unless all goes well.
    fn with<T, E: From<Error>>(
        &self,
        locked: io::Result<Locked>,
        work: impl FnOnce(&Locked) -> Result<T, E>,
    ) -> Result<T, E> {
        let locked = locked.map_err(|error| self.failed("written", error))?;
        let outcome = work(&locked);
        if outcome.is_err() {
            locked.give_up();
        }
        outcome
    }

    fn read(
        &self,
        jar: &mut Jar,
        text: &[u8],
        written: Option<SystemTime>,
        now: SystemTime,
    ) -> Result<Imported, Error> {
        let import = Import::new().format(self.format).written(written.unwrap_or(now));
        jar.import_with(&import, text, now)
    }

    fn check_unread(&self, imported: &Imported) -> Result<(), Error> {
        let left_out = imported.left_out();
        let Some(first) = left_out.first().filter(|_| !self.overwrite_unread) else { return Ok(()) };
        let (path, count) = (self.path.display(), left_out.len());
        let cookies = if count == 1 { "1 cookie" } else { &format!("{count} cookies") };
        let message = format!(
            "saving {path} would lose {cookies} that could not be read ({first}): correct the file, or allow it to be \
             overwritten"
        );
        Err(Error::new(ErrorKind::Unread, message))
    }

    fn write(
        &self,
        locked: &Locked,
        jar: &Jar,
        rest: Option<&str>,
        now: SystemTime,
    ) -> Result<Exported, Error> {
        let exported = self.export(jar, rest, now)?;
        saving::replace(locked, exported.text()).map_err(|error| self.failed("written", error))?;
        Ok(exported)
    }

    fn export(&self, jar: &Jar, rest: Option<&str>, now: SystemTime) -> Result<Exported, Error> {
        let mut jar = Cow::Borrowed(jar);
        if self.persistent_only {
            jar.to_mut().end_session();
        }
        jar.export_with(self.format, rest, now)
    }

    /// What else the file holds now, in the format in which a file holds something else.
    fn rest(&self, locked: &Locked, now: SystemTime) -> Result<Option<String>, Error> {
        if !self.format.keeps_rest() {
            return Ok(None);
        }
        let text = locked.read().map_err(|error| self.failed("read", error))?;
        // Its cookies are not wanted here.
        let imported = self.read(&mut Jar::with_suffixes(NoSuffixes), &text, None, now)?;
        Ok(imported.rest().map(str::to_owned))
    }

    fn target(&self) -> Result<Target, Error> {
        Target::of(&self.path).map_err(|error| self.failed("written", error))
    }

    fn failed(&self, what: &str, error: io::Error) -> Error {
        let message = format!("the jar {} cannot be {what}", self.path.display());
        Error::new(ErrorKind::Io, message).with_source(error)
    }
}
