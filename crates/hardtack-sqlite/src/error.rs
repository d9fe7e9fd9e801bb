use std::error::Error as StdError;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use hardtack_core::store::StoreError;

use crate::queue::Refusal;
use crate::row::is_of_row;

/// Why something could not be done, and with which file.
#[derive(Debug)]
pub(crate) struct Cause {
    /// None in memory.
    path: Option<Arc<Path>>,
    why: Why,
}

#[derive(Debug)]
pub(crate) enum Why {
    Sqlite(rusqlite::Error),
    /// The file that was opened no longer has its name.
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

/// The source of SQLite's error; the error itself is shown already.
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

/// The error of one write out of a cause that a group shares.
pub(crate) fn store_error(doing: &'static str, cause: &Arc<Cause>) -> StoreError {
    StoreError::new(doing, Arc::clone(cause))
}

/// The error of one read, or of one row of it.
pub(crate) fn read_error(
    doing: &'static str,
    path: Option<&Arc<Path>>,
    error: rusqlite::Error,
) -> StoreError {
    let is_of_row = is_of_row(&error);
    let cause = Cause::new(path, error);
    if is_of_row { StoreError::unreadable(cause) } else { StoreError::new(doing, cause) }
}

/// The error of a thread that is gone: it panicked, or the process is going down.
pub(crate) fn thread_gone(doing: &'static str) -> StoreError {
    StoreError::new(doing, "the store's own thread has ended; open the store again")
}

/// The error of a request that a queue did not take.
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
