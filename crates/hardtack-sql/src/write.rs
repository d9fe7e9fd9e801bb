use hardtack_core::protocol::{Lineage, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{Version, millis};

/// The maximum number of records that one sweep step examines.
pub const SWEEP_STEP: i64 = 256;

/// The maximum length of an owner, in bytes. An index entry with an owner of this length, a purpose, and a key fits
/// into the index on every server.
pub const MAX_OWNER_BYTES: usize = 2500;

/// The description of [`Write::DeleteOwnedBy`] in errors.
pub(crate) const ENDING: &str = "deleting a user's sessions";

/// The owner and the purpose of a set of records.
#[derive(Debug, Clone)]
pub struct OwnerKey {
    /// The purpose of the records.
    pub purpose: Purpose,
    /// The owner of the records.
    pub owner: Owner,
}

/// A write to the table.
#[derive(Debug, Clone)]
pub enum Write {
    /// Writes a record unless there is already one under the key.
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
    /// Updates the times of last use and expiry of the record with the expected version.
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
    /// Removes all records of one owner that a single statement finds, except those with the spared lineage.
    DeleteOwnedBy {
        /// The owner and the purpose.
        owner_key: OwnerKey,
        /// The lineage to keep, if any.
        spared: Option<Lineage>,
    },
    /// Runs one sweep step.
    Sweep {
        /// The current time, in milliseconds since 1970. A record that expires at or before this time is removed.
        now: i64,
        /// The maximum number of records to remove.
        at_most: i64,
    },
}

/// The result of a write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WriteOutcome {
    /// The number of records that the write created, changed, or removed.
    pub rows: u64,
    /// Whether a sweep step left more records to examine; `false` for other writes.
    pub has_more: bool,
}

impl WriteOutcome {
    /// Returns the result of a write that created, changed, or removed `rows` records, with nothing left to examine.
    #[must_use]
    pub fn rows(rows: u64) -> Self {
        Self { rows, has_more: false }
    }
}

impl Write {
    /// Returns the key of the record that the write concerns, or `None` if the write does not concern a single record.
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

    /// Returns the time of the request in milliseconds since 1970, if the write contains one.
    pub(crate) fn request_time(&self) -> Option<i64> {
        match self {
            Self::Create { record, .. } | Self::Replace { record, .. } => Some(millis(record.last_seen)),
            Self::Touch { last_seen, .. } => Some(*last_seen),
            Self::Delete { .. } | Self::DeleteOwnedBy { .. } | Self::Sweep { .. } => None,
        }
    }

    /// Returns its approximate size in bytes.
    pub(crate) fn size(&self) -> usize {
        let (Self::Create { record, .. } | Self::Replace { record, .. }) = self else { return 0 };
        record.data.len() + record.label.as_ref().map_or(0, |label| label.len())
    }
}
