use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use crate::error::{Error, ErrorKind};
use crate::format::{Exported, Format, Imported};
use crate::jar::Jar;

/// A jar in a file, that only its owner can read and that is never torn.
///
/// ```
/// use hardtack_jar::{Access, Format, Jar, JarFile};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = std::env::temp_dir().join(format!("hardtack-jar-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// let now = std::time::SystemTime::now();
/// let file = JarFile::new(folder.join("cookies.txt"), Format::Netscape);
/// let mut jar = Jar::new();
/// file.load(&mut jar, now)?;
/// jar.set(&Access::http("https://example.com/")?, "id=1; Max-Age=60", now)?;
/// file.save(&jar, now)?;
///
/// let mut again = Jar::new();
/// assert_eq!(file.load(&mut again, now)?.taken(), 1);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok(())
/// # }
/// ```
///
/// Saving writes a new file beside the old one and then puts it in its place, so that whoever reads sees the old or the
/// new one whole, also when the program or the machine dies in between. Of two programs that save at once, one wins.
///
/// # Security
///
/// On Unix the file can be read and written by its owner only (mode 0600), whatever it was before.
#[derive(Debug, Clone)]
pub struct JarFile {
    path: PathBuf,
    format: Format,
}

/// Tells apart what the threads of one program write at once.
static COUNTER: AtomicU64 = AtomicU64::new(0);

impl JarFile {
    /// A file that may be there or not.
    pub fn new(path: impl Into<PathBuf>, format: Format) -> Self {
        Self { path: path.into(), format }
    }

    /// Takes the file's cookies into a jar; nothing, if there is no file yet.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or is not in the format.
    pub fn load(&self, jar: &mut Jar, now: SystemTime) -> Result<Imported, Error> {
        match fs::read(&self.path) {
            Ok(text) => jar.import(self.format, text, now),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Imported::default()),
            Err(error) => Err(self.failed("read", error)),
        }
    }

    /// Writes the jar's cookies, and says which of them the format cannot hold. What a storage state holds besides
    /// cookies stays.
    ///
    /// # Errors
    ///
    /// If the file cannot be written: then it is as it was.
    pub fn save(&self, jar: &Jar, now: SystemTime) -> Result<Exported, Error> {
        let rest = self.rest(now)?;
        let exported = jar.export_with(self.format, rest.as_deref(), now)?;
        replace(&self.path, exported.text()).map_err(|error| self.failed("written", error))?;
        Ok(exported)
    }

    /// What else the file holds now.
    #[cfg(feature = "json")]
    fn rest(&self, now: SystemTime) -> Result<Option<String>, Error> {
        if self.format != Format::Playwright {
            return Ok(None);
        }
        // Its cookies are not wanted here.
        let mut nothing = Jar::with_suffixes(NoSuffixes);
        Ok(self.load(&mut nothing, now)?.rest().map(str::to_owned))
    }

    #[cfg(not(feature = "json"))]
    fn rest(&self, _now: SystemTime) -> Result<Option<String>, Error> {
        Ok(None)
    }

    fn failed(&self, what: &str, error: io::Error) -> Error {
        let message =
            format!("the jar {} cannot be {what}: check its folder and rights", self.path.display());
        Error::new(ErrorKind::Io, message).with_source(error)
    }
}

#[cfg(feature = "json")]
struct NoSuffixes;

#[cfg(feature = "json")]
impl crate::suffix::SuffixList for NoSuffixes {
    fn suffix<'a>(&self, _domain: &'a str) -> Option<&'a str> {
        None
    }
}

/// Writes a new file and puts it in the old one's place.
fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    // A link stays one, and what it leads to is replaced.
    let path = match fs::canonicalize(path) {
        Ok(path) => path,
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
        Err(error) => return Err(error),
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let Some(name) = path.file_name().map(|name| name.to_string_lossy()) else {
        return Err(io::ErrorKind::IsADirectory.into());
    };
    let prefix = format!(".{name}.hardtack-");
    // Another one may take ours for left behind, in the moment in which nobody holds it yet.
    const ATTEMPTS: usize = 8;
    let mut outcome = Ok(());
    for _ in 0..ATTEMPTS {
        remove_left_behind(folder, &prefix);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let new = folder.join(format!("{prefix}{}-{number}", std::process::id()));
        outcome = write_new(&new, text).and_then(|_held| fs::rename(&new, &path));
        match &outcome {
            Ok(()) => return sync_folder(folder),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(_) => {
                let _ = fs::remove_file(&new);
                break;
            }
        }
    }
    outcome
}

/// The file is locked, so that nobody takes it for left behind.
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

/// Removes what programs that were killed while saving have left: nobody holds it any more.
fn remove_left_behind(folder: &Path, prefix: &str) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix)) {
        if File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Makes the new name last; only Unix opens folders.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
