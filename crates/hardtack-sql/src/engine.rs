use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use hardtack_core::session::{Lineage, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{Listed, Row, StoreError, Stored, Summary, Version, millis};

use crate::job::ENDING;
use crate::table::Table;

/// How many records one step of sweeping looks at.
pub const SWEEP_STEP: i64 = 256;

/// The longest owner, in bytes: what every server's index takes beside the purpose and the key.
pub const MAX_OWNER: usize = 2500;

/// Why an engine cannot be used.
pub type Cause = Box<dyn StdError + Send + Sync>;

/// How one kind of database server carries out what was gathered.
///
/// Every call is given a connection that nobody else uses meanwhile. A returned future may be dropped at any await;
/// the connection is then never used again.
pub trait Engine: fmt::Debug + Send + Sync + 'static {
    /// One connection to the server.
    type Connection: fmt::Debug + Send;

    /// The server's name for people, as in `PostgreSQL`.
    const NAME: &'static str;

    /// What it puts around names: `"` or a backtick.
    const QUOTE: char;

    /// Reads where the server is, and what is to be said to it; connects to nothing.
    ///
    /// # Errors
    ///
    /// The URL is malformed, or asks for what is not built in. The error does not quote it.
    fn new(url: &str, table: Table, timeout: Duration) -> Result<Self, Cause>
    where
        Self: Sized;

    /// Connects.
    fn connect(&self) -> impl Future<Output = Result<Self::Connection, Failure>> + Send;

    /// Makes the schema, or brings it up to date; safe when many programs do it at once.
    fn migrate(&self, connection: &mut Self::Connection) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Whether the connection may be used: not if it is known to be gone.
    fn is_alive(connection: &mut Self::Connection) -> impl Future<Output = bool> + Send;

    /// The server's own time, in milliseconds since 1970.
    fn clock(&self, connection: &mut Self::Connection) -> impl Future<Output = Result<i64, Failure>> + Send;

    /// Those of these records that are there, in any order. No key comes twice. A record that cannot be decoded is a
    /// failure of its own.
    fn load(
        &self,
        connection: &mut Self::Connection,
        keys: &[StoreKey],
    ) -> impl Future<Output = Result<Vec<Loaded>, Failure>> + Send;

    /// The first `size` records of one owner after a key, by the order of their keys; fewer only at the end. A record that
    /// cannot be decoded is a failure of its own.
    fn owned_by(
        &self,
        connection: &mut Self::Connection,
        whose: &Whose,
        after: &[u8],
        size: usize,
    ) -> impl Future<Output = Result<Vec<Row<Summary, Failure>>, Failure>> + Send;

    /// Whether an owner has a record of another lineage than the `spared` one, in a snapshot that is taken now.
    fn has_others(
        &self,
        connection: &mut Self::Connection,
        whose: &Whose,
        spared: Option<&Lineage>,
    ) -> impl Future<Output = Result<bool, Failure>> + Send;

    /// The first `size` records after a key, by the order of their keys; fewer only at the end. A record that cannot be
    /// decoded is a failure of its own.
    fn page(
        &self,
        connection: &mut Self::Connection,
        after: &[u8],
        size: usize,
    ) -> impl Future<Output = Result<Vec<Row<Listed, Failure>>, Failure>> + Send;

    /// Carries out a group of writes as if one after the other, and says of each what it did. They are given in the order
    /// of their keys, so that two groups that lock records in that order never wait for each other in a circle; the
    /// answers stand in the same order.
    fn write(
        &self,
        connection: &mut Self::Connection,
        writes: &[Write],
    ) -> impl Future<Output = Vec<Result<Done, Failure>>> + Send;
}

/// A record that is there, under its key.
pub type Loaded = (StoreKey, Result<Stored, Failure>);

/// An owner, and the purpose of the records that are meant.
#[derive(Debug, Clone)]
pub struct Whose {
    /// What the records are for.
    pub purpose: Purpose,
    /// Whose they are.
    pub owner: Owner,
}

