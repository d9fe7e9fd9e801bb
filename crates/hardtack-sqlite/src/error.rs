use std::error::Error as StdError;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use hardtack_batch::Refusal;
use hardtack_core::store::StoreError;

use crate::row::is_row_error;

/// The cause of a failure to open a database, which is an error of this crate or SQLite's.
pub(crate) type OpenError = Box<dyn StdError + Send + Sync>;

/// The cause of a failure, and the path of the file that it concerns.
#[derive(Debug)]
pub(crate) struct DatabaseError {
    /// `None` for an in-memory database.
    path: Option<Arc<Path>>,
    kind: DatabaseErrorKind,
}

#[derive(Debug)]
pub(crate) enum DatabaseErrorKind {
    Sqlite(rusqlite::Error),
    /// The opened file was deleted or replaced.
    Replaced,
}

impl DatabaseError {
    pub(crate) fn new(path: Option<&Arc<Path>>, kind: impl Into<DatabaseErrorKind>) -> Self {
        Self { path: path.cloned(), kind: kind.into() }
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        match &self.kind {
            DatabaseErrorKind::Sqlite(error) => error.fmt(f),
            DatabaseErrorKind::Replaced => f.write_str(
                "the file was deleted or replaced while the store was open, so writes would be lost: restore it, \
                 or restart the application",
            ),
        }
    }
}

/// Returns the source of SQLite's error, because `Display` already shows the error itself.
impl StdError for DatabaseError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.kind {
            DatabaseErrorKind::Sqlite(error) => error.source(),
            DatabaseErrorKind::Replaced => None,
        }
    }
}

impl From<rusqlite::Error> for DatabaseErrorKind {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Returns the error of one write, from a cause shared by its whole batch.
pub(crate) fn store_error(doing: &'static str, cause: &Arc<DatabaseError>) -> StoreError {
    StoreError::new(doing, Arc::clone(cause))
}

/// Returns the error of a read, or of a single row.
pub(crate) fn read_error(
    doing: &'static str,
    path: Option<&Arc<Path>>,
    error: rusqlite::Error,
) -> StoreError {
    let is_row_error = is_row_error(&error);
    let cause = DatabaseError::new(path, error);
    if is_row_error { StoreError::unreadable(cause) } else { StoreError::new(doing, cause) }
}

/// Returns the error for a request to a thread that has ended, because the thread panicked or the process is shutting
/// down.
pub(crate) fn thread_gone(doing: &'static str) -> StoreError {
    StoreError::new(doing, "the store's thread has ended: open the store again")
}

/// Returns the error for a request that the queue refused.
pub(crate) fn refused(doing: &'static str, refusal: Refusal) -> StoreError {
    match refusal {
        Refusal::Closed => thread_gone(doing),
        Refusal::Full => StoreError::new(
            doing,
            "too many requests are already waiting for the disk, so this one was not started: use a faster disk \
             or `Durability::Normal`",
        ),
    }
}
