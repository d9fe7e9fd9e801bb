use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf, is_separator};
use std::time::SystemTime;

use super::locked::{self, LockedFile};
use super::replace;
use super::target::Target;
use crate::error::{Error, ErrorKind};
use crate::format::{Exported, Format, Import, Imported};
use crate::jar::Jar;
use crate::request::{NoSuffixes, RequestContext};

/// A cookie jar in a file. On Unix, only the owner can read a saved file.
///
/// ```
/// use hardtack_jar::{RequestContext, Error, Format, Jar, JarFile};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = std::env::temp_dir().join(format!("hardtack-jar-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// let now = std::time::SystemTime::now();
/// let page = RequestContext::http("https://example.com/")?;
/// let file = JarFile::new(folder.join("cookies.txt"), Format::Netscape);
///
/// // Locks the file, reads it, changes the jar, and saves it.
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
/// | method | other programs' cookies in the file | cookies in the file that cannot be read |
/// |---|---|---|
/// | [`save`](Self::save) | are replaced | are replaced |
/// | [`replace`](Self::replace) | are replaced | are an error |
/// | [`merge`](Self::merge) | are kept, including those that this jar has removed | are an error |
/// | [`update`](Self::update) | are kept, except those that `change` removes | are an error |
///
/// These methods lock the file (with `flock` on Unix), so only one of them runs at a time. [`load`](Self::load) waits
/// for the lock, too. Programs that do not use this library ignore the lock.
///
/// A missing or empty file is read as an empty jar.
///
/// # How files are written
///
/// | the path is | saving |
/// |---|---|
/// | a file | replaces it with a new file: a reader sees either the old or the new one, even after a crash |
/// | missing | creates the file; its folder must exist |
/// | a symbolic link | keeps the link, and applies this table to its target |
/// | a file that cannot be replaced | writes in place |
/// | a device, a pipe, an open file (`/dev/stdout`, `/dev/fd/3`) | appends |
/// | a folder | is an error |
///
/// A file cannot be replaced if it is a mount point, if its folder is not writable, or, on Unix, if it has other hard
/// links or an owner that the new file cannot have.
///
/// A file that is written in place is first extended to its new length, so its old contents are still complete if the
/// disk is full. If writing fails later, the old contents are restored. A crash in between can leave parts of the old
/// and of the new contents. If the folder is writable, a complete copy of the new contents then remains next to the
/// file until the next save, as `.NAME.hardtack-saving-PROCESS-NUMBER`. If writing fails, the error names this copy.
///
/// # Security
///
/// On Unix, only the owner can read and write a saved file (mode 0600), regardless of its previous mode, because
/// cookies are as sensitive as passwords. Saving does not change the owner: if root saves another user's jar, that user
/// still owns the file. There is one exception: if another user's file is written in place, its mode does not change,
/// because only that user and root can change it.
#[derive(Debug, Clone)]
pub struct JarFile {
    path: PathBuf,
    format: Format,
    origin: Option<RequestContext>,
    persistent_only: bool,
    overwrite_unread: bool,
}

impl JarFile {
    /// Creates a handle for a file, which need not exist.
    pub fn new(path: impl Into<PathBuf>, format: Format) -> Self {
        Self { path: path.into(), format, origin: None, persistent_only: false, overwrite_unread: false }
    }

    /// Sets the URL to which cookies without a domain belong, such as those in HTTPie's session files
    /// ([`Import::origin`]). These cookies are saved with the URL's host as their domain. Default: no URL, so these
    /// cookies cannot be read.
    #[must_use]
    pub fn origin(mut self, request: RequestContext) -> Self {
        self.origin = Some(request);
        self
    }

    /// Saves only cookies that have an expiration, as a browser does when it closes. Default: all.
    #[must_use]
    pub const fn persistent_only(mut self) -> Self {
        self.persistent_only = true;
        self
    }

    /// Allows [`update`](Self::update), [`merge`](Self::merge), and [`replace`](Self::replace) to overwrite cookies in
    /// the file that cannot be read, and allows [`replace`](Self::replace) to overwrite a file that is not a jar. The
    /// overwritten contents are lost. Default: an error instead of overwriting.
    #[must_use]
    pub const fn overwrite_unread(mut self) -> Self {
        self.overwrite_unread = true;
        self
    }

