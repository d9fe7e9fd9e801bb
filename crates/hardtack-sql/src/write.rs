use hardtack_core::protocol::{Lineage, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{Version, millis};

/// The number of records that one sweep step examines.
pub const SWEEP_STEP: i64 = 256;

/// The maximum length of an owner in bytes: what every server's index can hold in addition to the purpose and the key.
pub const MAX_OWNER_BYTES: usize = 2500;

/// What [`Write::DeleteOwnedBy`] does, for errors.
pub(crate) const ENDING: &str = "deleting a user's sessions";

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

    /// Returns the time of the request in milliseconds since 1970, if the write contains it.
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
