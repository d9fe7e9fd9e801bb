use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use hardtack_core::protocol::{Lineage, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{Listed, Row, StoreError, Stored, Summary, Version, millis};

use crate::request::ENDING;
use crate::table::Table;

/// The number of records that one sweep step examines.
pub const SWEEP_STEP: i64 = 256;

/// The maximum length of an owner in bytes: what every server's index can hold in addition to the purpose and the key.
pub const MAX_OWNER_BYTES: usize = 2500;

/// Why an engine cannot be used.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// An executor of batched requests on one kind of database server.
///
/// Every call has exclusive use of its connection. A returned future may be dropped at any await; the connection is
/// then never used again.
pub trait Engine: fmt::Debug + Send + Sync + 'static {
    /// One connection to the server.
    type Connection: fmt::Debug + Send;

    /// The server's display name, such as `PostgreSQL`.
    const NAME: &'static str;

    /// The character that quotes identifiers: `"` or a backtick.
    const QUOTE: char;

    /// Parses the URL and prepares the statements, without connecting.
    ///
    /// # Errors
    ///
    /// Fails if the URL is malformed or requires a feature that is not built in. The error does not quote the URL.
    fn new(url: &str, table: Table, timeout: Duration) -> Result<Self, BoxError>
    where
        Self: Sized;

    /// Connects to the server.
    fn connect(&self) -> impl Future<Output = Result<Self::Connection, Failure>> + Send;

    /// Creates the schema or brings it up to date. This is safe when many programs do it at once.
    fn migrate(&self, connection: &mut Self::Connection) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Checks whether the connection is usable: `false` if it is known to be broken.
    fn is_alive(connection: &mut Self::Connection) -> impl Future<Output = bool> + Send;

    /// Returns the server's time, in milliseconds since 1970.
    fn clock(&self, connection: &mut Self::Connection) -> impl Future<Output = Result<i64, Failure>> + Send;

    /// Returns those of the requested records that exist, in any order. No key occurs twice. A record that cannot be
    /// decoded is a separate failure.
    fn load(
        &self,
        connection: &mut Self::Connection,
        keys: &[StoreKey],
    ) -> impl Future<Output = Result<Vec<LoadedRow>, Failure>> + Send;

    /// Returns the first `size` records of one owner after a key, in key order; fewer only at the end. A record that
    /// cannot be decoded is a separate failure.
    fn owned_by(
        &self,
        connection: &mut Self::Connection,
        owner_key: &OwnerKey,
        after: &[u8],
        size: usize,
    ) -> impl Future<Output = Result<Vec<Row<Summary, Failure>>, Failure>> + Send;

    /// Checks whether an owner has a record of a lineage other than `spared`, in a new snapshot.
    fn has_others(
        &self,
        connection: &mut Self::Connection,
        owner_key: &OwnerKey,
        spared: Option<&Lineage>,
    ) -> impl Future<Output = Result<bool, Failure>> + Send;

    /// Returns the first `size` records after a key, in key order; fewer only at the end. A record that cannot be
    /// decoded is a separate failure.
    fn page(
        &self,
        connection: &mut Self::Connection,
        after: &[u8],
        size: usize,
    ) -> impl Future<Output = Result<Vec<Row<Listed, Failure>>, Failure>> + Send;

    /// Executes a batch of writes as if one after the other, and returns what each did, in the same order. The writes
    /// come in key order. Two batches that lock records in that order cannot deadlock.
    fn write(
        &self,
        connection: &mut Self::Connection,
        writes: &[Write],
    ) -> impl Future<Output = Vec<Result<WriteOutcome, Failure>>> + Send;
}

/// An existing record, with its key.
pub type LoadedRow = (StoreKey, Result<Stored, Failure>);

/// An owner, and the purpose of the records in question.
#[derive(Debug, Clone)]
pub struct OwnerKey {
    /// The purpose of the records.
    pub purpose: Purpose,
    /// The owner of the records.
    pub owner: Owner,
}

