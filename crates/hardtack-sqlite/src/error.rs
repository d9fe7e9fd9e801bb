use std::error::Error as StdError;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use hardtack_core::store::StoreError;

use crate::queue::Refusal;
use crate::row::is_of_row;

/// The cause of a failure, and the file it concerns.
#[derive(Debug)]
pub(crate) struct Cause {
    /// `None` for an in-memory database.
    path: Option<Arc<Path>>,
    why: Why,
}

#[derive(Debug)]
pub(crate) enum Why {
    Sqlite(rusqlite::Error),
    /// The opened file was deleted or replaced.
    Gone,
}

impl Cause {
    pub(crate) fn new(path: Option<&Arc<Path>>, why: impl Into<Why>) -> Self {
        Self { path: path.cloned(), why: why.into() }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        match &self.why {
            Why::Sqlite(error) => error.fmt(f),
            Why::Gone => f.write_str(
                "the file was deleted or replaced while the store was open, so nobody would find what is written; put it \
                 back, or restart the application",
            ),
        }
    }
}

/// Returns the source of SQLite's error, because `Display` already shows the error itself.
impl StdError for Cause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.why {
            Why::Sqlite(error) => error.source(),
            Why::Gone => None,
        }
    }
}

impl From<rusqlite::Error> for Why {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Returns the error of one write, from a cause shared by its whole batch.
pub(crate) fn store_error(doing: &'static str, cause: &Arc<Cause>) -> StoreError {
    StoreError::new(doing, Arc::clone(cause))
}

/// Returns the error of a read, or of a single row.
pub(crate) fn read_error(
    doing: &'static str,
    path: Option<&Arc<Path>>,
    error: rusqlite::Error,
) -> StoreError {
    let is_of_row = is_of_row(&error);
    let cause = Cause::new(path, error);
    if is_of_row { StoreError::unreadable(cause) } else { StoreError::new(doing, cause) }
}

/// Returns the error for a thread that has ended: it panicked, or the process is shutting down.
pub(crate) fn thread_gone(doing: &'static str) -> StoreError {
    StoreError::new(doing, "the store's own thread has ended; open the store again")
}

/// Returns the error for a request that the queue refused.
pub(crate) fn refused(doing: &'static str, refusal: Refusal) -> StoreError {
    match refusal {
        Refusal::Closed => thread_gone(doing),
        Refusal::Full => StoreError::new(
            doing,
            "too many requests wait for the disk already, so this one was not begun; use a faster disk or \
             `Durability::Normal`",
        ),
    }
}
