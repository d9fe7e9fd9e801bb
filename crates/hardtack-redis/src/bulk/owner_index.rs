use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join_all, try_join_all};
use hardtack_core::protocol::{Lineage, StoreKey};
use hardtack_core::store::{StoreError, Summary};
use redis::{RedisResult, Value};

use crate::bulk::peek::{log_omitted, peek, unless_unreadable};
use crate::connection::server::CommandKind;
use crate::error::{failed, unexpected_reply};
use crate::record::encoding::{Head, Ticket};
use crate::record::keys::{Keys, OwnerKey};
use crate::record::ttl::Ttl;
use crate::request::script;
use crate::servers::Servers;

/// The index of each owner's records. For each owner and purpose, it contains a sorted set of entries, ordered by the
/// time at which they were written.
///
/// In a Cluster, the index may be on a different node from the records, so it can be out of date, but only in one way:
/// an entry is written before its record and removed after it. An entry may therefore have no record, but a record
/// always has an entry, and readers of entries check each record.
///
/// An entry without a record is removed by the operation that removed the record or failed to create it. If that
/// operation was interrupted, the entry is removed at least an hour after it was written, by a listing or, if there are
/// many entries, by a login, or together with the whole set after the latest deadline of the owner's records.
#[derive(Debug, Clone)]
pub(crate) struct OwnerIndex {
    servers: Servers,
    keys: Arc<Keys>,
}

/// An entry of the index: the record's key, and a ticket that the record also contains. A record that moves from one
/// owner to another and back gets a new ticket each time, so an old entry can be removed without affecting the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IndexEntry([u8; ENTRY_BYTES]);

const ENTRY_BYTES: usize = StoreKey::LEN + 8;

const LISTING: &str = "listing an owner's sessions";
const REVOKING: &str = "deleting an owner's sessions";

/// The minimum age, in milliseconds, at which an entry without a record is removed. A younger entry may belong to a
/// record that is still being written. No write takes this long, even if it is buffered on the way.
const MIN_STALE_AGE_MS: &str = "3600000";

/// The number of entries above which each login checks whether some of them still have records.
const MAX_TIDY_ENTRIES: i64 = 32;

/// The number of entries that a login checks. It is greater than one, so that a login removes entries faster than it
/// adds them.
const TIDY_SAMPLE: &str = "4";

/// The maximum number of records that are requested concurrently.
const MAX_CONCURRENT_READS: usize = 128;

/// The maximum number of passes over all entries before `delete_owned_by` gives up.
const MAX_PASSES: usize = 64;

