use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::protocol::{Login, Owner, Purpose, Record, StoreKey};
use crate::store::{Listed, Stored, Summary, Version};

use super::slab::NONE;

/// A session in the memory store: 160 bytes plus the data, which is shared with the request that wrote it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: StoreKey,
    pub(super) version: u64,
    pub(super) data: Arc<[u8]>,
    pub(super) purpose: Purpose,
    pub(super) login: Option<Login>,
    pub(super) label: Option<Arc<str>>,
    pub(super) created_at: Millis,
    pub(super) last_seen: Millis,
    pub(super) expires_at: Millis,
    pub(super) deadline: Millis,
    /// The time by which the entry is sorted in the expiry order. Never later than `expires_at`.
    pub(super) sweep_at: Millis,
    /// The neighbors in the list of entries with the same owner, or `NONE`.
    pub(super) previous_owned: u32,
    pub(super) next_owned: u32,
}

impl Entry {
    pub(super) fn new(key: StoreKey, version: u64, record: &Record) -> Self {
        Self {
            key,
            version,
            data: Arc::clone(&record.data),
            purpose: record.purpose.clone(),
            login: record.login.clone(),
            label: record.label.clone(),
            created_at: Millis::from(record.created_at),
            last_seen: Millis::from(record.last_seen),
            expires_at: Millis::from(record.expires_at),
            deadline: Millis::from(record.deadline),
            sweep_at: Millis::from(record.expires_at),
            previous_owned: NONE,
            next_owned: NONE,
        }
    }

    pub(super) fn stored(&self) -> Stored {
        Stored {
            record: Record {
                purpose: self.purpose.clone(),
                data: Arc::clone(&self.data),
                login: self.login.clone(),
                label: self.label.clone(),
                created_at: self.created_at.into(),
                last_seen: self.last_seen.into(),
                expires_at: self.expires_at.into(),
                deadline: self.deadline.into(),
            },
            version: Version::new(self.version),
        }
    }

    pub(super) fn is_of(&self, purpose: &Purpose, owner: &Owner) -> bool {
        self.purpose == *purpose && self.login.as_ref().is_some_and(|login| login.owner == *owner)
    }

    pub(super) fn rank(&self) -> Rank {
        if self.login.is_some() { Rank::Users } else { Rank::Guests }
    }

    pub(super) fn summary(&self) -> Summary {
        Summary {
            key: self.key,
            version: Version::new(self.version),
            login: self.login.clone(),
            label: self.label.clone(),
            created_at: self.created_at.into(),
            last_seen: self.last_seen.into(),
            expires_at: self.expires_at.into(),
        }
    }

    pub(super) fn listed(&self) -> Listed {
        Listed::of(self.key, &self.stored())
    }
}

/// A time in whole milliseconds since 1970, which takes half the space of a `SystemTime`. Earlier times are treated as
/// 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Millis(u64);

impl From<SystemTime> for Millis {
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(since.as_secs().saturating_mul(1000).saturating_add(since.subsec_millis().into()))
    }
}

impl From<Millis> for SystemTime {
    /// Converts back to a `SystemTime`. The addition cannot overflow, because a `Millis` is either the start of 1970 or
    /// no later than the `SystemTime` from which it was created.
    fn from(time: Millis) -> Self {
        UNIX_EPOCH + Duration::from_millis(time.0)
    }
}

/// An entry's position in the expiry order: 42 bits of milliseconds, 22 bits of slot number.
///
/// With eight bytes per position, the tree in a shard stays small. All times after May 15, 2109 are sorted as that
/// date, so code that uses this order must also check the entry's own time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Due(u64);

impl Due {
    /// The number of slot numbers, and therefore the maximum number of entries in a shard.
    pub(super) const SLOTS: usize = 1 << Self::SLOT_BITS;

    const SLOT_BITS: u32 = 22;
    const LATEST: u64 = u64::MAX >> Self::SLOT_BITS;

    pub(super) fn new(sweep_at: Millis, slot: u32) -> Self {
        Self(sweep_at.0.min(Self::LATEST) << Self::SLOT_BITS | u64::from(slot))
    }

    pub(super) fn slot(self) -> u32 {
        (self.0 & (Self::SLOTS as u64 - 1)) as u32
    }
}

/// Whether sessions have a logged-in user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rank {
    /// Sessions without an owner.
    Guests,
    /// Sessions with an owner.
    Users,
}

impl Rank {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Guests => Self::Users,
            Self::Users => Self::Guests,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_stays_small() {
        assert_eq!(size_of::<Entry>(), 160);
    }

    #[test]
    fn times_come_back_to_the_millisecond() {
        let time = UNIX_EPOCH + Duration::new(1_800_000_000, 123_456_789);
        let back = SystemTime::from(Millis::from(time));
        assert_eq!(back, UNIX_EPOCH + Duration::new(1_800_000_000, 123_000_000));
        assert_eq!(Millis::from(UNIX_EPOCH - Duration::from_secs(1)), Millis(0));
    }

    #[test]
    fn due_sorts_by_time_then_slot_and_far_times_last() {
        let due = |millis, slot| Due::new(Millis(millis), slot);
        assert!(due(1, 4_000_000) < due(2, 0));
        assert!(due(2, 0) < due(2, 1));
        assert!(due(2, 1) < due(u64::MAX, 0));
        assert_eq!(due(u64::MAX, 77).slot(), 77);
    }
}
