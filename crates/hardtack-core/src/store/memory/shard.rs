use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use crate::protocol::{Lineage, Login, Owner, Purpose, Record, StoreKey};
use crate::store::{Listed, Stored, Summary, Swap, Version};

use super::entry::{Due, Entry, Millis, Rank};
use super::index::HashIndex;
use super::metrics::MemoryMetrics;
use super::slab::{NONE, Slab};

/// A part of the memory store under one lock, with all indexes of its own entries.
///
/// All indexes of an entry are in the entry's own shard, so each operation on a key takes one lock, and no index
/// elsewhere can contain stale entries.
///
/// Shards are aligned so that the locks of two shards never share a cache line.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Shard {
    entries: Slab<Entry>,
    by_key: HashIndex,
    /// The first entry of each owner's list.
    by_owner: HashIndex,
    /// The entries without an owner, sorted by `sweep_at`, which is never later than their expiry.
    ///
    /// Each use of a session extends its expiry without updating the tree. Code that reaches the entry before it has
    /// expired corrects its position. Such a correction happens once per idle timeout, instead of at every write.
    guests_by_expiry: BTreeSet<Due>,
    /// The entries with an owner, sorted in the same way. Because there are two trees, a guest to evict is found
    /// without a search.
    users_by_expiry: BTreeSet<Due>,
    owner_hasher: RandomState,
    /// The version that was assigned last. A key always maps to the same shard, so a counter per shard never assigns
    /// the same version to a key twice.
    last_version: u64,
    totals: MemoryMetrics,
}

/// The result of one step of a sweep.
#[derive(Debug, Clone, Copy)]
pub(super) struct Swept {
    pub(super) removed: usize,
    /// Whether the step stopped at its limit, so that expired records may remain.
    pub(super) has_more: bool,
}