impl OwnerIndex {
    pub(crate) fn new(servers: Servers, keys: Keys) -> Self {
        Self { servers, keys: Arc::new(keys) }
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Adds an entry to an owner's index.
    pub(crate) async fn add(&self, owner: &OwnerKey, entry: IndexEntry, ttl: Ttl) -> RedisResult<()> {
        let (index, ttl) = (self.keys.owner_index(owner), ttl.text());
        let arguments: [&[u8]; 2] = [entry.as_bytes(), &ttl];
        let answer = self.servers.run(&script::INDEX, &[&index], &arguments, CommandKind::Write).await?;
        if let Value::Int(entries) = answer {
            self.tidy_if_large(owner, entries);
        }
        Ok(())
    }

    /// Returns up to `size` of the owner's records whose keys come after `after`, in key order. This reads all entries,
    /// which are 40 bytes each, but only as many records as the page needs.
    pub(crate) async fn owned_by(
        &self,
        owner: &OwnerKey,
        after: Option<&StoreKey>,
        size: usize,
    ) -> Result<Vec<Summary>, StoreError> {
        let mut entries = self.entries(owner, LISTING).await?;
        entries.retain(|entry| after.is_none_or(|after| entry.key() > *after));
        entries.sort_unstable_by_key(IndexEntry::key);
        let (mut found, mut left_out) = (Vec::new(), None);
        let mut stale = Vec::new();
        while found.len() < size && !entries.is_empty() {
            let count = entries.len().min(MAX_CONCURRENT_READS).min(size - found.len());
            let chunk: Vec<IndexEntry> = entries.drain(..count).collect();
            let peeked = join_all(chunk.iter().map(|entry| self.peek(owner, *entry))).await;
            for (entry, peek) in chunk.iter().zip(peeked) {
                match unless_unreadable(peek, &mut left_out)? {
                    Some(Some(summary)) => found.push(summary),
                    Some(None) => stale.push(*entry),
                    // The owner of a record that cannot be decoded is unknown, so the entry is kept.
                    None => {}
                }
            }
        }
        log_omitted(left_out.as_ref());
        self.remove_stale_soon(owner, stale);
        Ok(found)
    }

    /// Deletes the owner's records in several passes over the entries, until a pass removes nothing and finds the same
    /// records as the pass before, apart from spared sessions. Fails if other requests keep writing the owner's
    /// sessions during all `MAX_PASSES` passes.
    ///
    /// One pass is not enough: a session may be renewed during the pass, before the pass reaches it. The pass misses
    /// the successor if the successor's entry was added after the entries were read, or if the successor's key was
    /// checked before its record was written.
    pub(crate) async fn delete_owned_by(
        &self,
        owner: &OwnerKey,
        spared: Option<&Lineage>,
    ) -> Result<u64, StoreError> {
        let index = self.keys.owner_index(owner);
        let mut deleted = 0;
        let mut before = BTreeMap::new();
        for pass in 0..MAX_PASSES {
            if pass > 1 {
                // Another client may renew sessions at the same pace, always just ahead of this loop. A random pause
                // breaks the pattern.
                tokio::time::sleep(Duration::from_micros(rand::random_range(0..2000))).await;
            }
            let entries = self.entries(owner, REVOKING).await?;
            let mut keys: Vec<StoreKey> = entries.iter().map(IndexEntry::key).collect();
            keys.sort_unstable();
            keys.dedup();
            let mut states = BTreeMap::new();
            for chunk in keys.chunks(MAX_CONCURRENT_READS) {
                let revoked = try_join_all(chunk.iter().map(|key| self.revoke(owner, *key, spared))).await?;
                states.extend(chunk.iter().copied().zip(revoked));
            }
            // A spared session may be renewed at any time, and its successors are spared too, so changes to it are
            // ignored.
            states.retain(|_, state| *state != RevokeState::Spared);
            let removed: Vec<IndexEntry> =
                states.iter().filter_map(|(key, state)| state.removed_entry(key)).collect();
            if removed.is_empty() && states.iter().all(|(key, state)| before.get(key) == Some(state)) {
                return Ok(deleted);
            }
            deleted += removed.len() as u64;
            let mut command = redis::cmd("ZREM");
            command.arg(&index).arg(removed.iter().map(IndexEntry::as_bytes).collect::<Vec<_>>());
            if !removed.is_empty() {
                self.servers.send(&index, &command, CommandKind::Write).await.map_err(failed(REVOKING))?;
            }
            states.values_mut().for_each(RevokeState::forget_removal);
            before = states;
        }
        Err(StoreError::new(REVOKING, "other requests keep writing the owner's sessions"))
    }

    /// Removes an entry that has no record, in the background. A failure is ignored, because stale entries are also
    /// removed later.
    pub(crate) fn remove_soon(&self, owner: &OwnerKey, entry: IndexEntry) {
        let (this, index) = (self.clone(), self.keys.owner_index(owner));
        tokio::spawn(async move {
            let mut command = redis::cmd("ZREM");
            command.arg(&index).arg(entry.as_bytes());
            drop(this.servers.send(&index, &command, CommandKind::Read).await);
        });
    }

    /// Removes a record's entry from the index of its former owner, as [`remove_soon`](Self::remove_soon) does.
    /// `former` is a script's result: the ticket, followed by the owner key.
    pub(crate) fn remove_former_soon(&self, key: &StoreKey, former: &[u8]) {
        let Some((ticket, owner)) = former.split_first_chunk::<8>() else { return };
        if let Some(owner) = OwnerKey::read(owner) {
            self.remove_soon(&owner, IndexEntry::new(key, *ticket));
        }
    }

    /// Checks a few entries of an owner who has many, in the background, and removes old entries without a record.
    pub(crate) fn tidy_if_large(&self, owner: &OwnerKey, entries: i64) {
        if entries <= MAX_TIDY_ENTRIES {
            return;
        }
        let (this, owner) = (self.clone(), owner.clone());
        tokio::spawn(async move {
            let index = this.keys.owner_index(&owner);
            let mut command = redis::cmd("ZRANDMEMBER");
            command.arg(&index).arg(TIDY_SAMPLE);
            let Ok(answer) = this.servers.read(&index, &command).await else { return };
            let mut stale = Vec::new();
            for entry in parse_entries(answer).unwrap_or_default() {
                if let Ok(None) = this.peek(&owner, entry).await {
                    stale.push(entry);
                }
            }
            this.remove_stale(&owner, &stale).await;
        });
    }

    /// Returns the record of an entry, or `None` if the record does not belong to this owner or does not contain the
    /// entry's ticket.
    async fn peek(&self, owner: &OwnerKey, entry: IndexEntry) -> Result<Option<Summary>, StoreError> {
        let key = self.keys.record(&entry.key());
        let Some((bytes, _)) = peek(&self.servers, &key, LISTING).await? else { return Ok(None) };
        let head = Head::read(&bytes)?;
        let is_theirs = head.is_of(owner) && head.ticket == entry.ticket();
        Ok(is_theirs.then(|| head.summary(entry.key())))
    }

    /// Returns all entries of an owner.
    async fn entries(&self, owner: &OwnerKey, doing: &'static str) -> Result<Vec<IndexEntry>, StoreError> {
        let index = self.keys.owner_index(owner);
        let mut command = redis::cmd("ZRANGE");
        command.arg(&index).arg(0).arg(-1);
        parse_entries(self.servers.read(&index, &command).await.map_err(failed(doing))?)
    }

    async fn revoke(
        &self,
        owner: &OwnerKey,
        key: StoreKey,
        spared: Option<&Lineage>,
    ) -> Result<RevokeState, StoreError> {
        let (key, spared) = (self.keys.record(&key), spared.map_or(&[][..], |lineage| lineage.as_bytes()));
        let arguments = [owner.as_bytes(), spared];
        let answer = self.servers.run(&script::REVOKE, &[&key], &arguments, CommandKind::Write).await;
        let Value::BulkString(bytes) = answer.map_err(failed(REVOKING))? else {
            return Err(unexpected_reply(REVOKING));
        };
        match bytes.split_first() {
            None => Ok(RevokeState::Absent),
            Some((b'0', version)) => Ok(RevokeState::Others(version.to_vec())),
            Some((b'2', _)) => Ok(RevokeState::Spared),
            Some((_, ticket)) => {
                ticket.try_into().map(RevokeState::Removed).map_err(|error| StoreError::new(REVOKING, error))
            }
        }
    }

    fn remove_stale_soon(&self, owner: &OwnerKey, entries: Vec<IndexEntry>) {
        if entries.is_empty() {
            return;
        }
        let (this, owner) = (self.clone(), owner.clone());
        tokio::spawn(async move { this.remove_stale(&owner, &entries).await });
    }

    /// Removes entries that have no record, unless they are so young that their records may not have been written yet.
    /// A failure is ignored, because later calls find the remaining entries again.
    async fn remove_stale(&self, owner: &OwnerKey, entries: &[IndexEntry]) {
        let index = self.keys.owner_index(owner);
        for chunk in entries.chunks(MAX_CONCURRENT_READS) {
            let mut arguments = vec![MIN_STALE_AGE_MS.as_bytes()];
            arguments.extend(chunk.iter().map(IndexEntry::as_bytes));
            drop(self.servers.run(&script::REMOVE_STALE, &[&index], &arguments, CommandKind::Read).await);
        }
    }
}

/// The state of the record of an entry, after an attempt to remove the record.
#[derive(Debug, PartialEq, Eq)]
enum RevokeState {
    Absent,
    /// A record with this version that belongs to another owner or to none.
    Others(Vec<u8>),
    /// The owner's record, which was spared.
    Spared,
    /// The owner's record, which was removed. It had this ticket.
    Removed(Ticket),
}

impl RevokeState {
    fn removed_entry(&self, key: &StoreKey) -> Option<IndexEntry> {
        match self {
            Self::Removed(ticket) => Some(IndexEntry::new(key, *ticket)),
            Self::Absent | Self::Others(_) | Self::Spared => None,
        }
    }