    /// Merges the file's cookies into a jar, as [`Jar::import`] does.
    ///
    /// To change the file, use [`update`](Self::update) or [`merge`](Self::merge) instead. If you load the jar and save
    /// it later, the file loses cookies that could not be read ([`Imported::left_out`]), and cookies that other
    /// programs saved in the meantime.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read, or is not in the format.
    pub fn load(&self, jar: &mut Jar, now: SystemTime) -> Result<Imported, Error> {
        match locked::read_shared(&self.path) {
            Ok((text, metadata)) => self.read(jar, &text, metadata.modified().ok(), now),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Imported::default()),
            Err(error) => Err(self.failed("read", error)),
        }
    }

    /// Replaces the file's cookies with the jar's, and returns what the format cannot store. Everything else in the
    /// file, such as the rest of a storage state, is kept.
    ///
    /// # Errors
    ///
    /// Fails if the format is read-only, if the file cannot be written, or if its other contents should be kept but
    /// cannot be read. The file is then unchanged, unless the error says otherwise.
    pub fn save(&self, jar: &Jar, now: SystemTime) -> Result<Exported, Error> {
        let path = match self.target()? {
            Target::File(path) => path,
            Target::Stream(path) => return self.write_stream(&path, jar, None, now),
        };
        self.with(LockedFile::wait(&path), |locked| {
            let rest = self.rest(locked, now)?;
            self.write(locked, jar, rest.as_deref(), now)
        })
    }

    /// Replaces the whole file: its cookies with the jar's, and everything else with `rest`. Pass a value that
    /// [`Imported::rest`] returned for a file in the same format. Returns what the format cannot store.
    ///
    /// ```
    /// use hardtack_jar::{RequestContext, ErrorKind, Format, Jar, JarFile};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = std::env::temp_dir().join(format!("hardtack-jar-replace-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// let now = std::time::SystemTime::now();
    /// let mut jar = Jar::new();
    /// jar.set(&RequestContext::http("https://example.com/")?, "id=1", now)?;
    ///
    /// let file = JarFile::new(folder.join("cookies.txt"), Format::Netscape);
    /// let _ = file.replace(&jar, Some("# for curl\n"), now)?;
    /// assert!(std::fs::read_to_string(folder.join("cookies.txt"))?.contains("# for curl\n"));
    ///
    /// std::fs::write(folder.join("notes.txt"), "Buy milk.\n")?;
    /// let error = JarFile::new(folder.join("notes.txt"), Format::Netscape).replace(&jar, None, now).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Unread);
    /// # std::fs::remove_dir_all(&folder)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - Fails with [`ErrorKind::Unread`] if the file exists and is not empty, unless it is a jar in a writable format
    ///   and all of its cookies can be read. A file with only comments is not a jar. With
    ///   [`overwrite_unread`](Self::overwrite_unread), the file is overwritten in any case.
    /// - Fails if the format is read-only, if the file cannot be read or written, or if `rest` cannot be written in
    ///   this format.
    pub fn replace(&self, jar: &Jar, rest: Option<&str>, now: SystemTime) -> Result<Exported, Error> {
        let path = match self.target()? {
            Target::File(path) => path,
            Target::Stream(path) => return self.write_stream(&path, jar, rest, now),
        };
        self.with(LockedFile::wait(&path), |locked| {
            let text = locked.read().map_err(|error| self.failed("read", error))?;
            self.check_replaceable(&text, now)?;
            self.write(locked, jar, rest, now)
        })
    }

    /// Merges the file's cookies into the jar, and saves the jar.
    ///
    /// The newer of two cookies wins ([`Jar::merge`]). A cookie that was removed from the jar but is still in the file
    /// comes back, because the file does not show whether another program has added the cookie since. To remove cookies
    /// from the file, use [`update`](Self::update).
    ///
    /// # Errors
    ///
    /// Fails in the same cases as [`update`](Self::update).
    pub fn merge(&self, jar: &mut Jar, now: SystemTime) -> Result<Exported, Error> {
        self.update(jar, now, |_, _| Ok(())).map(|((), exported)| exported)
    }

    /// Locks the file, merges its cookies into the jar, calls `change` with the jar, and saves the jar. Returns the
    /// value that `change` returned, and what the format cannot store.
    ///
    /// Meanwhile, no other program that uses this library reads or saves the file, so no cookies are lost if several
    /// programs add some at the same time. With an empty jar, `change` sees exactly the file's cookies, and can remove
    /// them permanently. As its second argument, `change` receives the result of reading the file, which includes the
    /// cookies that were left out or adjusted.
    ///
    /// `change` must not use the same file: that would deadlock. Other programs wait while it runs, so it should not
    /// wait for a server or for user input.
    ///
    /// # Errors
    ///
    /// - Fails if `change` returns an error. The file is then unchanged.
    /// - Fails with [`ErrorKind::Unread`], before `change` is called, if some of the file's cookies cannot be read,
    ///   because saving would lose them. With [`overwrite_unread`](Self::overwrite_unread), they are overwritten
    ///   instead.
    /// - Fails if the file cannot be read, is not in the format, or cannot be written, if the format is read-only, or
    ///   if the path leads to a device or a pipe.
    pub fn update<T, E: From<Error>>(
        &self,
        jar: &mut Jar,
        now: SystemTime,
        change: impl FnOnce(&mut Jar, &Imported) -> Result<T, E>,
    ) -> Result<(T, Exported), E> {
        let Target::File(path) = self.target()? else {
            let message =
                format!("{} is a device or a pipe, which cannot be updated: use `save`", self.path.display());
            return Err(Error::new(ErrorKind::Io, message).into());
        };
        self.with(LockedFile::wait(&path), |locked| {
            let text = locked.read().map_err(|error| self.failed("read", error))?;
            let written = locked.metadata().and_then(|metadata| metadata.modified()).ok();
            let imported = self.read(jar, &text, written, now)?;
            self.check_unread(&imported)?;
            let changed = change(jar, &imported)?;
            Ok((changed, self.write(locked, jar, imported.rest(), now)?))
        })
    }

    /// Returns whether the path leads to a device, a pipe, or an open file such as `/dev/stdout`. If so, saving appends
    /// to it, and [`update`](Self::update) returns an error.
    ///
    /// # Errors
    ///
    /// Fails if the path leads to a folder, the folder that contains the file does not exist, or the path's symbolic
    /// links form a cycle.
    pub fn is_stream(&self) -> Result<bool, Error> {
        Ok(matches!(self.target()?, Target::Stream(_)))
    }

    /// Calls `work` with the locked file. If `work` fails, releases the file without saving.
    fn with<T, E: From<Error>>(
        &self,
        locked: io::Result<LockedFile>,
        work: impl FnOnce(&LockedFile) -> Result<T, E>,
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
        let import = self.import(self.format).written(written.unwrap_or(now));
        jar.import_with(&import, text, now)
    }

    fn import(&self, format: Format) -> Import<'_> {
        let import = Import::new().format(format);
        match &self.origin {
            Some(request) => import.origin(request),
            None => import,
        }
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

    /// Returns an error if the file is not a jar, or if reading and writing it again would lose cookies.
    fn check_replaceable(&self, text: &[u8], now: SystemTime) -> Result<(), Error> {
        if self.overwrite_unread || text.trim_ascii().is_empty() {
            return Ok(());
        }
        let foreign = |why: &dyn fmt::Display| {
            let path = self.path.display();
            let message = format!(
                "saving {path} would overwrite a file that is not a jar ({why}): choose another file, or allow it to be \
                 overwritten"
            );
            Error::new(ErrorKind::Unread, message)
        };
        let format = Format::detect(text).map_err(|error| foreign(&error))?;
        if !format.is_writable() {
            return Err(foreign(&format_args!("the format {format} is read-only")));
        }
        let imported = Jar::with_suffixes(NoSuffixes).import_with(&self.import(format), text, now);
        let imported = imported.map_err(|error| foreign(&error))?;
        // A file that has only comments may be something else, such as a configuration file.
        let is_text = matches!(format, Format::Netscape | Format::Wget | Format::Python);
        if is_text && imported.total() == 0 && imported.rest().is_some() {
            return Err(foreign(&"it has only comments"));
        }
        self.check_unread(&imported)
    }

    fn write_stream(
        &self,
        path: &Path,
        jar: &Jar,
        rest: Option<&str>,
        now: SystemTime,
    ) -> Result<Exported, Error> {
        let exported = self.export(jar, rest, now)?;
        replace::write_stream(path, exported.text()).map_err(|error| self.failed("written", error))?;
        Ok(exported)
    }

    fn write(
        &self,
        locked: &LockedFile,
        jar: &Jar,
        rest: Option<&str>,
        now: SystemTime,
    ) -> Result<Exported, Error> {
        let exported = self.export(jar, rest, now)?;
        replace::replace(locked, exported.text()).map_err(|error| self.failed("written", error))?;
        Ok(exported)
    }

    fn export(&self, jar: &Jar, rest: Option<&str>, now: SystemTime) -> Result<Exported, Error> {
        let mut jar = Cow::Borrowed(jar);
        if self.persistent_only {
            jar.to_mut().end_session();
        }
        jar.export_with(self.format, rest, now)
    }

    /// Returns the file's current contents other than cookies, or `None` if there are none or the format does not keep
    /// them.
    fn rest(&self, locked: &LockedFile, now: SystemTime) -> Result<Option<String>, Error> {
        if !self.format.keeps_rest() {
            return Ok(None);
        }
        let text = locked.read().map_err(|error| self.failed("read", error))?;
        // The cookies themselves are discarded.
        let imported = self.read(&mut Jar::with_suffixes(NoSuffixes), &text, None, now)?;
        Ok(imported.rest().map(str::to_owned))
    }

    fn target(&self) -> Result<Target, Error> {
        let path = self.path.as_os_str().as_encoded_bytes();
        let path = path.strip_suffix(b".").unwrap_or(path);
        // `Path` ignores a separator at the end of a path, and also ignores a `.` after that separator.
        if path.last().is_some_and(|&byte| is_separator(char::from(byte))) {
            let error = io::Error::new(io::ErrorKind::IsADirectory, "it is a folder: choose a file in it");
            return Err(self.failed("written", error));
        }
        Target::of(&self.path).map_err(|error| self.failed("written", error))
    }

    fn failed(&self, what: &str, error: io::Error) -> Error {
        let message = format!("the jar {} cannot be {what}", self.path.display());
        Error::new(ErrorKind::Io, message).with_source(error)
    }
}