impl Shard {
    /// Creates an empty shard. Visitors choose the names of owners, so the names are hashed with a secret, as in a
    /// `HashMap`.
    pub(super) fn new(owner_hasher: RandomState) -> Self {
        Self {
            entries: Slab::new(),
            by_key: HashIndex::new(),
            by_owner: HashIndex::new(),
            guests_by_expiry: BTreeSet::new(),
            users_by_expiry: BTreeSet::new(),
            owner_hasher,
            last_version: 0,
            totals: MemoryMetrics::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn metrics(&self) -> MemoryMetrics {
        MemoryMetrics { live: self.entries.len() as u64, ..self.totals }
    }

    pub(super) fn load(&mut self, key: &StoreKey) -> Option<Stored> {
        self.totals.loads += 1;
        self.find(key).map(|slot| self.entries[slot].stored())
    }

    /// Returns whether there is a record under `key`. If so, counts the `create` as refused.
    pub(super) fn refuses(&mut self, key: &StoreKey) -> bool {
        let found = self.find(key).is_some();
        self.totals.refused += u64::from(found);
        found
    }

    /// Inserts a record under a key that has none.
    pub(super) fn insert(&mut self, key: &StoreKey, record: &Record) -> Version {
        self.totals.creates += 1;
        let version = self.next_version();
        let entry = Entry::new(*key, version, record);
        let (expires_at, rank) = (entry.expires_at, entry.rank());
        let slot = self.entries.insert(entry);
        self.by_key.insert(key_hash(key), slot);
        self.by_expiry(rank).insert(Due::new(expires_at, slot));
        self.link_owner(slot);
        Version::new(version)
    }

    pub(super) fn replace(&mut self, key: &StoreKey, expected: Version, record: &Record) -> Swap {
        let Some(slot) = self.find_version(key, expected) else { return Swap::Refused };
        self.totals.replaces += 1;
        let version = self.next_version();
        self.move_expiry(slot, record.expires_at.into());
        let owner_changes = self.entries[slot].login.as_ref().map(|login| &login.owner) != record.owner();
        if owner_changes {
            self.unlink_owner(slot);
        }
        let entry = &mut self.entries[slot];
        entry.version = version;
        entry.data = Arc::clone(&record.data);
        if entry.label != record.label {
            entry.label.clone_from(&record.label);
        }
        entry.created_at = record.created_at.into();
        entry.last_seen = record.last_seen.into();
        entry.deadline = record.deadline.into();
        if owner_changes {
            let (due, before) = (Due::new(entry.sweep_at, slot), entry.rank());
            entry.login.clone_from(&record.login);
            let after = entry.rank();
            if before != after {
                self.by_expiry(before).remove(&due);
                self.by_expiry(after).insert(due);
            }
            self.link_owner(slot);
        } else if let (Some(login), Some(lineage)) = (&mut entry.login, record.lineage()) {
            login.lineage = *lineage;
        }
        Swap::Done(Version::new(version))
    }

    pub(super) fn touch(
        &mut self,
        key: &StoreKey,
        expected: Version,
        last_seen: Millis,
        expires_at: Millis,
    ) -> bool {
        let Some(slot) = self.find_version(key, expected) else { return false };
        self.totals.touches += 1;
        self.move_expiry(slot, expires_at);
        self.entries[slot].last_seen = last_seen;
        true
    }

    pub(super) fn delete(&mut self, key: &StoreKey, expected: Version) -> bool {
        let Some(slot) = self.find_version(key, expected) else { return false };
        self.totals.deletes += 1;
        self.remove(slot);
        true
    }

    /// Appends a summary of each of the owner's records in this shard whose key comes after `after`.
    pub(super) fn summaries(
        &self,
        (purpose, owner): (&Purpose, &Owner),
        after: Option<&StoreKey>,
        into: &mut Vec<Summary>,
    ) {
        let mut next = self.first_owned(purpose, owner);
        while let Some(slot) = next {
            let entry = &self.entries[slot];
            if after.is_none_or(|after| entry.key > *after) {
                into.push(entry.summary());
            }
            next = some_slot(entry.next_owned);
        }
    }

    /// Appends records, starting at the slot `from`, until there are `at_most`, and examines at most `looks` slots.
    /// Returns the slot with which to continue, or `None` after the last one.
    ///
    /// A record keeps its slot as long as it exists, so no record is skipped.
    pub(super) fn list(&self, from: u32, at_most: usize, looks: u32, into: &mut Vec<Listed>) -> Option<u32> {
        let slots = self.entries.slots();
        let end = from.saturating_add(looks).min(slots);
        for slot in from..end {
            if into.len() >= at_most {
                return Some(slot);
            }
            into.extend(self.entries.get(slot).map(Entry::listed));
        }
        (end < slots).then_some(end)
    }

    /// Removes the owner's records in this shard, except those with the `spared` lineage.
    pub(super) fn delete_owned_by(
        &mut self,
        purpose: &Purpose,
        owner: &Owner,
        spared: Option<&Lineage>,
    ) -> usize {
        let before = self.entries.len();
        let mut next = self.first_owned(purpose, owner);
        while let Some(slot) = next {
            let entry = &self.entries[slot];
            next = some_slot(entry.next_owned);
            let lineage = entry.login.as_ref().map(|login| &login.lineage);
            if spared.is_none() || lineage != spared {
                self.remove(slot);
            }
        }
        let removed = before - self.entries.len();
        self.totals.deletes += removed as u64;
        removed
    }

    /// Removes up to `at_most` records that expired at or before `now`, and examines at most `looks` records.
    pub(super) fn sweep(&mut self, now: Millis, at_most: usize, looks: usize) -> Swept {
        let mut removed = 0;
        let mut looked = 0;
        let has_more = loop {
            let Some(slot) = self.first_due().filter(|&slot| self.entries[slot].sweep_at <= now) else {
                break false;
            };
            if removed == at_most || looked == looks {
                break true;
            }
            looked += 1;
            if self.entries[slot].expires_at <= now {
                self.remove(slot);
                removed += 1;
            } else {
                self.reorder(slot);
            }
        };
        self.totals.swept += removed as u64;
        self.totals.longest_sweep_hold = self.totals.longest_sweep_hold.max(looked as u64);
        Swept { removed, has_more }
    }

    /// Removes the record of this rank that expires first. Examines at most `looks` records to find it; if they are not
    /// sufficient, removes the one among them that expires first. Returns `false` if there is no record of this rank.
    pub(super) fn evict(&mut self, rank: Rank, looks: usize) -> bool {
        let mut soonest: Option<u32> = None;
        for _ in 0..looks {
            let Some(slot) = self.by_expiry(rank).first().map(|due| due.slot()) else { return false };
            let entry = &self.entries[slot];
            if soonest.is_none_or(|other| entry.expires_at < self.entries[other].expires_at) {
                soonest = Some(slot);
            }
            if entry.sweep_at == entry.expires_at {
                break;
            }
            self.reorder(slot);
        }
        let Some(slot) = soonest else { return false };
        self.remove(slot);
        self.totals.evicted += 1;
        true
    }

    #[inline]
    fn find(&self, key: &StoreKey) -> Option<u32> {
        self.by_key.find(key_hash(key), |slot| self.entries[slot].key == *key)
    }

    /// Returns the slot of `key` if its record has the expected version. Otherwise, counts a refusal.
    fn find_version(&mut self, key: &StoreKey, expected: Version) -> Option<u32> {
        let found = self.find(key).filter(|&slot| self.entries[slot].version == expected.get());
        self.totals.refused += u64::from(found.is_none());
        found
    }

    fn next_version(&mut self) -> u64 {
        self.last_version += 1;
        self.last_version
    }

    fn move_expiry(&mut self, slot: u32, to: Millis) {
        let entry = &mut self.entries[slot];
        entry.expires_at = to;
        if to < entry.sweep_at {
            self.reorder(slot);
        }
    }

    fn by_expiry(&mut self, rank: Rank) -> &mut BTreeSet<Due> {
        match rank {
            Rank::Guests => &mut self.guests_by_expiry,
            Rank::Users => &mut self.users_by_expiry,
        }
    }

    fn first_due(&self) -> Option<u32> {
        let first = match (self.guests_by_expiry.first(), self.users_by_expiry.first()) {
            (Some(guest), Some(user)) => guest.min(user),
            (guest, user) => guest.or(user)?,
        };
        Some(first.slot())
    }

    /// Moves an entry to its correct position in the expiry order.
    fn reorder(&mut self, slot: u32) {
        let entry = &mut self.entries[slot];
        let from = std::mem::replace(&mut entry.sweep_at, entry.expires_at);
        let (to, rank) = (entry.sweep_at, entry.rank());
        let order = self.by_expiry(rank);
        order.remove(&Due::new(from, slot));
        order.insert(Due::new(to, slot));
    }

    fn remove(&mut self, slot: u32) {
        self.unlink_owner(slot);
        let entry = self.entries.remove(slot);
        self.by_key.remove(key_hash(&entry.key), slot);
        self.by_expiry(entry.rank()).remove(&Due::new(entry.sweep_at, slot));
    }

    fn owner_hash(&self, purpose: &Purpose, owner: &Owner) -> u32 {
        self.owner_hasher.hash_one((purpose, owner)) as u32
    }

    fn first_owned(&self, purpose: &Purpose, owner: &Owner) -> Option<u32> {
        let hash = self.owner_hash(purpose, owner);
        self.by_owner.find(hash, |slot| self.entries[slot].is_of(purpose, owner))
    }

    /// Inserts an unlinked entry into its owner's list. The entry becomes the second one, so that the index still
    /// points to the first.
    fn link_owner(&mut self, slot: u32) {
        let Entry { purpose, login: Some(Login { owner, .. }), .. } = &self.entries[slot] else { return };
        let hash = self.owner_hash(purpose, owner);
        let Some(first) =
            self.by_owner.find(hash, |other| other != slot && self.entries[other].is_of(purpose, owner))
        else {
            self.by_owner.insert(hash, slot);
            return;
        };
        // All of the owner's entries in this shard share one copy of the name.
        let name = self.entries[first].login.as_ref().map(|login| login.owner.clone());
        let next = std::mem::replace(&mut self.entries[first].next_owned, slot);
        let entry = &mut self.entries[slot];
        if let (Some(login), Some(name)) = (&mut entry.login, name) {
            login.owner = name;
        }
        entry.previous_owned = first;
        entry.next_owned = next;
        if next != NONE {
            self.entries[next].previous_owned = slot;
        }
    }

    /// Removes an entry from its owner's list, if it is in one.
    fn unlink_owner(&mut self, slot: u32) {
        let entry = &mut self.entries[slot];
        let previous = std::mem::replace(&mut entry.previous_owned, NONE);
        let next = std::mem::replace(&mut entry.next_owned, NONE);
        if next != NONE {
            self.entries[next].previous_owned = previous;
        }
        if previous != NONE {
            self.entries[previous].next_owned = next;
        } else if let Entry { purpose, login: Some(Login { owner, .. }), .. } = &self.entries[slot] {
            let hash = self.owner_hash(purpose, owner);
            if next == NONE {
                self.by_owner.remove(hash, slot);
            } else {
                self.by_owner.rename(hash, slot, next);
            }
        }
    }
}

/// Returns the bits of a key that serve as its hash.
///
/// A key is a digest, so its bytes are uniformly distributed, and an attacker cannot choose keys that collide. The low
/// bits of the first eight bytes select the shard, and the high bits select the position in the hash table.
pub(super) fn key_bits(key: &StoreKey) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *key.as_bytes();
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

fn key_hash(key: &StoreKey) -> u32 {
    (key_bits(key) >> 32) as u32
}

fn some_slot(slot: u32) -> Option<u32> {
    (slot != NONE).then_some(slot)
}