    fn forget_removal(&mut self) {
        if let Self::Removed(_) = self {
            *self = Self::Absent;
        }
    }
}

impl IndexEntry {
    pub(crate) fn new(key: &StoreKey, ticket: Ticket) -> Self {
        let mut bytes = [0; ENTRY_BYTES];
        bytes[..StoreKey::LEN].copy_from_slice(key.as_bytes());
        bytes[StoreKey::LEN..].copy_from_slice(&ticket);
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn key(&self) -> StoreKey {
        let mut key = [0; StoreKey::LEN];
        key.copy_from_slice(&self.0[..StoreKey::LEN]);
        StoreKey::from_bytes(key)
    }

    fn ticket(&self) -> Ticket {
        let mut ticket = Ticket::default();
        ticket.copy_from_slice(&self.0[StoreKey::LEN..]);
        ticket
    }
}

fn parse_entries(answer: Value) -> Result<Vec<IndexEntry>, StoreError> {
    let Value::Array(entries) = answer else { return Err(unexpected_reply(LISTING)) };
    let read = |entry| match entry {
        Value::BulkString(bytes) => <[u8; ENTRY_BYTES]>::try_from(bytes).map(IndexEntry).ok(),
        _ => None,
    };
    entries.into_iter().map(|entry| read(entry).ok_or_else(|| unexpected_reply(LISTING))).collect()
}
