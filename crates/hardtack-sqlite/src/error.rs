use std::sync::Arc;

use hardtack_core::store::StoreError;

use crate::queue::Refusal;

/// Why something could not be done, shared by all writes of a group that failed together.
pub(crate) type Cause = Arc<rusqlite::Error>;

/// The error of one write out of a cause that several may share.
pub(crate) fn store_error(doing: &'static str, cause: &Cause) -> StoreError {
    StoreError::new(doing, Arc::clone(cause))
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
