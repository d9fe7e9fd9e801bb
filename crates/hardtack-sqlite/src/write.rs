use hardtack_core::protocol::{Lineage, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{Version, millis};

/// A write to the database. A `Replace` or `Touch` executes a second statement if the first matches no row. A `Sweep`
/// always executes two statements, and every other write executes one.
#[derive(Debug)]
pub(crate) enum Write {
    Create { key: StoreKey, record: Record },
    Replace { key: StoreKey, expected: Version, record: Record },
    Touch { key: StoreKey, expected: Version, last_seen: i64, expires_at: i64 },
    Delete { key: StoreKey, expected: Version },
    DeleteOwnedBy { purpose: Purpose, owner: Owner, spared: Option<Lineage> },
    Sweep { now: i64, at_most: i64 },
}

/// The result of a write: the number of records that it wrote or removed, and their new version.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WriteOutcome {
    pub(crate) rows: usize,
    pub(crate) version: Version,
    /// For a sweep step: whether more records remain to be examined.
    pub(crate) has_more: bool,
}

impl Write {
    pub(crate) fn doing(&self) -> &'static str {
        match self {
            Self::Create { .. } => "creating a session",
            Self::Replace { .. } => "saving a session",
            Self::Touch { .. } => "touching a session",
            Self::Delete { .. } => "deleting a session",
            Self::DeleteOwnedBy { .. } => "deleting a user's sessions",
            Self::Sweep { .. } => "sweeping expired sessions",
        }
    }

    /// Returns the time of the request, if the write contains one.
    pub(crate) fn request_time(&self) -> Option<i64> {
        match self {
            Self::Create { record, .. } | Self::Replace { record, .. } => Some(millis(record.last_seen)),
            Self::Touch { last_seen, .. } => Some(*last_seen),
            Self::Delete { .. } | Self::DeleteOwnedBy { .. } | Self::Sweep { .. } => None,
        }
    }
}
