use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::{Connection, OpenFlags};

use super::is_database;

/// Returns the contents of a cookie file. If the file is a browser's database, the contents include the changes in its
/// write-ahead log.
///
/// A running browser keeps its latest cookies in a log next to the database (`cookies.sqlite-wal`). Without this log,
/// the database can be outdated by minutes or days.
///
/// ```no_run
/// use hardtack_jar::{Jar, read_file};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let text = read_file("/home/jane/.mozilla/firefox/x1y2z3.default/cookies.sqlite")?;
/// let mut jar = Jar::new();
/// jar.import_with(&hardtack_jar::Import::new(), text, std::time::SystemTime::now())?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Fails if the file or the log cannot be read, if the log cannot be merged into the database, or if a browser keeps
/// changing the two while they are read.
///
/// # Security
///
/// A database with a log is copied to a private temporary folder, which is removed before this function returns.
pub fn read_file(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    let path = path.as_ref();
    let log = log_of(path);
    // Try again if the browser changed the files between the two reads, for example because it moved the log into the
    // database.
    for _ in 0..MAX_ATTEMPTS {
        let before = (state(path), state(&log));
        let text = fs::read(path)?;
        if before.1.is_none_or(|(length, _)| length == 0) || !is_database(&text) {
            return Ok(text);
        }
        let entries = fs::read(&log)?;
        if (state(path), state(&log)) == before {
            return merged(&text, &entries);
        }
    }
    Err(io::Error::new(
        io::ErrorKind::ResourceBusy,
        "a browser is writing it: close the browser, or try again",
    ))
}

const MAX_ATTEMPTS: usize = 16;

fn log_of(path: &Path) -> PathBuf {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    log.into()
}

/// Returns the file's length and modification time, or `None` if the file does not exist.
fn state(path: &Path) -> Option<(u64, Option<SystemTime>)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.len(), metadata.modified().ok()))
}

/// Returns a database into which its log has been merged.
fn merged(database: &[u8], log: &[u8]) -> io::Result<Vec<u8>> {
    let folder = tempfile::Builder::new().prefix("hardtack-jar-").tempdir()?;
    let copy = folder.path().join("cookies");
    fs::write(&copy, database)?;
    fs::write(log_of(&copy), log)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let serialized = Connection::open_with_flags(&copy, flags).and_then(|mut connection| {
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(connection.serialize("main")?.to_vec())
    });
    serialized.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}
