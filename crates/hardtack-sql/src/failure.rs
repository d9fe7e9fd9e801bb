use std::error::Error as StdError;
use std::sync::Arc;

use hardtack_core::store::StoreError;

/// The reason why an engine cannot be created, or the cause of a failure.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// The reason why requests failed, shared by all requests of a batch that failed together.
#[derive(Debug, Clone)]
pub struct Failure {
    pub(crate) cause: Arc<dyn StdError + Send + Sync>,
    pub(crate) kind: FailureKind,
}

/// What a failure means for the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// The server refused the request as a whole: nothing was applied.
    Refused,
    /// The server refused the request as a whole because of a conflict with other transactions. A retry may succeed.
    Conflict,
    /// The server executed the request, but the row cannot be decoded.
    Unreadable,
    /// The outcome is unknown.
    Unknown,
}

impl Failure {
    /// Creates a failure for a request that the server refused. The server applied no part of the request, and would
    /// refuse it again.
    pub fn refused(cause: impl Into<BoxError>) -> Self {
        Self::new(cause, FailureKind::Refused)
    }

    /// Creates a failure for a request that the server refused because of a conflict with other transactions, such as a
    /// deadlock or a serialization failure. The server applied no part of the request.
    pub fn conflict(cause: impl Into<BoxError>) -> Self {
        Self::new(cause, FailureKind::Conflict)
    }

    /// Creates a failure for a row that was not written by a store, or that was damaged after it was written.
    pub fn unreadable(cause: impl Into<BoxError>) -> Self {
        Self::new(cause, FailureKind::Unreadable)
    }

    /// Creates a failure for a broken connection, or for anything else that leaves the outcome unknown. The connection
    /// is then closed.
    pub fn unknown(cause: impl Into<BoxError>) -> Self {
        Self::new(cause, FailureKind::Unknown)
    }

    /// Returns the error for one of the failed requests. `doing` describes what the request was doing.
    #[must_use]
    pub fn to_error(&self, doing: &'static str) -> StoreError {
        let cause = Arc::clone(&self.cause);
        match self.kind {
            FailureKind::Unreadable => StoreError::unreadable(cause),
            FailureKind::Refused | FailureKind::Conflict | FailureKind::Unknown => {
                StoreError::new(doing, cause)
            }
        }
    }

    fn new(cause: impl Into<BoxError>, kind: FailureKind) -> Self {
        Self { cause: Arc::from(cause.into()), kind }
    }
}