/// One write.
#[derive(Debug, Clone)]
pub enum Write {
    /// Writes a record where there is none.
    Create {
        /// Where.
        key: StoreKey,
        /// The version that it shall have.
        version: Version,
        /// What.
        record: Record,
    },
    /// Writes a record over the one with the expected version.
    Replace {
        /// Where.
        key: StoreKey,
        /// The version that must be there.
        expected: Version,
        /// The version that it shall have.
        version: Version,
        /// What.
        record: Record,
    },
    /// Moves the two times of the record with the expected version.
    Touch {
        /// Where.
        key: StoreKey,
        /// The version that must be there.
        expected: Version,
        /// In milliseconds since 1970.
        last_seen: i64,
        /// In milliseconds since 1970.
        expires_at: i64,
    },
    /// Removes the record with the expected version.
    Delete {
        /// Where.
        key: StoreKey,
        /// The version that must be there.
        expected: Version,
    },
    /// Removes all records of one owner that it finds, except those of one lineage.
    DeleteOwnedBy {
        /// Whose.
        whose: Whose,
        /// All but those of this lineage.
        spared: Option<Lineage>,
    },
    /// One step of sweeping.
    Sweep {
        /// In milliseconds since 1970: what expires at or before it goes.
        now: i64,
        /// How many records may be removed at most.
        at_most: i64,
    },
}

/// What a write did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// How many records it wrote or removed.
    pub rows: u64,
    /// Of a step of sweeping: there is more to look at.
    pub has_more: bool,
}

/// Why something could not be done, shared by all requests of a group that failed together.
#[derive(Debug, Clone)]
pub struct Failure {
    pub(crate) cause: Arc<dyn StdError + Send + Sync>,
    pub(crate) state: State,
}

/// What a failure has left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// The server has refused it, whole: nothing was applied.
    Refused,
    /// The server has refused it, whole, because others were in its way; it may go well the next time.
    InTheWay,
    /// The server has done what was asked, and its row cannot be decoded.
    Unreadable,
    /// Nobody knows.
    Unknown,
}

impl Failure {
    /// The server said that it has applied nothing of it, and would say so again.
    pub fn refused(cause: impl Into<Cause>) -> Self {
        Self::new(cause, State::Refused)
    }

    /// The server said that it has applied nothing of it, because others were in its way: a deadlock, or two
    /// transactions that could not be put into an order.
    pub fn in_the_way(cause: impl Into<Cause>) -> Self {
        Self::new(cause, State::InTheWay)
    }

    /// A row was there that no store wrote, or it was damaged since.
    pub fn unreadable(cause: impl Into<Cause>) -> Self {
        Self::new(cause, State::Unreadable)
    }

    /// The connection broke, or something else that leaves the outcome open; the connection is given up.
    pub fn unknown(cause: impl Into<Cause>) -> Self {
        Self::new(cause, State::Unknown)
    }

    /// The error of one request that failed so.
    #[must_use]
    pub fn to_error(&self, doing: &'static str) -> StoreError {
        let cause = Arc::clone(&self.cause);
        match self.state {
            State::Unreadable => StoreError::unreadable(cause),
            State::Refused | State::InTheWay | State::Unknown => StoreError::new(doing, cause),
        }
    }

    fn new(cause: impl Into<Cause>, state: State) -> Self {
        Self { cause: Arc::from(cause.into()), state }
    }
}

impl Done {
    /// So many records, and nothing more to look at.
    #[must_use]
    pub fn rows(rows: u64) -> Self {
        Self { rows, has_more: false }
    }
}

impl Write {
    /// Which record it is about, if it is about one.
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

    /// How many bytes it is about.
    pub(crate) fn size(&self) -> usize {
        let (Self::Create { record, .. } | Self::Replace { record, .. }) = self else { return 0 };
        record.data.len() + record.label.as_ref().map_or(0, |label| label.len())
    }

    /// The time at which it was asked for, in milliseconds, if it tells.
    pub(crate) fn present(&self) -> Option<i64> {
        match self {
            Self::Create { record, .. } | Self::Replace { record, .. } => Some(millis(record.last_seen)),
            Self::Touch { last_seen, .. } => Some(*last_seen),
            Self::Delete { .. } | Self::DeleteOwnedBy { .. } | Self::Sweep { .. } => None,
        }
    }
}