/// One write.
#[derive(Debug, Clone)]
pub enum Write {
    /// Writes a record if there is none under the key.
    Create {
        /// The record's key.
        key: StoreKey,
        /// The new version.
        version: Version,
        /// The record.
        record: Record,
    },
    /// Replaces the record with the expected version.
    Replace {
        /// The record's key.
        key: StoreKey,
        /// The version that must be stored.
        expected: Version,
        /// The new version.
        version: Version,
        /// The new record.
        record: Record,
    },
    /// Updates the two times of the record with the expected version.
    Touch {
        /// The record's key.
        key: StoreKey,
        /// The version that must be stored.
        expected: Version,
        /// The new time of last use, in milliseconds since 1970.
        last_seen: i64,
        /// The new expiry, in milliseconds since 1970.
        expires_at: i64,
    },
    /// Removes the record with the expected version.
    Delete {
        /// The record's key.
        key: StoreKey,
        /// The version that must be stored.
        expected: Version,
    },
    /// Removes all records of one owner that it finds, except those of one lineage.
    DeleteOwnedBy {
        /// The owner and the purpose.
        owner_key: OwnerKey,
        /// The lineage to keep, if any.
        spared: Option<Lineage>,
    },
    /// Runs one sweep step.
    Sweep {
        /// The time, in milliseconds since 1970, at or before which a record must expire to be removed.
        now: i64,
        /// The maximum number of records to remove.
        at_most: i64,
    },
}

/// The result of a write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WriteOutcome {
    /// The number of records that it wrote or removed.
    pub rows: u64,
    /// For a sweep step: whether more records remain to be examined.
    pub has_more: bool,
}

/// Why something failed, shared by all requests of a batch that failed together.
#[derive(Debug, Clone)]
pub struct Failure {
    pub(crate) cause: Arc<dyn StdError + Send + Sync>,
    pub(crate) kind: FailureKind,
}

/// What a failure says about the request.
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
    /// Creates a failure for a request of which the server applied nothing, and which would fail again.
    pub fn refused(cause: impl Into<BoxError>) -> Self {
        Self::new(cause, FailureKind::Refused)
    }

    /// Creates a failure for a request of which the server applied nothing because of a conflict with other
    /// transactions: a deadlock or a serialization failure.
    pub fn conflict(cause: impl Into<BoxError>) -> Self {
        Self::new(cause, FailureKind::Conflict)
    }

    /// Creates a failure for a row that no store wrote, or that has since been damaged.
    pub fn unreadable(cause: impl Into<BoxError>) -> Self {
        Self::new(cause, FailureKind::Unreadable)
    }

    /// Creates a failure for a broken connection, or anything else that leaves the outcome unknown. The connection is
    /// closed.
    pub fn unknown(cause: impl Into<BoxError>) -> Self {
        Self::new(cause, FailureKind::Unknown)
    }

    /// Returns the error for one of the requests that failed.
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

impl WriteOutcome {
    /// Returns the result of a write that affected `rows` records, with nothing left to examine.
    #[must_use]
    pub fn rows(rows: u64) -> Self {
        Self { rows, has_more: false }
    }
}

impl Write {
    /// Returns the key of the record that it concerns, if it concerns a single record.
    #[must_use]
    pub fn key(&self) -> Option<&StoreKey> {
        match self {
            Self::Create { key, .. }
            | Self::Replace { key, .. }
            | Self::Touch { key, .. }
            | Self::Delete { key, .. } => Some(key),
            Self::DeleteOwnedBy { .. } | Self::Sweep { .. } => None,
        }
    }

    pub(crate) fn doing(&self) -> &'static str {
        match self {
            Self::Create { .. } => "creating a session",
            Self::Replace { .. } => "saving a session",
            Self::Touch { .. } => "touching a session",
            Self::Delete { .. } => "deleting a session",
            Self::DeleteOwnedBy { .. } => ENDING,
            Self::Sweep { .. } => "sweeping expired sessions",
        }
    }

    /// Returns the number of bytes that the write contains.
    pub(crate) fn size(&self) -> usize {
        let (Self::Create { record, .. } | Self::Replace { record, .. }) = self else { return 0 };
        record.data.len() + record.label.as_ref().map_or(0, |label| label.len())
    }

    /// Returns the time of the request in milliseconds since 1970, if the write contains it.
    pub(crate) fn request_time(&self) -> Option<i64> {
        match self {
            Self::Create { record, .. } | Self::Replace { record, .. } => Some(millis(record.last_seen)),
            Self::Touch { last_seen, .. } => Some(*last_seen),
            Self::Delete { .. } | Self::DeleteOwnedBy { .. } | Self::Sweep { .. } => None,
        }
    }
}
